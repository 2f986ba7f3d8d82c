"""Before a task goes to a language model, the audit log says so: which task, to which provider and model."""

import logging
from dataclasses import dataclass
from typing import Any

from data.channels.patience import patiently
from data.clock import Clock, utc_now
from data.records.audit.audit_event import WORKER, Deed
from data.records.audit.audit_store import AuditStore
from data.wire.agent_run import AgentRun, RunAgent
from data.wire.task_result import TaskResult

LOG = logging.getLogger(__name__)
OFFLINE = "offline"


@dataclass(frozen=True)
class NotedAgent:
    """What runs an agent, once the audit log has it; the offline narrator is sent nothing, and nothing is noted of it.

    Attributes:
        default_model: of a task that names none.
    """

    agent: RunAgent
    default_model: str
    audit: AuditStore
    now: Clock = utc_now

    async def __call__(self, run: AgentRun) -> TaskResult | dict[str, Any]:
        """The task's result; nothing is sent before the note of it is kept."""
        model = run.request.model or self.default_model
        if model != OFFLINE:
            await self._note(run, model)
        return await self.agent(run)

    async def _note(self, run: AgentRun, model: str) -> None:
        provider, _, name = model.partition(":")
        detail: dict[str, str | int] = {"provider": provider, "model": name, "attempt": run.attempt}
        deed = Deed(run.organisation_id, WORKER, "task.sent_to_model", self.now(), run.task_id, detail)
        await patiently(LOG)(self.audit.append, [deed])
