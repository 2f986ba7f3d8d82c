"""How soon the service answers: `POST /v1/plans`, `POST /v1/tasks`, and a task's first event, on the whole service.

`pytest -m bench tests/benchmarks/bench_http.py -s`. Prints; asserts no time. The service runs as `debt-optimizer up`
starts it, on this machine and beside the callers.
"""
# ruff: noqa: T201 (a benchmark prints)

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles

import httpx
import pytest

from data.ident import new_id
from tests.journeys.house import Service

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

CALLS = 300
CALLERS = 8
STREAMS = 20
PORTFOLIO = {
    "currency": "USD",
    "start": "2026-12",
    "budget": {"monthly": "900.00"},
    "debts": [
        {"name": f"Card {n}", "kind": "credit_card", "balance": f"{2000 + 700 * n}.00", "apr": 0.14 + 0.03 * n}
        for n in range(5)
    ],
}
PLAN = {"portfolio": PORTFOLIO, "strategy": "avalanche"}
TASK = {"type": "repayment_plan", "portfolio": PORTFOLIO, "language": "en"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("bench") / "state")
    service.up()
    yield service
    service.down()


def test_how_soon_plans_and_tasks_are_answered(service: Service):
    rows = []
    with service.client as client:
        plan, task = poster(client, "/v1/plans", PLAN), poster(client, "/v1/tasks", TASK)
        timed(plan, 20, 1)  # let replicas load what they need
        rows.append(("POST /v1/plans, one caller", *timed(plan, CALLS, 1)))
        rows.append((f"POST /v1/plans, {CALLERS} callers", *timed(plan, CALLS, CALLERS)))
        until_first(client, "chunk")
        rows.append(("a task's first event", *timed(lambda: until_first(client, "any"), STREAMS, 1)))
        rows.append(("its first text", *timed(lambda: until_first(client, "chunk"), STREAMS, 1)))
        rows.append(("POST /v1/tasks, one caller", *timed(task, CALLS, 1)))
        rows.append((f"POST /v1/tasks, {CALLERS} callers", *timed(task, CALLS, CALLERS)))
    print_table(rows)


def poster(client: httpx.Client, path: str, body: object) -> Callable[[], float]:
    content = json.dumps(body)

    def post() -> float:
        headers = {"Content-Type": "application/json", "Idempotency-Key": new_id()}
        began = time.perf_counter()
        client.post(path, content=content, headers=headers).raise_for_status()
        return time.perf_counter() - began

    return post


def until_first(client: httpx.Client, kind: str) -> float:
    """From the question to the first event of that kind; the task is then cancelled, so that the next finds a slot."""
    began = time.perf_counter()
    task = client.post("/v1/tasks", json=TASK).raise_for_status().json()["id"]
    with client.stream("GET", f"/v1/tasks/{task}/events") as answer:
        for line in answer.iter_lines():
            if line.startswith("event: ") and kind in ("any", line.removeprefix("event: ")):
                break
    took = time.perf_counter() - began
    client.post(f"/v1/tasks/{task}/cancel")
    return took


def timed(call: Callable[[], float], calls: int, callers: int) -> tuple[float, float, float]:
    """p50 and p95 in milliseconds, and calls a second."""
    began = time.perf_counter()
    with ThreadPoolExecutor(callers) as pool:
        times = list(pool.map(lambda _: call() * 1000, range(calls)))
    cuts = quantiles(times, n=20)
    return cuts[9], cuts[18], calls / (time.perf_counter() - began)


def print_table(rows: list[tuple[str, float, float, float]]) -> None:
    print(f"\n{'':40} {'p50 ms':>9} {'p95 ms':>9} {'a second':>9}")
    for name, p50, p95, rate in rows:
        print(f"{name:40} {p50:9.1f} {p95:9.1f} {rate:9.0f}")
