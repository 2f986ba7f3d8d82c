"""What a language must be able to say for a report to be written in it: one sentence or paragraph a method.

`agents/telling/english.py` and `agents/telling/chinese.py` say it; `agents/telling/report.py` puts it in order.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from agents.case.findings import Findings
from agents.checking.grounding import escaped
from agents.reading.question import Topic
from agents.telling.formats import Formats
from data.answers.health import HealthWarning
from data.answers.plan import MissedMinimum, PlanDebt
from data.wire.case_facts import BudgetTried, ComparedOutcome, DebtFact
from data.wire.task import TaskType
from data.wire.task_result import Advice
from data.wording.words import name_of, word, words


class Voice(ABC):
    """One language's words; every method returns Markdown, "" where there is nothing to say."""

    headings: ClassVar[dict[str, str]]
    format: Formats

    def strategy(self, name: str) -> str:
        """A strategy's name, as in a table."""
        return name_of("strategy", name, self.format.language)

    def column(self, name: str) -> str:
        """What stands over a column or before a row."""
        return word(f"column.{name}", self.format.language)

    def warned(self, sentences: Mapping[str, str], warning: HealthWarning) -> str:
        """The sentence of a warning, and one for each amount that says what to do; "" for a code without words.

        `sentences` are the voice's own; what it leaves out is said as it is said everywhere.
        """
        if warning.code not in sentences:
            return ""
        said = {**words(self.format.language), **{f"warning.{key}": text for key, text in sentences.items()}}
        parts = (f"warning.{warning.code}", *(f"warning.{warning.code}.{name}" for name in warning.amounts))
        values = {name: self.format.money(amount) for name, amount in warning.amounts.items()}
        values |= {name: self.format.rate(rate) for name, rate in warning.rates.items()}
        values |= {"month": self.format.month(warning.month) if warning.month else "", "months": str(warning.months)}
        if warning.cap is not None:
            values["rule"] = escaped(getattr(warning.cap.name, self.format.language))
            values["source"] = escaped(warning.cap.source.title)
        return "".join(said.get(part, "") for part in parts).format(**values)

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
    def rate_of(self, debt: DebtFact) -> str:
        """A debt's rate, in a table: today's, and what follows a promotion."""

    @abstractmethod
    def total(self, amount: Decimal) -> str:
        """A month's total, in a table."""
