"""The whole service as `debt-optimizer up` starts it, between a Redis and a model that the test can take away."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from serve.machine import redis_server
from serve.machine.redis_server import RedisServer
from tests.faults.fake_model import FakeModel
from tests.faults.wire import Wire
from tests.journeys.house import COMMAND, Service

LEASE_S = 4.0
DISK = "96M"


@dataclass
class Stand(Service):
    """`up` with the stage's own Redis, model and database."""

    changes: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "LEASE_S": str(LEASE_S), "WORKERS": "2", **self.changes}

    def begin(self) -> None:
        log = self.state_dir.parent.parent / "up.log"  # not on the small disk
        with log.open("ab") as output:
            command = [COMMAND, "up", "--no-dashboard"]
            self.process = subprocess.Popen(command, env=self.environment, stdout=output, stderr=output)

    def found(self, name: str) -> list[psutil.Process]:
        """Living processes of the service by a word of their command line."""
        with_name = [one for one in self.processes() if any(name in word for word in one.info["cmdline"] or ())]
        return [one for one in with_name if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


@dataclass
class Stage:
    """Everything that stands, and how to bring down each part of it."""

    folder: Path
    database_url: str = ""
    model: FakeModel = field(default_factory=FakeModel)
    may_fill_disk: bool = True  # a soak's batches would fill it in a quarter of an hour
    restarts_of_up: int = 0

    async def open(self) -> None:
        self.disk = self.folder / "disk"
        self.disk.mkdir(parents=True)
        self.has_small_disk = self.may_fill_disk and os.geteuid() == 0 and self._mount()
        self.state = self.disk / "state"
        self.state.mkdir(mode=0o700)
        self.redis: RedisServer = await asyncio.to_thread(redis_server.start, self.disk)
        await self.model.start()
        self.to_model = Wire(self.model.port)
        self.redis_port = int(self.redis.address.rpartition(":")[2])
        self.to_redis = Wire(self.redis_port)
        await self.to_model.start()
        await self.to_redis.start()
        changes = {
            "REDIS_URL": self.redis.url.replace(f":{self.redis_port}/", f":{self.to_redis.port}/"),
            "LLM": "openai:fake",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{self.to_model.port}/v1",
            "DATABASE_URL": self.database_url,
        }
        self.service = Stand(self.state, changes=changes)
        self.service.begin()
        await self.until_up()

    async def close(self) -> None:
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self.service.down)
        for process in self.service.processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        for part in (self.to_model, self.to_redis, self.model):
            await part.stop()
        await asyncio.to_thread(self.redis.stop)
        if self.has_small_disk:
            subprocess.run(["umount", "-l", self.disk], check=False)

    def _mount(self) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "tmpfs", self.disk]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    async def until_up(self, within_s: float = 240) -> None:
        """Wait until it is ready; `up` itself is started again when it has ended."""
        deadline = time.monotonic() + within_s
        while not await asyncio.to_thread(lambda: self.service.is_ready):
            if self.service.process is not None and self.service.process.poll() is not None:
                self.restarts_of_up += 1
                self.service.begin()
            assert time.monotonic() < deadline, (self.folder / "up.log").read_text()[-2000:]
            await asyncio.sleep(0.2)

    @property
    def said(self) -> list[str]:
        """What `up` has told of parts that it started anew."""
        return [line for line in (self.folder / "up.log").read_text().splitlines() if "anew" in line]

    def kill(self, name: str) -> None:
        """SIGKILL every process whose command line holds the word, but of several replicas one."""
        found = self.service.found(name)
        for process in found[:1] if name.startswith("ray::") or ":" in name else found:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    async def stall(self, name: str, seconds: float) -> None:
        for process in self.service.found(name)[:1]:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
                await asyncio.sleep(seconds)
                process.resume()

    async def restart_redis(self, *, emptied: bool) -> None:
        self.redis.process.kill()
        self.redis.process.wait()
        await asyncio.sleep(1)
        if emptied:
            shutil.rmtree(self.disk / "redis" / "appendonlydir", ignore_errors=True)
            (self.disk / "redis" / "appendonly.aof").unlink(missing_ok=True)
        self.redis = await asyncio.to_thread(redis_server.start, self.disk, self.redis_port)

    def kill_everything(self) -> None:
        # `up` carries no mark, and would start the others again.
        assert self.service.process is not None
        self.service.process.kill()
        for process in self.service.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
