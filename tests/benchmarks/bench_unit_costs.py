"""What one of each thing costs: processor time of a request, a task, a token and a plan, and memory of a replica.

`make bench-units`. What the service uses at rest is taken off. Prints; docs/operations.md reckons with the figures.
"""
# ruff: noqa: T201 (a benchmark prints)

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.benchmarks.bench_batch import write_clients
from tests.benchmarks.speaking_service import Speaking, heard, memory_by_stage, speaking, spent
from tests.journeys.house import PORTFOLIO

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

TOGETHER = 20
ROUNDS = 10
TOKENS = 400
TOKENS_PER_S = 40
REST_S = 10
ASKED = 200
PORTFOLIOS = (2_000, 12_000)
OURS = ("proxy", "endpoint", "workers", "redis")


def test_what_one_of_each_costs(tmp_path: Path):
    short_folder, long_folder = tmp_path / "short", tmp_path / "long"
    for folder in (short_folder, long_folder):
        folder.mkdir()
    with speaking(short_folder, 1, TOKENS_PER_S) as service:
        heard(service, TOGETHER)
        at_rest = used_by(service, lambda: time.sleep(REST_S))
        rest_s = {stage: seconds / REST_S for stage, seconds in at_rest.items()}
        tell("at rest, a second", at_rest, REST_S)
        short = many_tasks(service, rest_s)
        tell("a task: POST, queue, one step, one token, its reader", short, ROUNDS * TOGETHER)
        asked = {
            "GET /v1/tasks": lambda client: client.get("/v1/tasks"),
            "POST /v1/plans/compare, three debts": lambda client: client.post(
                "/v1/plans/compare", json={"portfolio": PORTFOLIO}
            ),
            "POST /v1/plans, optimal": lambda client: client.post(
                "/v1/plans", json={"portfolio": PORTFOLIO, "strategy": "optimal"}
            ),
        }
        for what, ask in asked.items():
            tell(what, requests(service, ask, rest_s), ASKED)
        print("memory, MB:")
        for stage, size in sorted(memory_by_stage(service).items(), key=lambda item: -item[1]):
            print(f"  {stage:40} {size:6.0f}")
    with speaking(long_folder, TOKENS, TOKENS_PER_S) as service:
        heard(service, TOGETHER)
        long = used_by(service, lambda: heard(service, TOGETHER), rest_s)
        per_task = {stage: seconds / (ROUNDS * TOGETHER) for stage, seconds in short.items()}
        tokens = Counter({stage: long[stage] - TOGETHER * per_task.get(stage, 0.0) for stage in long})
        tell("a token of such a task", tokens, TOGETHER * TOKENS)
    print(f"a thousand portfolios of a batch, five debts each: {batch_s(tmp_path):.2f} s of processor")


def many_tasks(service: Speaking, rest_s: dict[str, float]) -> Counter[str]:
    def tasks() -> None:
        for _ in range(ROUNDS):
            heard(service, TOGETHER)

    return used_by(service, tasks, rest_s)


def requests(service: Speaking, ask: Callable, rest_s: dict[str, float]) -> Counter[str]:
    def all_of_them() -> None:
        with service.client as client:
            for _ in range(ASKED):
                ask(client).raise_for_status()

    return used_by(service, all_of_them, rest_s)


def used_by(service: Speaking, work: Callable[[], object], rest_s: dict[str, float] | None = None) -> Counter[str]:
    """Processor seconds of each stage while the work is done, less what it uses at rest."""
    before, began = spent(service), time.monotonic()
    work()
    took, after = time.monotonic() - began, spent(service)
    return Counter({stage: after[stage] - before[stage] - took * (rest_s or {}).get(stage, 0.0) for stage in after})


def tell(what: str, used: Counter[str], number: int) -> None:
    costs = {stage: used[stage] / number * 1000 for stage in OURS}
    split = "  ".join(f"{stage} {cost:.2f}" for stage, cost in costs.items())
    print(f"{what}: {sum(costs.values()):.2f} ms of processor = {split}")


def batch_s(folder: Path) -> float:
    """Seconds of processor for a thousand portfolios: the difference of two sizes, so that starting is not counted.

    Of the whole machine, for Ray's processes are nobody's children: nothing else may run meanwhile.
    """
    spent_s = []
    for number in PORTFOLIOS:
        file = folder / f"{number}.csv"
        write_clients(file, number)
        before = psutil.cpu_times()
        command = [Path(sys.executable).with_name("debt-optimizer"), "batch", file, "--out", folder / f"out{number}"]
        subprocess.run(command, check=True, capture_output=True)
        after = psutil.cpu_times()
        spent_s.append(after.user + after.system + after.nice - before.user - before.system - before.nice)
    return (spent_s[1] - spent_s[0]) / (PORTFOLIOS[1] - PORTFOLIOS[0]) * 1000
