"""Processes that we start: recognised later, and ended with everything that they started, by process id.

A process is known by its id and the moment it began, so that a later process of the same id is never touched. What we
start carries a mark in its environment, which its own children inherit: that is how a stray of an earlier run is found.
"""

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil

MARK = "DEBT_OPTIMIZER_RUN"
SAME_MOMENT_S = 0.05  # psutil's moments differ in the last digits between reads
KILL_S = 5.0
LOOK_S = 0.05
GONE = (psutil.NoSuchProcess, psutil.ZombieProcess)


@dataclass(frozen=True)
class KnownProcess:
    """A process that we started: its part's name, its id, and when it began (seconds since 1970)."""

    name: str
    pid: int
    began: float


def start(
    command: Sequence[str], *, mark: str, log: Path, changes: Mapping[str, str], stdin: int = subprocess.DEVNULL
) -> "subprocess.Popen[bytes]":
    """Start a process in a session of its own, so that the terminal's Ctrl-C reaches only us; it writes to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    inherited = dict(os.environ)  # noqa: TID251 (a child inherits the environment; no setting is read from it here)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            env={**inherited, **changes, MARK: mark},
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def known(name: str, pid: int) -> KnownProcess:
    """The process of that id, as it can be recognised later; one that has already gone is never recognised."""
    try:
        return KnownProcess(name, pid, psutil.Process(pid).create_time())
    except GONE:
        return KnownProcess(name, pid, 0.0)


def find(process: KnownProcess) -> psutil.Process | None:
    """The living process, or None once it has gone or its id belongs to another."""
    try:
        found = psutil.Process(process.pid)
        is_same = abs(found.create_time() - process.began) < SAME_MOMENT_S
        return found if is_same and is_alive(found) else None
    except GONE:
        return None


def family(processes: Iterable[KnownProcess], mark: str) -> list[psutil.Process]:
    """Every living process of these, everything below them, and whatever carries the mark, each once."""
    roots = [found for process in processes if (found := find(process))]
    below = [child for root in roots for child in _children(root)]
    return list({process.pid: process for process in [*roots, *below, *marked(mark)]}.values())


def marked(mark: str) -> list[psutil.Process]:
    """Every living process that carries this mark or one that begins with it and a colon."""
    own = os.getpid()
    return [process for process in psutil.process_iter() if process.pid != own and _carries(process, mark)]


def end(processes: Iterable[psutil.Process], *, grace_s: float) -> None:
    """Ask each to end; after `grace_s` end what is left. Nobody else's process is among them: psutil checks."""
    asked = list(processes)
    for process in asked:
        _signal(process, signal.SIGTERM)
    left = _still_there(asked, grace_s)
    for process in left:
        _signal(process, signal.SIGKILL)
    _still_there(left, KILL_S)


def last_words(log: Path) -> str:
    """The last line of a log and where it lies, to be added to what is said of whoever wrote it."""
    lines = log.read_text("utf-8", errors="replace").splitlines() if log.exists() else []
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {said} (see {log})" if said else f" (see {log})"


def is_alive(process: psutil.Process) -> bool:
    """True while it runs; one that has ended and that its parent has not yet noticed is gone."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except GONE:
        return False


def _still_there(processes: list[psutil.Process], timeout_s: float) -> list[psutil.Process]:
    deadline = monotonic() + timeout_s
    while (left := [process for process in processes if is_alive(process)]) and monotonic() < deadline:
        sleep(LOOK_S)
    return left


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except (*GONE, psutil.AccessDenied):
        return  # it ended by itself in the meantime


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except GONE:
        return []


def _carries(process: psutil.Process, mark: str) -> bool:
    try:
        value = process.environ().get(MARK, "")
        return (value == mark or value.startswith(mark + ":")) and is_alive(process)
    except (*GONE, psutil.AccessDenied, OSError):
        return False  # another user's, or gone
