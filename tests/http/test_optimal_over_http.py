"""The optimal plan over HTTP: its bound and proof, time limits, and that searches leave room for other questions."""

import asyncio
import os
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import numpy as np
import pytest

from agents.planner.equations.linear_model import Solver
from agents.planner.plans import planning
from serve.http.services import FEWEST_SEARCHES, Services

pytestmark = pytest.mark.anyio


async def test_the_optimal_plan_has_a_bound_that_is_proved(client: httpx.AsyncClient, portfolio: dict):
    answer = await client.post("/v1/plans", json={"portfolio": portfolio, "strategy": "optimal", "time_limit_s": 10})
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert plan["proved"] is True
    assert Decimal(plan["bound"]) <= Decimal(plan["total_paid"])
    assert plan["gap"] == pytest.approx(float(1 - Decimal(plan["bound"]) / Decimal(plan["total_paid"])), abs=1e-9)
    assert sum(Decimal(row["payment"]) for row in plan["schedule"]) == Decimal(plan["total_paid"])


@pytest.mark.parametrize("route", ["", "/compare", "/what-if"])
@pytest.mark.parametrize("limit", [0, -1, 60.5, "soon", None, []])
async def test_a_time_limit_that_cannot_be_is_refused_at_its_field(
    client: httpx.AsyncClient, portfolio: dict, route: str, limit: object
):
    body = {"portfolio": portfolio, "time_limit_s": limit}
    body |= {"changes": [{"type": "budget", "by": 100}]} if route == "/what-if" else {}
    answer = await client.post(f"/v1/plans{route}", json=body)
    assert answer.status_code == 422
    assert [entry["path"] for entry in answer.json()["errors"]] == ["time_limit_s"]


async def test_every_plan_of_a_comparison_stands_against_the_same_bound(client: httpx.AsyncClient, portfolio: dict):
    comparison = (await client.post("/v1/plans/compare", json={"portfolio": portfolio})).json()
    optimal = next(plan for plan in comparison["plans"] if plan["strategy"] == "optimal")
    bound = Decimal(comparison["bound"])
    assert {plan["bound"] for plan in comparison["plans"]} == {comparison["bound"]}
    ending = [plan for plan in comparison["plans"] if plan["months"] is not None]
    assert len(ending) > 4
    for plan in ending:
        paid = Decimal(plan["total_paid"])
        assert plan["gap"] == pytest.approx(float((paid - bound) / paid))
        assert Decimal(plan["above_optimum"]) == paid - Decimal(optimal["total_paid"]) >= 0


async def test_a_comparison_may_carry_schedules_so_that_nothing_is_sought_twice(
    client: httpx.AsyncClient, portfolio: dict
):
    body = {"portfolio": portfolio, "schedules": ["optimal"]}
    comparison = (await client.post("/v1/plans/compare", json=body)).json()
    (shown,) = [plan for plan in comparison["plans"] if plan["schedule"]]
    assert shown["strategy"] == "optimal"
    assert sum(Decimal(row["payment"]) for row in shown["schedule"]) == Decimal(shown["total_paid"])
    wrong = await client.post("/v1/plans/compare", json=body | {"schedules": ["cheapest"]})
    assert [entry["path"] for entry in wrong.json()["errors"]] == ["schedules.0"]


async def test_a_comparison_recommends_one_of_its_plans(client: httpx.AsyncClient, portfolio: dict):
    for asked in (None, ["avalanche"], ["minimum_only"], ["optimal"], ["minimum_only", "snowball"]):
        comparison = (await client.post("/v1/plans/compare", json={"portfolio": portfolio, "strategies": asked})).json()
        assert comparison["recommended"] in {plan["strategy"] for plan in comparison["plans"]}


async def test_a_comparison_of_orders_searches_nothing(client: httpx.AsyncClient, portfolio: dict):
    body = {"portfolio": portfolio, "strategies": ["avalanche", "snowball"]}
    comparison = (await client.post("/v1/plans/compare", json=body)).json()
    assert comparison["bound"] is None
    assert {(plan["bound"], plan["above_optimum"]) for plan in comparison["plans"]} == {(None, None)}


async def test_a_what_if_may_be_optimal_before_and_after(client: httpx.AsyncClient, portfolio: dict):
    body = {"portfolio": portfolio, "changes": [{"type": "budget", "by": 100}], "strategy": "optimal"}
    found = (await client.post("/v1/plans/what-if", json=body)).json()
    assert found["before"]["bound"] is not None
    assert Decimal(found["difference"]["total_paid"]) < 0


@pytest.mark.parametrize(("route", "more"), [("required-budget", {"by": "2030-06"}), ("frontier", {}), ("offers", {})])
async def test_what_needs_an_order_refuses_the_optimal_plan_at_its_field(
    client: httpx.AsyncClient, portfolio: dict, route: str, more: dict
):
    answer = await client.post(f"/v1/plans/{route}", json={"portfolio": portfolio, "strategy": "optimal", **more})
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert wrong["path"] == "strategy"
    assert "avalanche" in wrong["message"]


async def test_searches_wait_their_turn_while_orders_are_planned(
    client: httpx.AsyncClient, services: Services, portfolio: dict, monkeypatch: pytest.MonkeyPatch
):
    """Four times as many searches as run at once, none of which ends before fifty orders have been planned."""
    most, release, running = services.searches.at_once, threading.Event(), []

    def waiting() -> None:
        running.append(threading.get_ident())
        release.wait(20)

    searching_by(waiting, monkeypatch)
    searches = [asyncio.create_task(client.post("/v1/plans", json=OPTIMAL | {"portfolio": portfolio}))]
    searches += [asyncio.create_task(client.post("/v1/plans/compare", json={"portfolio": portfolio}))]
    searches += [
        asyncio.create_task(client.post("/v1/plans", json=OPTIMAL | {"portfolio": portfolio}))
        for _ in range(4 * most - 2)
    ]
    try:
        ordered = [await client.post("/v1/plans", json={"portfolio": portfolio}) for _ in range(50)]
        assert {answer.status_code for answer in ordered} == {200}
        assert len(running) == most
    finally:
        release.set()
    assert {answer.status_code for answer in await asyncio.gather(*searches)} == {200}
    assert len(running) == 4 * most


async def test_orders_are_planned_while_the_solver_works(
    client: httpx.AsyncClient, portfolio: dict, monkeypatch: pytest.MonkeyPatch
):
    """The solver lets go of the interpreter: with it, nothing would be answered until it is done."""
    solving = threading.Event()

    def solve_for_a_second() -> None:
        solving.set()
        never_done(time_limit_s=1.0)

    await client.post("/v1/plans", json={"portfolio": portfolio})  # the kernel is loaded
    searching_by(solve_for_a_second, monkeypatch)
    search = asyncio.create_task(client.post("/v1/plans", json=OPTIMAL | {"portfolio": portfolio}))
    answered = 0
    while not search.done():
        assert (await client.post("/v1/plans", json={"portfolio": portfolio})).status_code == 200
        answered += solving.is_set()
    assert (await search).status_code == 200
    assert answered > 5


async def test_half_of_the_processors_search_but_two_at_least(services: Services):
    assert services.searches.at_once == max(FEWEST_SEARCHES, (os.cpu_count() or 1) // 2)


OPTIMAL = {"strategy": "optimal"}


def searching_by(work: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every search does this first."""
    for name in ("plan", "compare"):
        monkeypatch.setattr(planning, name, _after(work, getattr(planning, name)))


def _after(work: Callable[[], None], answer: Callable[..., Any]) -> Callable[..., Any]:
    def searching(*given: Any, **options: Any) -> Any:
        if "search" in options:
            work()
        return answer(*given, **options)

    return searching


def never_done(*, time_limit_s: float) -> None:
    """A market split (Cornuejols and Dawande, 1998): branching finds no answer to it within any patience."""
    draw = np.random.default_rng(1)
    weights = draw.integers(0, 100, (5, 40))
    solver = Solver()
    for name, value in {"output_flag": False, "threads": 1, "time_limit": time_limit_s}.items():
        solver.setOptionValue(name, value)
    columns = [solver.addBinary() for _ in range(weights.shape[1])]
    for row in weights:
        half = int(row.sum()) // 2
        solver.addConstr(sum(int(weight) * column for weight, column in zip(row, columns, strict=True)) == half)
    solver.run()
