"""What the service writes about itself holds no client's names, amounts or questions."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.records.database import Database
from data.wire.agent_run import AgentRun
from serve.watching.logs import set_up_logs
from tests.keeping.conftest import Whole, whole  # noqa: F401 (a fixture)

pytestmark = pytest.mark.anyio
NAME, AMOUNT, QUESTION = "Wilhelmina Featherstonehaugh", "5217.43", "Shall I sell grandfather's watch?"
PORTFOLIO = {"id": NAME, "debts": [{"name": f"{NAME}'s Visa", "balance": AMOUNT, "apr": 0.25}]}
CSV = f"portfolio_id,name,balance,apr\n{NAME},Visa {NAME},{AMOUNT},20\n{NAME},{NAME},{AMOUNT} or so,20\n"


@pytest.fixture(params=["text", "json"])
def logged(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """All that is written while the test runs, at the most talkative level."""
    root, written = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    set_up_logs("DEBUG", request.param)
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield written
    root.handlers[:] = before
    root.setLevel(level)


async def breaks(run: AgentRun) -> dict[str, Any]:
    raise ValueError(f"{NAME} owes {AMOUNT}: {QUESTION}")


async def test_tasks_imports_batches_and_defects_leave_no_name_in_the_log(logged: io.StringIO, whole: Whole):  # noqa: F811
    whole.work(breaks)
    whole.work_on_batches()
    body = {"type": "debt_analysis", "portfolio": PORTFOLIO, "question": QUESTION}
    accepted = await whole.plain.post("/v1/tasks", json=body)
    failed = await whole.until(accepted.headers["location"], "failed")
    csv = {"Content-Type": "text/csv"}
    assert (await whole.plain.post("/v1/portfolios/import", content=CSV.encode(), headers=csv)).status_code == 200
    batch = await whole.plain.post(f"/v1/batches?name={NAME}.csv", content=CSV.encode(), headers=csv)
    await whole.until(batch.headers["location"], "completed")
    saved = {"title": NAME, "portfolio": PORTFOLIO}
    assert (await whole.plain.post("/v1/portfolios", json=saved)).status_code == 201
    assert (await whole.plain.post("/v1/tasks", json=body | {"type": NAME})).status_code == 422
    logging.getLogger("somebody").error("it broke", exc_info=ValueError(NAME))
    text = logged.getvalue()
    for secret in (NAME, "Featherstonehaugh", AMOUNT, "521743", QUESTION, "grandfather"):
        assert secret not in text
    assert failed["error"]["trace_id"] in text
    assert "ValueError" in text
    assert accepted.headers["x-trace-id"] in text


@pytest.mark.parametrize("logged", ["json"], indirect=True)
async def test_a_line_of_json_is_an_object(logged: io.StringIO):
    logging.getLogger("serve.tasks").warning("%d tasks were not in the queue", 3)
    told = json.loads(logged.getvalue().splitlines()[-1])
    assert (told["level"], told["logger"]) == ("WARNING", "serve.tasks")
    assert told["message"] == "3 tasks were not in the queue"
    assert isinstance(told["process"], int)


async def nowhere(database: Database) -> None:
    async with database.session() as session:
        statement = "SELECT nowhere FROM agent_task WHERE id = :name"
        await (await session.connection()).exec_driver_sql(statement, {"name": NAME})


async def test_a_failed_statement_does_not_tell_its_values(logged: io.StringIO, migrated_file: Path):
    database = Database(f"sqlite:///{migrated_file}")
    with pytest.raises(Exception, match="no such column") as raised:
        await nowhere(database)
    assert NAME not in str(raised.value)
    await database.close()
