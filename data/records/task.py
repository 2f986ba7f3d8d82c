"""A question to an agent and its record: the table rows, the wire shapes, and the legal moves of its status."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from sqlalchemy import JSON, Index, LargeBinary
from sqlmodel import Field, SQLModel

from data.portfolio.portfolio import Portfolio
from data.records.timestamp import Timestamp, utc_column
from data.wording.sentence import Refused, say


class TaskType(StrEnum):
    """What an agent can be asked for."""

    DEBT_ANALYSIS = "debt_analysis"
    REPAYMENT_PLAN = "repayment_plan"
    FINANCIAL_ADVICE = "financial_advice"


class TaskStatus(StrEnum):
    """Where a task stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


LEGAL_MOVES: dict[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.PENDING: frozenset({TaskStatus.PROCESSING, TaskStatus.CANCELLED, TaskStatus.FAILED}),
    # processing -> processing is a newer attempt's claim after a lease has lapsed
    TaskStatus.PROCESSING: frozenset(
        {TaskStatus.PROCESSING, TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED}
    ),
    TaskStatus.COMPLETED: frozenset(),
    TaskStatus.FAILED: frozenset({TaskStatus.PENDING}),  # retry
    TaskStatus.CANCELLED: frozenset({TaskStatus.PENDING}),  # retry
}
FINISHED = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


class AgentTask(SQLModel, table=True):
    """One task: the truth about it, whatever Redis says.

    Attributes:
        attempt: how often it has been claimed; every write names its attempt and is refused if a newer exists.
        attempts_forgiven: those before its owner's last retry or handed back; they do not count against the limit.
        lease_until: the claim lapses then unless its worker renews it.
        fingerprint: of the NewTask as it came; an idempotency key may be used again for the same only.
        request: the same with the portfolio resolved and its first month filled in.
        checkpoint: the model's messages after the last finished step, in pydantic-ai's JSON.
        result: {facts, narrative, recommendations, plan?, grounding, model, usage}. error: {type, detail}.
    """

    __tablename__ = "agent_task"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_agent_task_listing", "organisation_id", "created_at", "id"),
        Index("ix_agent_task_status", "status", "lease_until"),
        Index("ux_agent_task_idempotency", "organisation_id", "idempotency_key", unique=True),
    )

    id: str = Field(primary_key=True)
    organisation_id: str
    key_id: str
    type: str
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
    request: dict[str, Any] = Field(sa_type=JSON)
    checkpoint: bytes | None = Field(default=None, sa_type=LargeBinary)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    created_at: Timestamp = Field(sa_column=utc_column(nullable=False))
    updated_at: Timestamp = Field(sa_column=utc_column(nullable=False))
    finished_at: Timestamp | None = Field(default=None, sa_column=utc_column())


class TaskStep(SQLModel, table=True):
    """One finished step of a task: a model's turn or a tool's call, kept for good."""

    __tablename__ = "task_step"  # pyright: ignore[reportAssignmentType]

    task_id: str = Field(primary_key=True, foreign_key="agent_task.id")
    number: int = Field(primary_key=True)
    attempt: int
    kind: str  # "model" | "tool"
    name: str
    content: dict[str, Any] = Field(sa_type=JSON)
    created_at: Timestamp = Field(sa_column=utc_column(nullable=False))


Language = Literal["en", "zh"]


class NewTask(BaseModel):
    """What `POST /v1/tasks` takes: a portfolio, or the id of a saved one, and what to do with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: TaskType
    portfolio: Portfolio | None = None
    portfolio_id: str | None = None
    question: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] | None = None
    language: Language = "en"
    model: Annotated[str, StringConstraints(max_length=200)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "NewTask":
        if self.portfolio is not None and self.portfolio_id is not None:
            raise Refused(say("portfolio_or_its_id"))
        needs_debts = self.type is not TaskType.FINANCIAL_ADVICE
        if needs_debts and self.portfolio is None and self.portfolio_id is None:
            raise Refused(say("task_needs_portfolio", type=self.type.value))
        if not needs_debts and self.portfolio is None and self.portfolio_id is None and not self.question:
            raise Refused(say("advice_needs_question"))
        return self


class TaskView(BaseModel):
    """A task as its owner sees it; `request` and `result` only in the whole record, not in lists."""

    id: str
    type: TaskType
    status: TaskStatus
    progress: int
    stage: str
    attempt: int
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    request: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None

    @classmethod
    def of(cls, task: AgentTask, *, whole: bool) -> "TaskView":
        """The view of a row; `whole` adds what was asked and what was answered."""
        fields = set(cls.model_fields) - (set() if whole else {"request", "result"})
        return cls.model_validate({name: getattr(task, name) for name in fields})
