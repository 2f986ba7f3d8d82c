"""Before a task goes to a language model, the audit log says so: which task, to which provider and model."""

from dataclasses import dataclass

from data.clock import Clock, utc_now
from data.records.audit.audit_event import WORKER, Deed
from data.records.tasks.task import AgentTask

OFFLINE = "offline"
MAX_DEATHS = 3


@dataclass(frozen=True)
class SentToModel:
    """What the audit log is told as a task is claimed, in the same transaction: nothing is sent before it is kept.

    Attributes:
        default_model: of a task that names none; the offline narrator is sent nothing, and nothing is noted of it.
        max_deaths: a task whose worker died so often is given up.
    """

    default_model: str
    max_deaths: int = MAX_DEATHS
    now: Clock = utc_now

    def __call__(self, task: AgentTask) -> Deed | None:
        """The deed; None for a task that will not be sent."""
        model = task.request.get("model") or self.default_model
        if model == OFFLINE or task.cancel_requested or task.deaths >= self.max_deaths:
            return None
        # Of a chain, all to whom it may go.
        links = [link.strip().partition(":") for link in model.split(",") if link.strip() != OFFLINE]
        provider, name = (",".join(link[place] for link in links) for place in (0, 2))
        detail: dict[str, str | int] = {"provider": provider, "model": name, "attempt": task.attempt}
        return Deed(task.organisation_id, WORKER, "task.sent_to_model", self.now(), task.id, detail)
