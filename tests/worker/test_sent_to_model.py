"""What is sent to a language model is in the audit log before it is sent."""

from datetime import timedelta
from typing import Any

import pytest

from data.clock import utc_now
from data.records.audit.audit_store import AuditFilter, AuditStore
from data.records.database import Database
from data.records.tasks.task_store import TaskStore
from data.wire.task import NewTask
from serve.tasks.sent_to_model import SentToModel

pytestmark = pytest.mark.anyio
SENT = AuditFilter("task.sent_to_model")


async def sent(database: Database) -> list[tuple[str, dict[str, Any]]]:
    rows, _ = await AuditStore(database).page("house", SENT)
    assert "What now?" not in str([row.model_dump() for row in rows])
    return [(row.subject, row.detail) for row in rows]


async def added(tasks: TaskStore, model: str | None) -> str:
    request = NewTask(type="financial_advice", question="What now?", model=model)
    return (await tasks.add(request.model_dump(mode="json"), organisation_id="house", key_id="k")).id


@pytest.mark.parametrize(
    ("asked", "default", "detail"),
    [
        (None, "openai:gpt-5-mini", {"provider": "openai", "model": "gpt-5-mini", "attempt": 1}),
        ("vllm:org/llama:8b", "offline", {"provider": "vllm", "model": "org/llama:8b", "attempt": 1}),
        (None, "vllm:llama,openai:gpt-5,offline", {"provider": "vllm,openai", "model": "llama,gpt-5", "attempt": 1}),
        ("offline", "openai:gpt-5-mini", None),
        (None, "offline", None),
    ],
)
async def test_a_task_is_noted_as_it_is_claimed(
    database: Database, asked: str | None, default: str, detail: dict[str, Any] | None
):
    tasks = TaskStore(database, noted=SentToModel(default))
    task_id = await added(tasks, asked)
    assert await sent(database) == []
    assert await tasks.claim(task_id, "run:worker", 60) is not None
    assert await sent(database) == ([] if detail is None else [(task_id, detail)])
    # Held by a worker: it is claimed by nobody else, and sent nowhere again.
    assert await tasks.claim(task_id, "run:other", 60) is None
    assert len(await sent(database)) == (0 if detail is None else 1)


async def test_a_task_that_will_not_be_sent_is_not_noted(database: Database):
    times = iter(utc_now() + timedelta(hours=hour) for hour in range(1000))
    tasks = TaskStore(database, lambda: next(times), noted=SentToModel("openai:gpt-5-mini", max_deaths=1))
    cancelled, deadly = await added(tasks, None), await added(tasks, None)
    for task_id in (cancelled, deadly):
        await tasks.claim(task_id, "run:worker", 1)
    await tasks.request_cancel(cancelled, "house")
    assert len(await sent(database)) == 2
    # The lease has lapsed: one is to be cancelled, the other's worker died as often as it may.
    for task_id in (cancelled, deadly):
        assert await tasks.claim(task_id, "run:worker", 1) is not None
    assert len(await sent(database)) == 2


async def test_a_claim_that_cannot_be_noted_is_no_claim(database: Database):
    def broken(_: object) -> None:
        raise ValueError("cannot be noted")

    tasks = TaskStore(database, noted=broken)
    task_id = await added(tasks, None)
    with pytest.raises(ValueError, match="cannot be noted"):
        await tasks.claim(task_id, "run:worker", 60)
    found = await tasks.find(task_id)
    assert found is not None
    assert (found.status, found.attempt) == ("pending", 0)
