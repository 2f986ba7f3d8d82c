"""The first start of a cluster, as its operator does it: a real Ray head with a token, and `migrate` and `deploy`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from tempfile import mkdtemp

import httpx
import psutil
import pytest
import yaml

from serve.machine.ports import free_port
from tests.journeys.house import COMMAND, until

ROOT = Path(__file__).resolve().parents[2]
RAY = Path(sys.executable).with_name("ray")


@dataclass
class Cluster:
    """Ray nodes on this machine, each started by `ray start` as ray_cluster.yaml does, and their operator's shell."""

    folder: Path
    redis_url: str
    dashboard: str = field(default_factory=lambda: f"http://127.0.0.1:{free_port()}")
    port: int = field(default_factory=free_port)
    api_port: int = field(default_factory=free_port)
    nodes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        own = {
            "STATE_DIR": str(self.folder / "state"),
            "REDIS_URL": self.redis_url,
            "LLM": "offline",
            "DATABASE_URL": "",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
        return {**kept, **own, "HOME": str(self.folder), "RAY_USAGE_STATS_ENABLED": "0"}

    def start(self, *words: str) -> None:
        """A node, whose shell has the token."""
        inner = [f"--{name}={free_port()}" for name in ("dashboard-agent-listen-port", "ray-client-server-port")]
        small = [
            "--object-store-memory=80000000",
            "--min-worker-port=0",
            "--max-worker-port=0",
            "--disable-usage-stats",
        ]
        command = [
            RAY,
            "start",
            *words,
            *(inner if "--head" in words else inner[:1]),
            *small,
            "--num-cpus=2",
            "--block",
        ]
        with (self.folder / "ray.log").open("ab") as log:
            environment = {**self.settings, "RAY_AUTH_MODE": "token"}
            self.nodes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=self.folder))

    def make_token(self) -> None:
        token = self.folder / ".ray" / "auth_token"
        token.write_text(token_hex(32))
        token.chmod(0o600)

    def start_head(self) -> None:
        port = self.dashboard.rpartition(":")[2]
        where = [f"--port={self.port}", f"--dashboard-port={port}", "--node-ip-address=127.0.0.1"]
        where += ["--include-dashboard=true", "--dashboard-host=127.0.0.1", f"--temp-dir={self.folder / 'r'}"]
        self.start("--head", *where)
        until(lambda: self.nodes_alive() == 1, within_s=120)

    @property
    def head(self) -> httpx.Client:
        token = (self.folder / ".ray" / "auth_token").read_text()
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.dashboard, headers=headers, timeout=60, trust_env=False)

    def readiness(self) -> tuple[int, list[str]]:
        """What `/readyz` answers, and the codes of its reasons."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.api_port}/readyz", timeout=20, trust_env=False)
            return answer.status_code, [reason["code"] for reason in answer.json().get("reasons", [])]
        except (httpx.TransportError, ValueError):
            return 0, []

    def nodes_alive(self) -> int:
        try:
            with self.head as head:
                answer = head.get("/api/v0/nodes")
        except httpx.TransportError:
            return 0
        return sum(node["state"] == "ALIVE" for node in answer.json()["data"]["result"]["result"])

    def run(self, *words: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [COMMAND, *words],
            env={**self.settings, **changes},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def deploy(self, *words: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        return self.run("deploy", str(self.folder / "config.yaml"), "--address", self.dashboard, *words, **changes)

    def checks(self, **changes: str) -> dict[str, str]:
        """What stands against a deployment, with the mend."""
        answer = self.deploy("--json", **changes)
        assert answer.returncode == 1, answer.stdout + answer.stderr
        return {check["name"]: check["mend"] for check in json.loads(answer.stdout)["checks"] if not check["is_ok"]}

    def end(self) -> None:
        family = [child for node in self.nodes for child in _family(node.pid)]
        for node in self.nodes:
            node.kill()
            node.wait(30)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()


def _family(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True) if psutil.pid_exists(pid) else []


@pytest.fixture
def cluster(redis_url: str) -> Iterator[Cluster]:
    folder = Path(mkdtemp(prefix="dc-", dir="/tmp"))  # short: sockets lie below it
    cluster = Cluster(folder, redis_url)
    config = yaml.safe_load((ROOT / "serve/config/local.yaml").read_text("utf-8"))
    config["http_options"]["port"] = cluster.api_port
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / ".ray").mkdir(mode=0o700)
    try:
        yield cluster
    finally:
        cluster.end()
        rmtree(folder, ignore_errors=True)


def test_a_service_that_begins_before_its_tables_waits_and_goes_on(cluster: Cluster):
    cluster.make_token()
    cluster.start_head()
    with cluster.head as head:
        config = yaml.safe_load((cluster.folder / "config.yaml").read_text())
        assert head.put("/api/serve/applications/", json=config).status_code == 200
    until(lambda: cluster.readiness() == (503, ["schema_missing"]), within_s=240)
    before = _replicas(cluster)
    assert len(before) == 3
    assert cluster.run("migrate").returncode == 0
    until(lambda: cluster.readiness() == (200, []), within_s=120)
    assert _replicas(cluster) == before


def test_a_first_start_says_what_is_missing_and_then_works(cluster: Cluster):
    # Nothing is there yet: each is named, and nothing is changed.
    missing = cluster.checks(REDIS_URL="")
    assert set(missing) == {"Ray's token", "Ray's head", "nodes", "database", "redis"}
    assert "ray get-auth-token --generate" in missing["Ray's token"]
    assert "debt-optimizer migrate" in missing["database"]
    cluster.make_token()
    cluster.start_head()
    assert set(cluster.checks()) == {"database"}
    assert cluster.run("migrate").returncode == 0
    # A token of another cluster opens nothing.
    assert set(cluster.checks(RAY_AUTH_TOKEN=token_hex(32))) == {"nodes"}

    deployed = cluster.deploy("--timeout", "240")
    log = (cluster.folder / "ray.log").read_text()
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr + log
    assert f"ready at http://127.0.0.1:{cluster.api_port}" in deployed.stdout
    made = json.loads(cluster.run("keys", "create", "--name", "program", "--json").stdout)
    api = httpx.Client(
        base_url=f"http://127.0.0.1:{cluster.api_port}", headers={"Authorization": f"Bearer {made['secret']}"},
        timeout=60, trust_env=False,
    )  # fmt: skip
    with closing(api):
        new = {"type": "financial_advice", "question": "What does 5,000 at 20 % cost?", "language": "en"}
        task = api.post("/v1/tasks", json=new).json()["id"]
        until(lambda: api.get(f"/v1/tasks/{task}").json()["status"] == "completed", within_s=120)
        # Again changes nothing: the same replicas go on.
        before = _replicas(cluster)
        again = cluster.deploy("--json")
        assert json.loads(again.stdout) == {
            "deployed": True,
            "urls": [f"http://127.0.0.1:{cluster.api_port}"],
            "ready": True,
        }
        assert _replicas(cluster) == before

    # A second node would have a database and batches of its own.
    cluster.start(f"--address=127.0.0.1:{cluster.port}", "--node-ip-address=127.0.0.1")
    until(lambda: cluster.nodes_alive() == 2, within_s=120)
    refused = cluster.checks()
    assert set(refused) == {"nodes"}
    assert "Postgres" in refused["nodes"]
    assert "BATCHES_SHARED=true" in refused["nodes"]


def _replicas(cluster: Cluster) -> set[int]:
    return {
        process.pid
        for process in _family(cluster.nodes[0].pid)
        if process.is_running() and "ServeReplica" in (process.cmdline() or [""])[0]
    }
