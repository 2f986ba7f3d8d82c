"""A question to an agent and its record: the table rows, and what their owner sees of them."""

from typing import Any

from sqlalchemy import JSON, Index, LargeBinary
from sqlmodel import Field, SQLModel

from data.records.timestamp import Timestamp, utc_column
from data.wire.task import TaskPriority, TaskStatus, TaskView


class AgentTask(SQLModel, table=True):
    """One task: the truth about it, whatever Redis says.

    Attributes:
        priority: how soon it is wanted; the queue goes by it.
        attempt: how often it has been claimed; every write names its attempt and is refused if a newer exists.
        attempts_forgiven: those before its owner's last retry, handed back, or ended by the machine; they do not
            count against the limit.
        worker_id: who works on it; none while it waits for its turn. Up to the colon it names the run of the service.
        lease_until: the claim lapses then unless its worker renews it.
        fingerprint: of the NewTask as it came; an idempotency key may be used again for the same only.
        portfolio_id: the saved portfolio that it was asked about, if it was one.
        request: the same with the portfolio resolved and its first month filled in.
        traceparent: where in a trace its owner asked for it, in W3C's words; its attempts go on from there.
        checkpoint: the model's messages after the last finished step, in pydantic-ai's JSON.
        result: a TaskResult as JSON. error: {type, detail}.
    """

    __tablename__ = "agent_task"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_agent_task_listing", "organisation_id", "created_at", "id"),
        Index("ix_agent_task_portfolio", "organisation_id", "portfolio_id"),
        Index("ix_agent_task_status", "status", "lease_until"),
        Index("ux_agent_task_idempotency", "organisation_id", "idempotency_key", unique=True),
    )

    id: str = Field(primary_key=True)
    organisation_id: str
    key_id: str
    type: str
    priority: str = Field(default=TaskPriority.TASK.value, sa_column_kwargs={"server_default": "task"})
    status: str = TaskStatus.PENDING.value
    progress: int = 0
    stage: str = "queued"
    attempt: int = 0
    attempts_forgiven: int = 0
    worker_id: str | None = None
    lease_until: Timestamp | None = Field(default=None, sa_column=utc_column())
    cancel_requested: bool = False
    idempotency_key: str | None = None
    fingerprint: str | None = None
    portfolio_id: str | None = None
    request: dict[str, Any] = Field(sa_type=JSON)
    traceparent: str | None = None
    checkpoint: bytes | None = Field(default=None, sa_type=LargeBinary)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    created_at: Timestamp = Field(sa_column=utc_column(nullable=False))
    updated_at: Timestamp = Field(sa_column=utc_column(nullable=False))
    finished_at: Timestamp | None = Field(default=None, sa_column=utc_column())

    @property
    def deaths(self) -> int:
        """How often its worker died while it ran, and for no other reason that is known."""
        return self.attempt - 1 - self.attempts_forgiven

    def view(self, *, whole: bool) -> TaskView:
        """The task as its owner sees it; `whole` adds what was asked and what was answered."""
        fields = set(TaskView.model_fields) - (set() if whole else {"request", "result"})
        return TaskView.model_validate({name: getattr(self, name) for name in fields})


class TaskStep(SQLModel, table=True):
    """One finished step of a task: a model's turn or a tool's call, kept for good."""

    __tablename__ = "task_step"  # pyright: ignore[reportAssignmentType]

    task_id: str = Field(primary_key=True, foreign_key="agent_task.id")
    number: int = Field(primary_key=True)
    attempt: int
    kind: str  # "model" | "tool" | "switch"
    name: str
    content: dict[str, Any] = Field(sa_type=JSON)
    created_at: Timestamp = Field(sa_column=utc_column(nullable=False))
