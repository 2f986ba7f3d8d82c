"""What the planner answers to a notebook: tables that belong together, and the answer as it goes over the wire."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pandas as pd
from pydantic import BaseModel

from agents.notebooks.tables import described, table
from data.answers.budget_answer import Frontier, FrontierPoint, RequiredBudget
from data.answers.health import Health, HealthWarning, Repayment
from data.answers.plan import Comparison, MissedMinimum, OfferTaken, Plan, PlanDebt, PlanMonth
from data.answers.risk_report import FanMonth, RiskReport, StrategyRisk, TornadoBar

AnswerOf = TypeVar("AnswerOf", bound=BaseModel)


@dataclass(frozen=True)
class _Tables(Generic[AnswerOf]):
    """Tables that belong together.

    Attributes:
        summary: what there is to say in a row, or in a row a strategy.
        answer: the same as the HTTP endpoint answers it.
    """

    summary: pd.DataFrame
    answer: AnswerOf

    def _repr_html_(self) -> Any:
        """What a notebook shows of it: its summary."""
        return self.summary.T.to_html()


@dataclass(frozen=True)
class PlanTables(_Tables[Plan]):
    """One plan: what to pay, to whom, in which month; its `summary` holds the totals.

    Attributes:
        schedule: a row a month and debt. debts: a row a debt.
        missed: the minimums that the money does not cover. offers: those that it takes.
    """

    schedule: pd.DataFrame
    debts: pd.DataFrame
    missed: pd.DataFrame
    offers: pd.DataFrame

    @classmethod
    def of(cls, plan: Plan) -> "PlanTables":
        """The tables of a plan."""
        tables = {
            "summary": table([plan], Plan, ["strategy"]),
            "schedule": table(plan.schedule, PlanMonth),
            "debts": table(plan.debts, PlanDebt, ["name"]),
            "missed": table(plan.missed, MissedMinimum),
            "offers": table(plan.offers_taken, OfferTaken),
        }
        return cls(answer=plan, **_each_described(tables, currency=plan.currency, strategy=plan.strategy))


@dataclass(frozen=True)
class RiskTables(_Tables[RiskReport]):
    """What may come of a plan; a row of its `summary` holds quantiles of months, interest and total, and probabilities.

    Attributes:
        fan: what is owed month by month, its quantiles. tornado: which assumption matters most.
    """

    fan: pd.DataFrame
    tornado: pd.DataFrame

    @classmethod
    def of(cls, report: RiskReport) -> "RiskTables":
        """The tables of a report."""
        fans = [table(one.fan, FanMonth).assign(strategy=one.strategy) for one in report.strategies]
        tables = {
            "summary": table(report.strategies, StrategyRisk, ["strategy"]),
            "fan": pd.concat(fans, ignore_index=True).set_index(["strategy", "month"]),
            "tornado": table(report.tornado.bars if report.tornado else [], TornadoBar, ["input"]),
        }
        facts = {"currency": report.currency, "by": report.by, "scenarios": report.scenarios, "seed": report.seed}
        return cls(answer=report, **_each_described(tables, **facts))


@dataclass(frozen=True)
class BudgetTables(_Tables[RequiredBudget]):
    """The smallest monthly budget that is debt-free by a month; its `summary` says how sure it is.

    Attributes:
        plan: the plan with it.
    """

    plan: PlanTables

    @classmethod
    def of(cls, found: RequiredBudget) -> "BudgetTables":
        """The tables of a budget."""
        own = [name for name in RequiredBudget.model_fields if name not in ("plan", "currency", "strategy")]
        summary = pd.DataFrame(table([found], RequiredBudget, ["strategy"]), columns=own)
        return cls(described(summary, currency=found.currency), found, PlanTables.of(found.plan))


@dataclass(frozen=True)
class HealthTables(_Tables[Health]):
    """What a portfolio weighs today; its `summary` holds totals and ratios.

    Attributes:
        repayments: a row a debt, at its minimums alone and in 36 months.
        warnings: what to act on.
    """

    repayments: pd.DataFrame
    warnings: pd.DataFrame

    @classmethod
    def of(cls, found: Health) -> "HealthTables":
        """The tables of a portfolio's measures."""
        tables = {
            "summary": table([found], Health),
            "repayments": table(found.repayments, Repayment, ["debt"]),
            "warnings": table(found.warnings, HealthWarning),
        }
        return cls(answer=found, **_each_described(tables, currency=found.currency, month=found.month))


def comparison_table(found: Comparison) -> pd.DataFrame:
    """A row a strategy; `best`, `recommended` and the proved `bound` are in its `attrs`."""
    facts = {"best": found.best, "recommended": found.recommended, "bound": found.bound}
    return described(table(found.plans, Plan, ["strategy"]), currency=found.plans[0].currency, **facts)


def frontier_table(found: Frontier) -> pd.DataFrame:
    """A row a budget."""
    return described(table(found.points, FrontierPoint), currency=found.currency, strategy=found.strategy)


def _each_described(tables: dict[str, pd.DataFrame], **facts: Any) -> dict[str, pd.DataFrame]:
    return {name: described(frame, **facts) for name, frame in tables.items()}
