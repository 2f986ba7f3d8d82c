"""What is sent to a language model is in the audit log before it is sent."""

from typing import Any

import pytest

from data.records.audit.audit_store import AuditFilter, AuditStore
from data.records.database import Database
from data.records.tasks.task_store import TaskStore
from data.wire.agent_run import AgentRun
from data.wire.task import NewTask
from serve.tasks.noted_agent import NotedAgent

pytestmark = pytest.mark.anyio
SENT = AuditFilter("task.sent_to_model")


@pytest.mark.parametrize(
    ("asked", "default", "sent"),
    [
        (None, "openai:gpt-5-mini", {"provider": "openai", "model": "gpt-5-mini", "attempt": 3}),
        ("vllm:org/llama:8b", "offline", {"provider": "vllm", "model": "org/llama:8b", "attempt": 3}),
        ("offline", "openai:gpt-5-mini", None),
        (None, "offline", None),
    ],
)
async def test_a_task_is_noted_before_its_model_is_asked(
    database: Database, asked: str | None, default: str, sent: dict[str, Any] | None
):
    audit = AuditStore(database)
    request = NewTask(type="financial_advice", question="What now?", model=asked)
    task = await TaskStore(database).add(request.model_dump(mode="json"), organisation_id="house", key_id="k")
    seen: list[Any] = []

    async def agent(run: AgentRun) -> dict[str, Any]:
        seen.extend((await audit.page("house", SENT))[0])
        return {"told": True}

    async def nothing(*_: Any) -> None: ...

    noted = NotedAgent(agent, default, audit)
    run = AgentRun(task.id, 3, request, None, nothing, nothing, nothing, organisation_id="house")
    assert await noted(run) == {"told": True}
    assert [(row.subject, row.detail) for row in seen] == ([] if sent is None else [(task.id, sent)])
    assert "What now?" not in str([row.model_dump() for row in seen])
