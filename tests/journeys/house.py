"""The whole service as its user starts it, `debt-optimizer up` in a process of its own, and a reader of its tasks."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from serve.machine.ports import free_port
from serve.machine.private import folder_mark
from serve.machine.processes import MARK
from serve.machine.run_record import read_record

COMMAND = Path(sys.executable).with_name("debt-optimizer")
START_S = 150
# What the shell that starts the service holds for a Ray of somebody else's: it opens nothing of ours.
SHELL_TOKEN = "0" * 64


def until(condition: Callable[[], object], *, within_s: float = 60) -> None:
    """Wait until the condition holds."""
    waiting = Retrying(
        retry=retry_if_result(lambda met: not met), wait=wait_fixed(0.1), stop=stop_after_delay(within_s)
    )
    waiting(condition)


@dataclass
class Service:
    state_dir: Path
    api_port: int = field(default_factory=free_port)
    dashboard_port: int = field(default_factory=free_port)
    process: "subprocess.Popen[str] | None" = None
    options: tuple[str, ...] = ()
    start_s: float = START_S

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "STATE_DIR": str(self.state_dir),
            "API_PORT": str(self.api_port),
            "DASHBOARD_PORT": str(self.dashboard_port),
            "LEASE_S": "3",
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "LLM": "offline",
            "RAY_AUTH_TOKEN": SHELL_TOKEN,
        }
        return {**os.environ, **own}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def key(self) -> str:
        return (self.state_dir / "api_key").read_text()

    @property
    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """One command of the command line, to its end."""
        return subprocess.run(
            [COMMAND, *arguments], env=self.environment, capture_output=True, text=True, timeout=100, check=False
        )

    def up(self) -> None:
        """Start it and wait until it says that it is ready."""
        log = self.state_dir.with_suffix(".log")
        with log.open("ab") as output:
            words = [COMMAND, "up", *self.options]
            self.process = subprocess.Popen(words, env=self.environment, stdout=output, stderr=output)
        until(lambda: self.is_ready or self.process.poll() is not None, within_s=self.start_s)
        assert self.is_ready, log.read_text()

    @property
    def is_ready(self) -> bool:
        record = read_record(self.state_dir)
        return record is not None and record.is_ready and record.is_supervised

    def down(self) -> "subprocess.CompletedProcess[str]":
        done = self.run("down")
        if self.process is not None:
            self.process.wait(60)
        return done

    def pid_of(self, part: str) -> int:
        """The process of a part of the run."""
        record = read_record(self.state_dir)
        assert record is not None
        return next(known.pid for known in record.parts if known.name == part)

    def replica(self, deployment: str) -> int:
        """The process of a deployment's replica."""
        (pid,) = [process.pid for process in self.processes() if deployment in process.info["cmdline"][0]]
        return pid

    def processes(self) -> list[psutil.Process]:
        """Everything that this service has started and that lives: by its mark, and Redis by its folder."""
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if process.info["cmdline"] and self._is_ours(process)
        ]

    def _is_ours(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError):
            mark = process.environ().get(MARK, "")
            is_redis = process.cwd() == str(self.state_dir / "redis")
            return mark.startswith(folder_mark(self.state_dir)) or is_redis
        return False


PORTFOLIO = {
    "currency": "USD",
    "start": "2026-12",
    "budget": {"monthly": "900.00"},
    "debts": [
        {"name": "Visa", "kind": "credit_card", "balance": "5200.00", "apr": 0.2499, "credit_limit": "8000.00"},
        {"name": "Store", "kind": "credit_card", "balance": "2400.00", "apr": 0.2899},
        {"name": "Car", "kind": "auto_loan", "balance": "6000.00", "apr": 0.069},
    ],
}
NEW_TASK = {"type": "repayment_plan", "portfolio": PORTFOLIO, "language": "en"}


@dataclass
class Reading:
    """A reader that comes back after the last event it saw, as a browser does, and what it holds in the end."""

    service: Service
    task_id: str
    kind: str = "tasks"
    events: list[dict] = field(default_factory=list)
    text: str = ""

    def follow(self, *, until_text: int | None = None) -> None:
        """Read to the end, or until so many characters of text have come; come back when the connection breaks."""
        while not self.is_finished:
            with suppress(httpx.TransportError):
                if self._read(until_text):
                    return

    @property
    def is_finished(self) -> bool:
        return bool(self.events) and self.events[-1]["type"] in ("complete", "failed", "cancelled")

    @property
    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]

    def _read(self, until_text: int | None) -> bool:
        headers = {"Last-Event-ID": self.events[-1]["id"]} if self.events else {}
        path = f"/v1/{self.kind}/{self.task_id}/events"
        with self.service.client as client, client.stream("GET", path, headers=headers) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    self._take(json.loads(line.removeprefix("data: ")))
                if until_text is not None and len(self.text) >= until_text:
                    return True
        return False

    def _take(self, event: dict) -> None:
        self.events.append(event)
        if event["type"] == "chunk":
            self.text += event["text"]
        elif event["type"] in ("restart", "reset"):
            self.text = event.get("text", "")


def begin(service: Service, asked: dict = NEW_TASK) -> Reading:
    """A new task and its reader."""
    with service.client as client:
        accepted = client.post("/v1/tasks", json=asked)
    assert accepted.status_code == 202, accepted.text
    return Reading(service, accepted.json()["id"])


def record_of(reading: Reading) -> dict:
    """The task's whole record."""
    with reading.service.client as client:
        return client.get(f"/v1/tasks/{reading.task_id}").json()
