"""The whole path of many tasks at once: POST, queue, worker, model, Redis, SSE, on the service as `up` starts it.

`make bench-serve`. Prints how soon the first token comes, how late the others are, the processor time of every stage
for each token, the memory of all processes, and the cold start. Asserts that nothing is lost or comes twice; no time.
"""
# ruff: noqa: T201 (a benchmark prints)

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import psutil
import pytest

from serve.machine.ports import free_port
from tests.journeys.house import Service

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

TASKS = [int(size) for size in os.environ.get("BENCH_TASKS", "1,20,50,100,200").split(",")]
TOKENS = 100
TOKENS_PER_S = 40
WARM = 8
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


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speaking]:
    port = free_port()
    words = [sys.executable, "-m", "tests.benchmarks.speaking_model", str(port), str(TOKENS), str(TOKENS_PER_S)]
    model = subprocess.Popen(words)
    service = Speaking(tmp_path_factory.mktemp("bench") / "state", model_port=port)
    try:
        began = time.monotonic()
        service.up()
        print(f"\ncold start {time.monotonic() - began:.1f} s, dashboard and all")
        yield service
    finally:
        service.down()
        model.kill()
        model.wait()


def test_many_tasks_at_once(service: Speaking):
    print(f"memory idle {memory(service):.0f} MB")
    heard(service, WARM)
    for tasks in TASKS:
        before = spent(service)
        found = heard(service, tasks)
        after = spent(service)
        print_one(found, after - before)
        assert found["tokens"] == tasks * TOKENS
        assert found["twice"] == 0
        assert found["ended"] == tasks
        time.sleep(1)
    print(f"memory afterwards {memory(service):.0f} MB")
    for stage, size in sorted(memory_by_stage(service).items(), key=lambda item: -item[1]):
        print(f"  {stage:40} {size:6.0f} MB")


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


def print_one(found: dict, used: Counter[str]) -> None:
    tokens = found["tasks"] * TOKENS
    split = "  ".join(f"{stage} {seconds / tokens * 1000:.2f}" for stage, seconds in used.most_common() if seconds > 0)
    print(
        f"{found['tasks']:4} tasks: accepted {found['accepted_p50']:.0f}  first {found['first_p50']:.0f}"
        f" (most {found['first_most']:.0f})  late p50 {found['late_p50']:.1f}  p99 {found['late_p99']:.0f} ms"
        f"  {tokens / found['frames']:.1f} tokens a frame  load {os.getloadavg()[0]:.1f}\n"
        f"            ms of processor a token: {sum(used.values()) / tokens * 1000:.2f} = {split}"
    )
