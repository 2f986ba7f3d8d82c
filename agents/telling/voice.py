"""What a language must be able to say for a report to be written in it: one sentence or paragraph a method.

`agents/telling/english.py` and `agents/telling/chinese.py` say it; `agents/telling/report.py` puts it in order.
"""

from abc import ABC, abstractmethod
from decimal import Decimal
from typing import ClassVar

from agents.findings import Findings
from agents.question import Topic
from agents.telling.formats import Formats
from data.answers.health import HealthWarning
from data.answers.plan import MissedMinimum, PlanDebt
from data.wire.case_facts import BudgetTried, ComparedOutcome, DebtFact
from data.wire.task import TaskType
from data.wire.task_result import Advice


class Voice(ABC):
    """One language's words; every method returns Markdown, "" where there is nothing to say."""

    headings: ClassVar[dict[str, str]]
    columns: ClassVar[dict[str, tuple[str, ...]]]
    format: Formats

    @abstractmethod
    def title(self, task: TaskType) -> str:
        """The report's title."""

    @abstractmethod
    def lead(self, facts: Findings) -> str:
        """The short answer."""

    @abstractmethod
    def about(self, topic: Topic, facts: Findings) -> str:
        """The answer to one topic of the client's question."""

    @abstractmethod
    def versus(self, outcome: ComparedOutcome, facts: Findings) -> str:
        """How a strategy that the client names compares with the one chosen."""

    @abstractmethod
    def what_if(self, found: BudgetTried) -> str:
        """What another monthly amount changes."""

    @abstractmethod
    def partly(self) -> str:
        """The figures answer only a part of the question."""

    @abstractmethod
    def standing(self, facts: Findings) -> str:
        """What is owed, at which rate, and what the minimums come to."""

    @abstractmethod
    def costs(self, facts: Findings) -> str:
        """Which debts cost most."""

    @abstractmethod
    def choice(self, facts: Findings) -> str:
        """The strategy, why, and against the others."""

    @abstractmethod
    def order(self, facts: Findings) -> str:
        """Introduces the order in which debts are cleared."""

    @abstractmethod
    def cleared(self, debt: PlanDebt) -> str:
        """When one debt is cleared."""

    @abstractmethod
    def payments(self, facts: Findings) -> str:
        """Introduces the table of the first payments."""

    @abstractmethod
    def warning(self, warning: HealthWarning) -> str:
        """One of the health warnings."""

    @abstractmethod
    def deferred(self, debt: DebtFact) -> str:
        """Deferred interest that comes back when anything is left."""

    @abstractmethod
    def fee(self, debt: DebtFact) -> str:
        """A monthly fee that looks cheaper than it is."""

    @abstractmethod
    def missed(self, missed: MissedMinimum) -> str:
        """A minimum that the money does not cover."""

    @abstractmethod
    def endless(self, facts: Findings) -> str:
        """The plan never ends, and why."""

    @abstractmethod
    def no_warnings(self) -> str:
        """Nothing to warn of."""

    @abstractmethod
    def step(self, advice: Advice) -> str:
        """One recommendation."""

    @abstractmethod
    def closing(self, facts: Findings) -> str:
        """Where the figures come from, and what they are not."""

    @abstractmethod
    def without_figures(self, owed: str | None, asked: list[Topic]) -> str:
        """The whole answer to somebody whose debts are not known yet."""

    @abstractmethod
    def strategy(self, name: str) -> str:
        """A strategy's name."""

    @abstractmethod
    def rate_of(self, debt: DebtFact) -> str:
        """A debt's rate, in a table: today's, and what follows a promotion."""

    @abstractmethod
    def total(self, amount: Decimal) -> str:
        """A month's total, in a table."""
