"""Ports of this machine: whether one is free, and who holds one that is not."""

import os
import socket
import tempfile
from pathlib import Path
from random import shuffle

import psutil
from filelock import FileLock, Timeout

from data.errors import OperatorError
from serve.machine.private import private_folder

_BLOCKS: list[FileLock] = []  # those of this process, held until it ends


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        return int(listener.getsockname()[1])


def free_block(first: int, last: int, size: int, host: str = "127.0.0.1") -> int:
    """Where a block of ports begins that nobody uses; it is this process's until it ends. They are tried in no order.

    Raises:
        OperatorError: there is none.
    """
    starts = list(range(first, last - size + 1, size))
    # In no order, so that services that start together seldom try the same block.
    shuffle(starts)
    for start in starts:
        lock = lock_of(start)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        if all(is_free(host, port) for port in range(start, start + size)):
            _BLOCKS.append(lock)
            return start
        lock.release()
    raise OperatorError(f"between {first} and {last} there are no {size} free ports in a row: end some other program")


def lock_of(port: int) -> FileLock:
    """The lock of the service that is about to listen there: whoever finds it held is too late, though nobody answers.

    Without it, of two services that start at once on one port, one would take the other's answers for its own.
    """
    folder = private_folder(Path(tempfile.gettempdir()) / f"debt-optimizer-{os.getuid()}-ports")
    return FileLock(folder / f"{port}.lock")


def is_free(host: str, port: int) -> bool:
    """True where a server could listen now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        # As servers do: a port whose last connections are still closing counts as free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
        return True


def holder(port: int) -> str:
    """Who listens on a port, as `redis-server (process 4242)`; what can be seen of it."""
    try:
        listeners = [each for each in psutil.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
    except psutil.AccessDenied:  # macOS shows others' sockets to root only
        return "another program"
    pids = [each.pid for each in listeners if each.laddr and each.laddr.port == port and each.pid]
    if not pids:
        return "another user's program"
    try:
        return f"{psutil.Process(pids[0]).name()} (process {pids[0]})"
    except psutil.NoSuchProcess:
        return "a program that is just ending"


def need_free(host: str, port: int, *, what: str, mend: str) -> None:
    """Make sure that we can listen there.

    Raises:
        OperatorError: naming who holds it and how to choose another.
    """
    if not is_free(host, port):
        raise OperatorError(f"port {port}, which the {what} needs, is taken by {holder(port)}: stop it, or {mend}")
