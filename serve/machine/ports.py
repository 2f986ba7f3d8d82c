"""Ports of this machine: whether one is free, and who holds one that is not."""

import socket
import sys
from contextlib import suppress
from random import shuffle

import psutil

from data.errors import OperatorError

_RESERVED: dict[tuple[str, int], socket.socket] = {}


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        return int(listener.getsockname()[1])


def free_block(first: int, last: int, size: int, host: str = "127.0.0.1") -> int:
    """Where a block of ports begins that nobody uses; blocks are tried in no order, and the one found is reserved.

    Raises:
        OperatorError: there is none.
    """
    starts = list(range(first, last - size + 1, size))
    shuffle(starts)
    for start in starts:
        if all(is_free(host, port) for port in range(start, start + size)):
            reserve(host, start + size - 1)
            return start
    raise OperatorError(f"between {first} and {last} there are no {size} free ports in a row: end some other program")


def reserve(host: str, port: int) -> None:
    """Let the port count as taken from now until this process ends, although a server of ours may yet listen there.

    HAProxy and Ray share the ports that they listen on (SO_REUSEPORT), so that two services which start at once on one
    port would both get it, and each other's requests. A socket that is bound and never listens keeps the second away.
    """
    if sys.platform != "linux" or (host, port) in _RESERVED:
        return
    holding = _socket_for(host)
    holding.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    with suppress(OSError):  # a connection of the last server there has yet to fade; then it goes without
        holding.bind((host, port))
        _RESERVED[host, port] = holding


def is_free(host: str, port: int) -> bool:
    """True where a server could listen now."""
    with _socket_for(host) as listener:
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
        return "a program that cannot be seen: another user's, or a service that is just starting"
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


def _socket_for(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
