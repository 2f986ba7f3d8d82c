"""A question to an agent as it goes over the wire: what is asked, where it stands, and where it may go from there."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from data.portfolio.portfolio import Portfolio
from data.wire.task_result import Json, TaskResult
from data.wording.described import Described
from data.wording.sentence import Refused, say
from data.wording.words import Language


class TaskType(StrEnum):
    """What an agent can be asked for."""

    DEBT_ANALYSIS = "debt_analysis"
    REPAYMENT_PLAN = "repayment_plan"
    FINANCIAL_ADVICE = "financial_advice"


class TaskPriority(StrEnum):
    """How soon a task is wanted: somebody waits in a chat, somebody looks later, or nobody looks."""

    CHAT = "chat"
    TASK = "task"
    BATCH = "batch"


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


class NewTask(Described, BaseModel):
    """What `POST /v1/tasks` takes: a portfolio, or the id of a saved one, and what to do with it.

    Attributes:
        type: what is asked for.
        portfolio: the debts that it is about; either this or `portfolio_id`.
        portfolio_id: the id of a saved portfolio, whose newest version is taken.
        question: the question in the client's own words, up to 4,000 characters; advice without a portfolio needs one.
        language: the language of the answer: `en` or `zh`.
        model: the model that shall tell the answer, as `GET /v1/models` names it; null is the service's own choice.
    """

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


class TaskView(Described, BaseModel):
    """A task as its owner sees it; `request` and `result` only in the whole record, not in lists.

    Attributes:
        id: its id.
        type: what was asked for.
        status: where it stands.
        progress: how far it is, in percent, 0 to 100.
        stage: what it is at, in a word.
        attempt: how often it has been begun; 0 while it waits for the first time.
        created_at: when it was accepted, in UTC.
        updated_at: when its record last changed, in UTC.
        finished_at: when it ended, in UTC; null until then.
        request: what was asked, as it was sent; the portfolio is in it.
        result: what was answered; null until it is completed.
        error: why it failed: `type`, `detail` and `trace_id`; null where it did not.
    """

    id: str
    type: TaskType
    status: TaskStatus
    progress: int
    stage: str
    attempt: int
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    request: Json | None = None
    result: TaskResult | None = None
    error: Json | None = None

    @property
    def is_finished(self) -> bool:
        """True once nothing more will come."""
        return self.status in FINISHED


class TaskState(Described, BaseModel):
    """Where a task stands; progress is 0 to 100.

    Attributes:
        status: where it stands.
        progress: how far it is, in percent, 0 to 100.
        stage: what it is at, in a word.
        attempt: how often it has been begun; 0 while it waits for the first time.
    """

    status: TaskStatus
    progress: int
    stage: str
    attempt: int
