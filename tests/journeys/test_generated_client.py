"""The client that `make client` generates from the description: whole, and good for a program's whole day.

`make test-client` makes it first.
"""

import importlib
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from serve.api import description
from serve.http.described.document import answers
from tests.journeys.house import PORTFOLIO, Service, until
from tests.journeys.test_batch_journeys import HEADER, clients

pytestmark = [pytest.mark.client, pytest.mark.timeout(240)]  # the first test waits for the service to start
DESCRIBED = [operation for operations in description()["paths"].values() for operation in operations.values()]
OPERATIONS = [(operation["tags"][0], operation["operationId"]) for operation in DESCRIBED]
STATUS = {operation["operationId"]: int(min(operation["responses"])) for operation in DESCRIBED}


@pytest.fixture(autouse=True, scope="module")
def generated() -> Iterator[None]:
    """The generated package, importable."""
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(os.environ["CLIENT"])
        yield


def module(name: str) -> Any:
    return importlib.import_module(f"debt_optimizer_client.{name}")


@pytest.mark.parametrize(("tag", "operation"), OPERATIONS, ids=[name for _, name in OPERATIONS])
def test_no_operation_is_left_out(tag: str, operation: str):
    functions = module(f"api.{tag}.{operation}")
    assert callable(functions.sync_detailed)
    assert callable(functions.asyncio_detailed)
    assert "Problem" in str(functions._parse_response.__annotations__["return"])


@pytest.mark.parametrize(("tag", "operation"), OPERATIONS, ids=[name for _, name in OPERATIONS])
def test_an_answer_is_read_whole(tag: str, operation: str):
    told = answers().get(operation, {}).get("application/json")
    if told is None:
        return
    answer = httpx.Response(STATUS[operation], json=told)
    read = module(f"api.{tag}.{operation}")._parse_response(
        client=module("client").Client("http://api"), response=answer
    )
    assert json.loads(json.dumps(read.to_dict()).replace("+00:00", "Z")) == told


def test_there_is_nothing_beside_the_operations():
    files = Path(os.environ["CLIENT"], "debt_optimizer_client", "api").glob("*/*.py")
    found = {(file.parent.name, file.stem) for file in files if file.stem != "__init__"}
    assert found == set(OPERATIONS)


def test_a_portfolio_is_saved_compared_asked_about_and_planned_among_many(service: Service):
    models, ask = module("models"), lambda name: module(f"api.{name}").sync
    portfolio = models.Portfolio.from_dict(PORTFOLIO)
    with module("client").AuthenticatedClient(service.url, service.key, timeout=60) as client:
        saved = ask("portfolios.save_portfolio")(
            client=client, body=models.NewPortfolio(title="Ann", portfolio=portfolio)
        )
        assert [debt.name for debt in saved.portfolio.debts] == ["Visa", "Store", "Car"]

        compared = ask("plans.compare")(client=client, body=models.CompareRequest(portfolio=portfolio))
        cheapest = min(compared.plans, key=lambda plan: float(plan.total_paid))
        assert (compared.best, cheapest.status, cheapest.start) == (cheapest.strategy, "paid_off", "2026-12")

        task = models.NewTask(type_="repayment_plan", portfolio_id=saved.id)
        accepted = ask("tasks.create_task")(client=client, body=task, idempotency_key="monday")
        events = ask("events.follow_task")(client=client, task_id=accepted.id)
        assert "event: complete" in events
        record = ask("tasks.read_task")(client=client, task_id=accepted.id)
        assert record.status == "completed"
        assert record.result.plan.status == "paid_off"
        assert record.result.facts.health.total == "13600.00"

        content = module("types").File(io.BytesIO((HEADER + clients(20)).encode()))
        batch = ask("batches.create_batch")(client=client, body=content, name="clients.csv")
        read = ask("batches.read_batch")
        until(lambda: read(client=client, batch_id=batch.id).status == "completed")
        results = ask("batches.read_results")(client=client, batch_id=batch.id)
        assert len(results.payload.read().splitlines()) == 21


def test_what_is_wrong_comes_as_a_problem_that_names_the_field(service: Service):
    models = module("models")
    wrong = models.Portfolio.from_dict({"debts": [{"name": "Visa", "balance": "5200.00", "apr": 24.99}]})
    with module("client").AuthenticatedClient(service.url, service.key, timeout=60) as client:
        body = models.PlanRequest(portfolio=wrong)
        problem = module("api.plans.plan").sync(client=client, body=body)
    assert isinstance(problem, models.Problem)
    assert [field.path for field in problem.errors] == ["portfolio.debts.0.apr"]
