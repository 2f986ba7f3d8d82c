"""The whole of a cluster as its operator starts it: `ray up` on our own `ray_cluster.yaml`, `migrate`, `deploy`, a key.

Of the file only the cloud, the sizes of the machines and the commands that ask a package index are replaced.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from typing import Any

import httpx
import yaml
from tenacity import RetryError

from tests.cluster.cloud import HEAD, Cloud
from tests.cluster.machines import Machine
from tests.cluster.servers import Balancer, Redis
from tests.faults.fake_model import FakeModel
from tests.journeys.house import until
from tests.postgres_server import PostgresServer

ROOT = Path(__file__).resolve().parents[2]
RAY = Path(sys.executable).with_name("ray")
LEASE_S = 4
NOT_CARRIED = (".git", ".venv*", "__pycache__", "test-output", ".*_cache", ".hypothesis", "*.egg-info")
STORE_BYTES = 100_000_000


def simulated(config: dict[str, Any], socket: Path) -> dict[str, Any]:
    """The cluster's file for the simulated cloud."""
    provider = {"type": "external", "module": "tests.cluster.provider.SimulatedCloud", "socket": str(socket)}
    types = {
        name: {
            **each,
            "node_config": {},
            "resources": {
                **each["resources"],
                "object_store_memory": STORE_BYTES,
                **({"CPU": 4} if name != HEAD else {}),
            },
            **({"max_workers": 3} if name != HEAD else {}),
        }
        for name, each in config["available_node_types"].items()
    }
    commands = {name: _here(each) for name, each in config.items() if name.endswith("setup_commands")}
    # What Ray fills in for clouds that it knows.
    filled = {"initialization_commands": [], "rsync_filter": []}
    return {**filled, **config, **commands, "provider": provider, "available_node_types": types, "max_workers": 3}


def _here(commands: list[str]) -> list[str]:
    """Without what asks a package index; this machine's environment in place of a new one."""
    linked = [
        command.replace("make setup LOCK=requirements-run.lock", f"ln -sfn {ROOT / '.venv'} .venv")
        for command in commands
    ]
    return [command for command in linked if "apt-get" not in command and "pip install" not in command]


@dataclass
class Stand:
    """What stands, and the shell of its operator; `folder` is all that it leaves on the disk."""

    folder: Path = field(default_factory=lambda: Path(mkdtemp(prefix="dc-", dir="/var/tmp")))
    key: str = ""
    lost: set[str] = field(default_factory=set)  # Ray's names of the nodes that were taken away

    def open(self) -> None:
        self.cloud = Cloud(self.folder)
        self.cloud.open()
        here = self.cloud.network.here
        self.postgres = PostgresServer(here)
        self.postgres.make()
        self.postgres.start()
        self.redis = Redis(here, self.folder / "redis")
        self.redis.start()
        self.model = FakeModel(here)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.model.start(), self._loop).result(30)
        self._make_project()
        machines = [f"{self.cloud.network.net}.{place}:8000" for place in range(10, 30)]
        self.balancer = Balancer(self.folder, machines)
        self.balancer.start()

    def close(self) -> None:
        self.balancer.stop()
        self.cloud.close()
        self.redis.kill()
        self.postgres.remove()
        asyncio.run_coroutine_threadsafe(self._end_model(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _end_model(self) -> None:
        await self.model.stop()
        answering = asyncio.all_tasks() - {asyncio.current_task()}
        for one in answering:
            one.cancel()
        await asyncio.gather(*answering, return_exceptions=True)

    def _make_project(self) -> None:
        """The operator's own copy, with `.env` and the cluster's file."""
        self.project = self.folder / "operator" / "debt-optimizer"
        shutil.copytree(ROOT, self.project, ignore=shutil.ignore_patterns(*NOT_CARRIED))
        config = yaml.safe_load((ROOT / "ray_cluster.yaml").read_text("utf-8"))
        (self.project / "ray_cluster.yaml").write_text(yaml.safe_dump(simulated(config, self.cloud.socket)))
        settings = {
            "STATE_DIR": self.folder / "shared",
            "BATCHES_SHARED": "true",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url(1),
            "RAY_REDIS_URL": self.redis.url(0),
            "LEASE_S": LEASE_S,
            "LLM": "openai:fake",
            "OPENAI_BASE_URL": f"http://{self.model.host}:{self.model.port}/v1",
            "OTEL_SERVICE_NAME": "a name with spaces",
        }
        example = (ROOT / ".env.example").read_text("utf-8").splitlines()
        lines = [line for line in example if line.partition("=")[0] not in settings]
        (self.project / ".env").write_text(
            "\n".join([*lines, *(f"{name}={value}" for name, value in settings.items())])
        )

    def operator(self, *command: str | Path, within_s: float = 300) -> str:
        """One of the operator's commands, in the folder of the project; what it says."""
        environment = {"HOME": str(self.project.parent), "PATH": os.environ["PATH"], "RAY_USAGE_STATS_ENABLED": "0"}
        done = subprocess.run(
            [str(word) for word in command], cwd=self.project, env=environment, capture_output=True, text=True,
            timeout=within_s, check=False,
        )  # fmt: skip
        said = f"{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, f"{command}\n{said[-6000:]}"
        return done.stdout

    def up(self) -> str:
        return self.operator(RAY, "up", "--yes", "--no-config-cache", "ray_cluster.yaml")

    def on_head(self, shell: str) -> str:
        """As the operator does it: `ray exec` in the project's folder of the head."""
        there = f"cd ~/debt-optimizer && {shell}"
        return self.operator(RAY, "exec", "--no-config-cache", "ray_cluster.yaml", there)

    def start(self) -> None:
        """From nothing to a service that answers behind the balancer."""
        self.operator(RAY, "get-auth-token", "--generate")
        self.up()
        until(lambda: len(self.nodes_alive()) == 3, within_s=180)
        tool = Path(sys.executable).with_name("debt-optimizer")
        self.operator(tool, "migrate")
        self.on_head(".venv/bin/debt-optimizer deploy --timeout 280")
        self.key = json.loads(self.operator(tool, "keys", "create", "--name", "program", "--json"))["secret"]
        until(lambda: self.is_ready, within_s=60)

    def nodes_alive(self) -> list[dict[str, Any]]:
        """Ray's own list; empty while its head does not answer."""
        try:
            token = (self.project.parent / ".ray" / "auth_token").read_text().strip()
            asked = f"curl -s -m 20 -H 'Authorization: Bearer {token}' http://127.0.0.1:8265/api/v0/nodes"
            answer = json.loads(self.cloud.head.run(asked, timeout_s=40).stdout or "{}")
        except (StopIteration, ValueError, subprocess.TimeoutExpired):
            return []
        nodes = ((answer.get("data") or {}).get("result") or {}).get("result") or []
        return [node for node in nodes if node["state"] == "ALIVE"]

    @property
    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.balancer.url}/readyz", timeout=10, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    @property
    def is_whole(self) -> bool:
        """Three nodes or more, none of them one that was taken away, and the service ready."""
        there = {node["node_id"] for node in self.nodes_alive()}
        # A batch may have made the cluster grow.
        return len(there) >= 3 and not there & self.lost and self.is_ready

    def wait_whole(self, within_s: float) -> None:
        """Until it is; else what there is, and what the head's autoscaler did last.

        Raises:
            AssertionError: the time is over.
        """
        try:
            until(lambda: self.is_whole, within_s=within_s)
        except RetryError:
            there = [(node["node_ip"], node["node_id"] in self.lost) for node in self.nodes_alive()]
            says = self.cloud.head.run("find / -name monitor.log -exec tail -n 60 {} + 2>/dev/null").stdout
            ended = self.cloud.ended
            raise AssertionError(f"(node, lost): {there}; ready: {self.is_ready}; ended: {ended}\n{says}") from None

    def note_lost(self, machine: Machine) -> None:
        """What runs there as a node of Ray is about to go; Ray itself believes in it for some seconds more."""
        self.lost |= {node["node_id"] for node in self.nodes_alive() if node["node_ip"] == machine.address}

    @property
    def workers(self) -> list[Machine]:
        return self.cloud.workers
