"""Watches from outside what a local Ray cannot bring back by itself: its metadata server, its raylet, its HAProxy.

Ray's own parts notice that one of these has gone only after a minute, or never: its metadata server is waited for, its
raylet is missed by nobody, and HAProxy is asked for every ten seconds. Without the first two nothing is left to be
saved, so the service is started anew. HAProxy alone is started at once from the configuration that it had.
"""

import os
import signal
import socket
import subprocess
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import psutil

from serve.machine.own_ray.proxy import SCRIPT
from serve.machine.processes import GONE, KnownProcess, find, is_alive, known, start

VITAL = ("gcs_server", "raylet")
MANAGER = "ray::HAProxyManager"
REFUSALS = 3  # one after the other; a reload may cost one
MOST_REVIVALS = 3  # in REVIVALS_WITHIN_S; one more, and it cannot work
REVIVALS_WITHIN_S = 60.0


@dataclass
class RayWatch:
    """What is looked at many times a second while a Ray of our own runs.

    Attributes:
        proxy_folder: where Ray keeps HAProxy's configuration and sockets, in a folder for each node.
        variables: what HAProxy's script is told.
    """

    proxy_folder: Path
    log: Path
    mark: str
    variables: dict[str, str]
    _pid: int | None = None
    _vital: dict[str, KnownProcess] = field(default_factory=dict[str, KnownProcess])
    _refusals: int = 0
    _has_answered: bool = False
    _stand_in: "subprocess.Popen[bytes] | None" = None
    _revivals: deque[float] = field(default_factory=lambda: deque[float](maxlen=MOST_REVIVALS))

    def look(self, pid: int) -> str | None:
        """What has gone that cannot be mended without starting the service anew; None where all is well, or mended."""
        if pid != self._pid:
            self._pid, self._vital, self._has_answered, self._refusals = pid, {}, False, 0
            self._revivals.clear()
        gone = self._missing_vital(pid)
        if gone is not None:
            return f"Ray's {gone} has ended"
        return self._look_at_proxy(pid)

    def _missing_vital(self, pid: int) -> str | None:
        # They start one after the other, some seconds after the service.
        if len(self._vital) < len(VITAL):
            self._vital |= {name: child for name in VITAL if (child := _child(pid, name))}
        return next((name for name, process in self._vital.items() if find(process) is None), None)

    def _look_at_proxy(self, pid: int) -> str | None:
        if self._stand_in is not None:
            self._stand_in.poll()  # else it would stay as a zombie once the next has taken over
        config = next(self.proxy_folder.glob("*/haproxy.cfg"), None)
        if config is None:
            return None
        if _takes_calls(config.with_name("a")):
            self._has_answered, self._refusals = True, 0
            return None
        self._refusals += self._has_answered
        if self._refusals < REFUSALS:
            return None
        if len(self._revivals) == MOST_REVIVALS and monotonic() - self._revivals[0] < REVIVALS_WITHIN_S:
            return "HAProxy ends again and again"
        self._revive(config, pid)
        return None

    def _revive(self, config: Path, pid: int) -> None:
        if self._stand_in is not None:
            # One that hangs would go on taking calls at its port.
            self._stand_in.kill()
            self._stand_in.wait()
        command = [str(SCRIPT), "-db", "-f", str(config), "-dR"]
        self._stand_in = start(command, mark=self.mark, log=self.log, changes=self.variables)
        self._revivals.append(monotonic())
        self._has_answered, self._refusals = False, 0
        # Ray's manager would keep to the process that has gone; the next one takes over from this.
        for manager in _managers(pid):
            manager.send_signal(signal.SIGKILL)


def _child(pid: int, name: str) -> KnownProcess | None:
    try:
        children = psutil.Process(pid).children()
        return next((known(name, child.pid) for child in children if child.name() == name and is_alive(child)), None)
    except GONE:
        return None


def _managers(pid: int) -> list[psutil.Process]:
    try:
        below = psutil.Process(pid).children(recursive=True)
        return [process for process in below if process.cmdline()[:1] and process.cmdline()[0].startswith(MANAGER)]
    except GONE:
        return []


def _takes_calls(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(0.2)
        try:
            caller.connect(os.fspath(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:
            return True  # somebody listens, and is busy
        return True
