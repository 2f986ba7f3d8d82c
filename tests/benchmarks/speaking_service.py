"""The service as `up` starts it before a model that speaks at a set pace, and what its processes use."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from serve.machine.ports import free_port
from tests.journeys.house import Service

STAGES = {
    "haproxy": "proxy",
    "Api": "endpoint",
    "AgentWorker": "workers",
    "BatchWorker": "batches",
    "redis": "redis",
    "valkey": "redis",
    "speaking_model": "model",
    "streamlit": "dashboard",
}


@dataclass
class Speaking(Service):
    """The service with a model that speaks at a set pace."""

    model_port: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """A model of our own, and room for every task at once."""
        model = {"LLM": "openai:speaking", "OPENAI_API_KEY": "none", "LOG_LEVEL": "WARNING", "LEASE_S": "15"}
        url = {"OPENAI_BASE_URL": f"http://127.0.0.1:{self.model_port}/v1"}
        return {**super().environment, **model, **url, "TASKS_PER_WORKER": "256"}


@contextmanager
def speaking(folder: Path, tokens: int, tokens_per_s: float) -> Iterator[Speaking]:
    """The service, started, and its model that answers with so many tokens; both are stopped at the end."""
    port = free_port()
    words = [sys.executable, "-m", "tests.benchmarks.speaking_model", str(port), str(tokens), str(tokens_per_s)]
    model = subprocess.Popen(words)
    service = Speaking(folder / "state", model_port=port)
    try:
        service.up()
        yield service
    finally:
        service.down()
        model.kill()
        model.wait()


def heard(service: Speaking, tasks: int) -> dict:
    """What a client in a process of its own hears of so many tasks at once."""
    words = [sys.executable, "-m", "tests.benchmarks.listening_client", service.url, service.key, str(tasks)]
    return json.loads(subprocess.run(words, capture_output=True, check=True, timeout=300).stdout)


def all_processes(service: Speaking) -> list[psutil.Process]:
    """Of the service, and the model."""
    ours = {process.pid: process for process in service.processes()}
    for process in [*ours.values()]:
        with suppress(psutil.NoSuchProcess):
            ours |= {child.pid: child for child in process.children(recursive=True)}
    models = [one for one in psutil.Process().children() if "speaking_model" in " ".join(one.cmdline())]
    return [*ours.values(), *models]


def stage_of(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    return next((stage for sign, stage in STAGES.items() if sign in words), "ray and the rest")


def spent(service: Speaking) -> Counter[str]:
    """Processor seconds by stage so far."""
    used: Counter[str] = Counter()
    for process in all_processes(service):
        # One may end meanwhile.
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used[stage_of(process)] += times.user + times.system
    return used


def memory(service: Speaking) -> float:
    """What all processes hold together, shared pages counted once, in MB."""
    return sum(memory_by_stage(service).values())


def memory_by_stage(service: Speaking) -> dict[str, float]:
    held: Counter[str] = Counter()
    for process in all_processes(service):
        with suppress(psutil.NoSuchProcess):
            name = stage_of(process)
            name = " ".join(process.cmdline())[:40] if name.startswith("ray") else name
            held[name] += process.memory_full_info().pss / 1e6
    return dict(held)
