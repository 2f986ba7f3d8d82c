"""A Postgres of the tests' own: made in a temporary folder, on a free port of one address, ended by its process id."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tenacity import Retrying, stop_after_delay, wait_fixed

START_S = 30


@contextmanager
def running() -> Iterator[str]:
    """Start a server and give its URL; stop it and remove its folder at the end."""
    server = PostgresServer()
    try:
        server.make()
        server.start()
        yield server.url
    finally:
        server.remove()


@dataclass
class PostgresServer:
    """One that may be stopped and started again with what it holds."""

    address: str = "127.0.0.1"
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="postgres-")))
    process: "subprocess.Popen[bytes] | None" = None

    def make(self) -> None:
        """An empty data folder, and a free port."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        with socket.socket() as free:
            free.bind((self.address, 0))
            self.port = free.getsockname()[1]
        made = ["--pgdata", self._data, "--username", "tests", "--auth", "trust", "--no-sync", "--encoding", "UTF8"]
        subprocess.run([binary("initdb"), *made], check=True, capture_output=True, cwd=self.folder, **self._who)
        with (self._data / "pg_hba.conf").open("a") as doors:
            doors.write(f"host all all {self.address}/24 trust\n")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        flags = ["-D", self._data, "-p", str(self.port), "-c", f"listen_addresses={self.address}", "-k", self.folder]
        with (self.folder / "log").open("ab") as log:
            command = [binary("postgres"), *flags, "-c", "fsync=off"]
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, **self._who)
        for attempt in Retrying(stop=stop_after_delay(START_S), wait=wait_fixed(0.1), reraise=True):
            with attempt:
                ready = [binary("pg_isready"), "-q", "-h", self.address, "-p", str(self.port)]
                subprocess.run(ready, check=True)

    def stop(self) -> None:
        """At once, as if all its processes were killed; what it had said yes to is kept."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(START_S)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"postgresql://tests@{self.address}:{self.port}/postgres"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _who(self) -> dict[str, Any]:
        # Postgres refuses to run as root.
        return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def binary(name: str) -> Path:
    """One of Postgres's programs: from the path, or where Debian keeps the newest."""
    found = shutil.which(name)
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    assert found or installed, f"there is no {name}: install PostgreSQL (on Debian: apt install postgresql)"
    return Path(found) if found else installed[-1]
