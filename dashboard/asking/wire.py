"""What the API answers, as far as the dashboard shows it; fields it does not know are left aside.

Portfolios, plans, health and what a file says have `data`'s own shapes.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from data.portfolio.portfolio import Portfolio

Json = dict[str, Any]
Status = Literal["pending", "processing", "completed", "failed", "cancelled"]
FINISHED = frozenset({"completed", "failed", "cancelled"})
TASK_TYPES = ("debt_analysis", "repayment_plan", "financial_advice")


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Model(_Answer):
    """A language model by the name that a task asks for it."""

    name: str
    is_default: bool = False
    is_answering: bool = False


class SavedPortfolio(_Answer):
    """A portfolio the API keeps; without its content in lists."""

    id: str
    version: int
    title: str
    created_at: datetime
    portfolio: Portfolio | None = None


class Unsupported(_Answer):
    """A number in the narrative that no tool returned; `start` and `end` are places in the text."""

    text: str
    start: int | None = None
    end: int | None = None


class Grounding(_Answer):
    """How many numbers of the narrative were checked, and which were not found."""

    checked: int = 0
    unsupported: list[Unsupported] = []


class TaskResult(_Answer):
    """What an agent answered."""

    narrative: str = ""
    recommendations: list[Any] = []
    facts: Json = {}
    plan: Json | None = None
    grounding: Grounding = Grounding()
    model: str | None = None
    usage: Json | None = None


class Task(_Answer):
    """A question to an agent: its status, and in the whole record its answer."""

    id: str
    type: str
    status: Status
    progress: int = 0
    stage: str = ""
    attempt: int = 0
    created_at: datetime
    finished_at: datetime | None = None
    request: Json | None = None
    result: TaskResult | None = None
    error: Json | None = None

    @property
    def is_finished(self) -> bool:
        """True once nothing more will come."""
        return self.status in FINISHED


class TaskState(_Answer):
    """The short form of a task that is cheap to ask for."""

    status: Status
    progress: int = 0
    attempt: int = 0


class Batch(_Answer):
    """A CSV of many portfolios and how far it has come."""

    id: str
    file_name: str
    status: Status
    progress: int = 0
    rows: int = 0
    portfolios: int = 0
    rejects: int = 0
    error: Json | None = None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None

    @property
    def is_finished(self) -> bool:
        """True once nothing more will come."""
        return self.status in FINISHED
