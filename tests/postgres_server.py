"""A Postgres of the tests' own: made in a temporary folder, on a free port of 127.0.0.1, stopped by its process id."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenacity import Retrying, stop_after_delay, wait_fixed

START_S = 30


@contextmanager
def running() -> Iterator[str]:
    """Start a server and give its URL; stop it and remove its folder at the end."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    who: dict[str, Any] = {}
    if os.geteuid() == 0:  # Postgres refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        who = {"user": "postgres", "group": "postgres", "extra_groups": []}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    made = ["initdb", "--pgdata", data, "--username", "tests", "--auth", "trust", "--no-sync", "--encoding", "UTF8"]
    subprocess.run([binary(made[0]), *made[1:]], check=True, capture_output=True, cwd=folder, **who)
    flags = ["-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-k", folder, "-c", "fsync=off"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([binary("postgres"), *flags], cwd=folder, stdout=log, stderr=log, **who)
    try:
        for attempt in Retrying(stop=stop_after_delay(START_S), wait=wait_fixed(0.1), reraise=True):
            with attempt:
                ready = [binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
                subprocess.run(ready, check=True)
        yield f"postgresql://tests@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(START_S)
        shutil.rmtree(folder, ignore_errors=True)


def binary(name: str) -> Path:
    """One of Postgres's programs: from the path, or where Debian keeps the newest."""
    found = shutil.which(name)
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    assert found or installed, f"there is no {name}: install PostgreSQL (on Debian: apt install postgresql)"
    return Path(found) if found else installed[-1]
