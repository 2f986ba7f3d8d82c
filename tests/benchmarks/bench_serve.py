"""The whole path of many tasks at once: POST, queue, worker, model, Redis, SSE, on the service as `up` starts it.

`make bench-serve`. Prints how soon the first token comes, how late the others are, the processor time of every stage
for each token, the memory of all processes, and the cold start. Asserts that nothing is lost or comes twice; no time.
"""
# ruff: noqa: T201 (a benchmark prints)

import os
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.benchmarks.speaking_service import Speaking, heard, memory, memory_by_stage, speaking, spent

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

TASKS = [int(size) for size in os.environ.get("BENCH_TASKS", "1,20,50,100,200").split(",")]
TOKENS = 100
TOKENS_PER_S = 40
WARM = 8


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speaking]:
    began = time.monotonic()
    with speaking(tmp_path_factory.mktemp("bench"), TOKENS, TOKENS_PER_S) as service:
        print(f"\ncold start {time.monotonic() - began:.1f} s, dashboard and all")
        yield service


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


def print_one(found: dict, used: Counter[str]) -> None:
    tokens = found["tasks"] * TOKENS
    split = "  ".join(f"{stage} {seconds / tokens * 1000:.2f}" for stage, seconds in used.most_common() if seconds > 0)
    print(
        f"{found['tasks']:4} tasks: accepted {found['accepted_p50']:.0f}  first {found['first_p50']:.0f}"
        f" (most {found['first_most']:.0f})  late p50 {found['late_p50']:.1f}  p99 {found['late_p99']:.0f} ms"
        f"  {tokens / found['frames']:.1f} tokens a frame  load {os.getloadavg()[0]:.1f}\n"
        f"            ms of processor a token: {sum(used.values()) / tokens * 1000:.2f} = {split}"
    )
