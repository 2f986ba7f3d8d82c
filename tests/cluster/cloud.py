"""A cloud for Ray's launcher and autoscaler: machines made and ended as they ask, a line of JSON over a socket each."""

import json
import shutil
import socketserver
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from tests.cluster.machines import Machine, Network

HEAD = "head"


@dataclass
class Cloud:
    """The machines by their names, with what Ray has noted on each; `folder` holds their disks."""

    folder: Path
    network: Network = field(init=False)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    ran: list[tuple[str, str]] = field(default_factory=list)  # every command, by machine
    ended: list[str] = field(default_factory=list)  # whom Ray has given back
    _booted: int = 0
    _lock: Lock = field(default_factory=Lock)

    def open(self) -> None:
        self.network = Network(self.folder)
        self.network.open()
        cloud = self

        class Line(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                asked = json.loads(self.rfile.readline() or b"{}")
                try:
                    answer = {"is": getattr(cloud, f"_on_{asked.pop('what')}")(**asked)}
                except (AssertionError, OSError, KeyError) as error:
                    answer = {"failed": f"{type(error).__name__}: {error}"}
                with suppress(BrokenPipeError):  # whoever asked has been killed
                    self.wfile.write(json.dumps(answer).encode() + b"\n")

        self._server = socketserver.ThreadingUnixStreamServer(str(self.socket), Line)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.network.close()

    @property
    def socket(self) -> Path:
        return self.folder / "cloud"

    @property
    def running(self) -> dict[str, Machine]:
        return {one.name: one for one in self.network.machines if one.is_running}

    @property
    def head(self) -> Machine:
        return next(one for name, one in self.running.items() if self._kind(name) == HEAD)

    @property
    def workers(self) -> list[Machine]:
        return [one for name, one in self.running.items() if self._kind(name) != HEAD]

    def _kind(self, name: str) -> str:
        return self.tags[name].get("ray-node-type", "")

    def _on_list(self) -> dict[str, Any]:
        return {name: {"address": one.address, "tags": self.tags[name]} for name, one in self.running.items()}

    def _on_boot(self, tags: dict[str, str]) -> None:
        with self._lock:
            self._booted += 1
            kind = tags.get("ray-node-type", "")
            name = f"{kind}-{self._booted}"
            self.tags[name] = tags
            # The head keeps its address, as one with an address of its own in the cloud does.
            self.network.boot(name, f"{self.network.net}.10" if kind == HEAD else None)

    def _on_tag(self, name: str, tags: dict[str, str]) -> None:
        self.tags[name] = {**self.tags[name], **tags}

    def _on_end(self, name: str) -> None:
        self.ended.append(name)
        if name in self.running:
            self.running[name].end()

    def _on_run(self, name: str, shell: str) -> str:
        self.ran.append((name, shell))
        done = self.running[name].run(shell)
        assert done.returncode == 0, f"{shell}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    def _on_copy(self, name: str, source: str, target: str, left_out: list[str]) -> None:
        machine = self.running[name]
        if Path(source).is_relative_to(machine.inside):
            # As the head sees it, which is what copies to the others.
            source = str(self.head.home / Path(source).relative_to(machine.inside))
        there = Path(target.replace("~", str(machine.home), 1))
        if Path(source).is_dir():
            shutil.copytree(source, there, ignore=shutil.ignore_patterns(*left_out), dirs_exist_ok=True, symlinks=True)
        else:
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, there)
