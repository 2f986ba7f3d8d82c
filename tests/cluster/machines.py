"""Machines of a cloud that is this machine: each a network, a host name, processes and temporary folders of its own.

Linux namespaces on one bridge, for which one must be root. A machine ends with its first process, as by a power cut;
its cable can be pulled; its disk is its home, and what is not in there (the program, the shared disk) all machines see.
"""

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import psutil

# What Ray and its HAProxy keep outside of their home.
OWN_FOLDERS = ("/tmp/ray", "/tmp/haproxy-serve")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Adopts and buries whatever loses its parent, as a machine's first process does.
FIRST = "trap : HUP INT TERM; while :; do sleep 3600 & wait $!; done"


def are_possible() -> bool:
    """True where this user may make namespaces and bridges."""
    if os.geteuid() != 0 or not (shutil.which("ip") and shutil.which("unshare") and shutil.which("nsenter")):
        return False
    tried = subprocess.run(["unshare", *NAMESPACES, "true"], check=False, capture_output=True)
    return tried.returncode == 0


NAMESPACES = ("--net", "--mount", "--uts", "--pid", "--fork", "--mount-proc")


@dataclass
class Machine:
    """One that runs; `first` is its first process, as this machine sees it; `home` is its disk, there at `inside`."""

    name: str
    address: str
    home: Path
    inside: Path
    first: psutil.Process
    outer: "subprocess.Popen[bytes]"

    def command(self, shell: str, variables: dict[str, str] | None = None) -> list[str]:
        """What runs a shell command there, as the user whose home it is."""
        inside = ["nsenter", f"--target={self.first.pid}", "--net", "--mount", "--uts", "--pid"]
        own = {
            "HOME": str(self.inside),
            "PATH": PATH,
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TERM": "dumb",
        }
        pairs = [f"{name}={value}" for name, value in {**own, **(variables or {})}.items()]
        return [*inside, "env", "-i", *pairs, "bash", "-c", f"cd ~; {shell}"]

    def run(self, shell: str, timeout_s: float = 300) -> "subprocess.CompletedProcess[str]":
        """A shell command to its end."""
        return subprocess.run(
            self.command(shell), capture_output=True, text=True, timeout=timeout_s, check=False, errors="replace"
        )

    def processes(self, name: str = "") -> list[psutil.Process]:
        """Living processes there with the word in their command line, but for the first."""
        space = _space(self.first.pid)
        found = [one for one in psutil.process_iter() if space and _space(one.pid) == space and one != self.first]
        return [one for one in found if _has(one, name)]

    @property
    def is_running(self) -> bool:
        return self.outer.poll() is None

    def kill_processes(self) -> None:
        """SIGKILL all but the first: the machine stays, what ran there is gone."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def end(self) -> None:
        """As by a power cut."""
        with suppress(psutil.NoSuchProcess):
            self.first.kill()
        self.outer.wait(30)


def _has(process: psutil.Process, word: str) -> bool:
    with suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE and any(word in part for part in process.cmdline())
    return False


def _space(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:
        return ""


@dataclass
class Network:
    """The bridge and the machines on it; `here` is this machine's own address there."""

    folder: Path
    name: str = field(default_factory=lambda: f"dc{token_hex(3)}")
    machines: list[Machine] = field(default_factory=list)
    _last: int = 10

    def open(self) -> None:
        # One of the networks that are set aside for trials.
        self.net = f"198.18.{int(token_hex(1), 16)}"
        self.here = f"{self.net}.1"
        _ip("link", "add", self.name, "type", "bridge")
        _ip("addr", "add", f"{self.here}/24", "dev", self.name)
        _ip("link", "set", self.name, "up")

    def close(self) -> None:
        for machine in self.machines:
            machine.end()
        with suppress(subprocess.CalledProcessError):
            _ip("link", "del", self.name)

    def boot(self, name: str, address: str | None = None) -> Machine:
        """A new machine with an empty disk."""
        self._last += 1
        address = address or f"{self.net}.{self._last}"
        home = self.folder / name
        home.mkdir(mode=0o700)
        for folder in OWN_FOLDERS:
            Path(folder).mkdir(exist_ok=True)
        inside = self.folder / "home"  # the same path on each, as a cloud's user has it
        inside.mkdir(exist_ok=True)
        binds = [f"mkdir -p {home}{each} && mount --bind {home}{each} {each}" for each in OWN_FOLDERS]
        script = (
            " && ".join([f"hostname {name}", "ip link set lo up", *binds, f"mount --bind {home} {inside}"])
            + f" && {FIRST}"
        )
        outer = subprocess.Popen(
            ["unshare", *NAMESPACES, "--kill-child", "bash", "-c", script],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # it tells of each process that is killed in there
        )
        first = _first_child(outer)
        machine = Machine(name, address, home, inside, first, outer)
        self.machines.append(machine)
        self.plug(machine)
        return machine

    def plug(self, machine: Machine) -> None:
        end = f"{self.name}-{machine.address.rpartition('.')[2]}"
        # The cable of the last machine at this address goes some time after the machine.
        with suppress(subprocess.CalledProcessError):
            _ip("link", "del", end)
        _ip("link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", str(machine.first.pid))
        _ip("link", "set", end, "master", self.name, "up")
        inside = (
            f"ip addr add {machine.address}/24 dev eth0 && ip link set eth0 up && ip route add default via {self.here}"
        )
        done = machine.run(inside)
        assert done.returncode == 0, done.stderr

    def unplug(self, machine: Machine) -> None:
        """Pull its cable: nobody is told that it has gone."""
        _ip("link", "set", f"{self.name}-{machine.address.rpartition('.')[2]}", "down")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _first_child(outer: "subprocess.Popen[bytes]") -> psutil.Process:
    """The process that is the first one in there."""
    parent = psutil.Process(outer.pid)
    while outer.poll() is None:
        for child in parent.children():
            with suppress(psutil.Error):
                if child.cmdline()[:1] == ["bash"]:
                    return child
    raise AssertionError("no machine came up")
