"""What is deleted is gone: rows, steps, streams and files; and all of a client, to the last byte on disk."""

import asyncio
import json
from typing import Any

import pytest

from data.errors import ServiceUnavailable
from data.wire.agent_run import AgentRun, Step
from data.wire.event import EventType
from tests.keeping.conftest import Whole

pytestmark = pytest.mark.anyio
NAME, ID = "Wilhelmina Q. Featherstonehaugh", "client-9b1d-欧阳"
PORTFOLIO = {"id": ID, "debts": [{"name": f"{NAME}'s Visa", "balance": "5200.00", "apr": 0.25}]}
CSV = f"""portfolio_id,name,balance,apr
other-1,Visa,1000,20
{ID},"{NAME}
 her Visa",5200,25
{ID},{NAME} car,oops,25
other-2,Visa,1000,nonsense
other-3,Visa,1000,20
"""


async def tell_of_the_client(run: AgentRun) -> dict[str, Any]:
    """Write the client's name wherever an agent writes."""
    await run.progress(10, f"thinking about {NAME}")
    await run.emit(EventType.CHUNK, {"text": f"{NAME} pays the Visa first."})
    await run.save(f"messages about {NAME}".encode(), [Step("tool", "plan", {"of": NAME})])
    return {"narrative": f"{NAME} pays the Visa first."}


class NeverEnding:
    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def __call__(self, run: AgentRun) -> dict[str, Any]:
        await run.emit(EventType.CHUNK, {"text": NAME})
        self.begun.set()
        await asyncio.Event().wait()
        return {}


async def ask(whole: Whole, **what: Any) -> str:
    body = {"type": "debt_analysis", "portfolio": PORTFOLIO} | what
    if "portfolio_id" in what:
        del body["portfolio"]
    answer = await whole.plain.post("/v1/tasks", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


async def upload(whole: Whole, text: str, encoding: str = "utf-8") -> str:
    headers = {"Content-Type": "text/csv"}
    answer = await whole.plain.post("/v1/batches?name=clients.csv", content=text.encode(encoding), headers=headers)
    assert answer.status_code == 202, answer.text
    await whole.until(f"/v1/batches/{answer.json()['id']}", "completed")
    return answer.json()["id"]


async def test_a_deleted_task_is_gone_with_its_steps_and_its_stream(whole: Whole):
    whole.work(tell_of_the_client)
    task_id = await ask(whole)
    await whole.until(f"/v1/tasks/{task_id}", "completed")
    assert await whole.services.stream.last(task_id) is not None
    assert (await whole.stranger.delete(f"/v1/tasks/{task_id}")).status_code == 404
    assert (await whole.plain.delete(f"/v1/tasks/{task_id}")).status_code == 204
    assert (await whole.plain.delete(f"/v1/tasks/{task_id}")).status_code == 404
    assert (await whole.plain.get(f"/v1/tasks/{task_id}")).status_code == 404
    assert await whole.services.tasks.steps(task_id) == []
    assert await whole.services.stream.last(task_id) is None


async def test_a_task_that_waits_is_deleted_and_never_begun(whole: Whole):
    task_id = await ask(whole)
    assert (await whole.plain.delete(f"/v1/tasks/{task_id}")).status_code == 204
    assert await whole.services.queue.backlog() == 0
    assert await whole.services.queue.take("w", block_s=0) is None


async def test_a_task_that_runs_is_stopped_and_deleted_and_its_readers_let_go(whole: Whole):
    agent = NeverEnding()
    whole.work(agent)
    task_id = await ask(whole)
    await agent.begun.wait()
    reader = asyncio.create_task(whole.plain.get(f"/v1/tasks/{task_id}/events"))
    async with asyncio.timeout(20):
        assert (await whole.plain.delete(f"/v1/tasks/{task_id}")).status_code == 204
        await reader
    assert (await whole.plain.get(f"/v1/tasks/{task_id}")).status_code == 404
    assert await whole.services.stream.last(task_id) is None


async def test_a_deleted_batch_is_gone_with_its_files(whole: Whole):
    whole.work_on_batches()
    batch_id = await upload(whole, CSV)
    assert whole.files_with(NAME)
    assert (await whole.stranger.delete(f"/v1/batches/{batch_id}")).status_code == 404
    assert (await whole.plain.delete(f"/v1/batches/{batch_id}")).status_code == 204
    assert (await whole.plain.delete(f"/v1/batches/{batch_id}")).status_code == 404
    assert not (whole.services.settings.batches_dir / batch_id).exists()


async def fill(whole: Whole) -> tuple[str, list[str], list[str]]:
    """A client with two versions, two tasks about it, and rows in two batches."""
    whole.work(tell_of_the_client)
    whole.work_on_batches()
    saved = (await whole.plain.post("/v1/portfolios", json={"title": NAME, "portfolio": PORTFOLIO})).json()
    path = f"/v1/portfolios/{saved['id']}"
    changed = {"title": f"{NAME} again", "portfolio": PORTFOLIO}
    assert (await whole.plain.put(path, json=changed, headers={"If-Match": '"1"'})).status_code == 200
    tasks = [await ask(whole, portfolio_id=saved["id"], question=f"Ask {NAME}?") for _ in range(2)]
    for task_id in tasks:
        await whole.until(f"/v1/tasks/{task_id}", "completed")
    batches = [await upload(whole, CSV), await upload(whole, CSV, "gb18030")]
    for batch_id in batches:
        assert (await whole.plain.get(f"/v1/batches/{batch_id}/results?format=parquet")).status_code == 200
    return saved["id"], tasks, batches


async def test_everything_of_a_client_is_exported_as_one_document(whole: Whole):
    portfolio_id, tasks, batches = await fill(whole)
    await ask(whole, portfolio={**PORTFOLIO, "id": "somebody else"})
    path = f"/v1/portfolios/{portfolio_id}/export"
    assert (await whole.stranger.get(path)).status_code == 404
    document = (await whole.plain.get(path)).json()
    assert [version["title"] for version in document["versions"]] == [NAME, f"{NAME} again"]
    assert [task["id"] for task in document["tasks"]] == tasks
    assert document["tasks"][0]["result"]["narrative"] == f"{NAME} pays the Visa first."
    assert document["tasks"][0]["steps"][0]["content"] == {"of": NAME}
    files = {(part["batch_id"], part["file"]): part for part in document["batch_rows"]}
    assert {batch_id for batch_id, _ in files} == set(batches)
    uploaded = files[batches[1], "input.csv"]
    assert uploaded["columns"] == ["portfolio_id", "name", "balance", "apr"]
    assert [row[0] for row in uploaded["rows"]] == [ID, ID]
    assert [row[0] for row in files[batches[0], "results.csv"]["rows"]] == [ID]
    assert [row[0] for row in files[batches[0], "rejects.csv"]["rows"]] == ["4"]
    assert "somebody else" not in json.dumps(document)


async def test_no_byte_of_an_erased_client_is_left(whole: Whole):
    portfolio_id, tasks, batches = await fill(whole)
    path = f"/v1/portfolios/{portfolio_id}?everything=true"
    assert whole.files_with(NAME)
    assert (await whole.plain.delete(path)).status_code == 403
    assert (await whole.stranger.delete(path)).status_code == 404
    assert (await whole.admin.delete(path)).status_code == 204
    assert (await whole.admin.delete(path)).status_code == 404
    assert (await whole.admin.get(f"/v1/portfolios/{portfolio_id}/export")).status_code == 404
    assert [(await whole.admin.get(f"/v1/tasks/{task_id}")).status_code for task_id in tasks] == [404, 404]
    assert whole.files_with(NAME) == []
    assert whole.files_with(ID) == []
    for batch_id in batches:
        results = (await whole.plain.get(f"/v1/batches/{batch_id}/results")).text
        assert [row.partition(",")[0] for row in results.splitlines()[1:]] == ["other-1", "other-3"]
        rejects = (await whole.plain.get(f"/v1/batches/{batch_id}/rejects")).text
        assert [row.partition(",")[0].lstrip("\ufeff") for row in rejects.splitlines()] == ["row", "5"]


async def test_tasks_of_a_deleted_portfolio_can_still_be_exported_and_erased(whole: Whole):
    portfolio_id, tasks, _ = await fill(whole)
    assert (await whole.admin.delete(f"/v1/portfolios/{portfolio_id}")).status_code == 204
    document = (await whole.admin.get(f"/v1/portfolios/{portfolio_id}/export")).json()
    assert (document["versions"], len(document["tasks"])) == ([], 2)
    assert (await whole.admin.delete(f"/v1/portfolios/{portfolio_id}?everything=true")).status_code == 204
    assert (await whole.admin.get(f"/v1/tasks/{tasks[0]}")).status_code == 404


async def test_a_client_with_rows_in_a_waiting_batch_is_not_half_erased(whole: Whole):
    saved = (await whole.plain.post("/v1/portfolios", json={"title": NAME, "portfolio": PORTFOLIO})).json()
    waiting = await whole.plain.post("/v1/batches", content=CSV.encode(), headers={"Content-Type": "text/csv"})
    answer = await whole.admin.delete(f"/v1/portfolios/{saved['id']}?everything=true")
    assert answer.status_code == 409
    assert waiting.json()["id"] in answer.json()["detail"]
    assert (await whole.admin.get(f"/v1/portfolios/{saved['id']}")).status_code == 200


async def test_erasing_that_cannot_reach_redis_can_be_asked_for_again(whole: Whole, monkeypatch: pytest.MonkeyPatch):
    whole.work(tell_of_the_client)
    task_id = await ask(whole)
    await whole.until(f"/v1/tasks/{task_id}", "completed")

    async def does_not_answer(task_id: str) -> None:
        raise ServiceUnavailable("Redis does not serve")

    monkeypatch.setattr(whole.services.stream, "erase", does_not_answer)
    assert (await whole.plain.delete(f"/v1/tasks/{task_id}")).status_code == 503
    monkeypatch.undo()
    assert (await whole.plain.delete(f"/v1/tasks/{task_id}")).status_code == 204
