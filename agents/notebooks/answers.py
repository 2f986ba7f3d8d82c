"""What the planner answers to a notebook: tables that belong together, and the answer as it goes over the wire."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from agents.notebooks.tables import described, table
from data.answers.budget_answer import Frontier, FrontierPoint, RequiredBudget
from data.answers.health import Health, HealthWarning, Repayment
from data.answers.plan import Comparison, MissedMinimum, OfferTaken, Plan, PlanDebt, PlanMonth
from data.answers.risk_report import FanMonth, RiskReport, StrategyRisk, TornadoBar


class _Tables:
    summary: pd.DataFrame

    def _repr_html_(self) -> Any:
        """What a notebook shows of it: its summary."""
        return self.summary.T.to_html()


@dataclass(frozen=True)
class PlanTables(_Tables):
    """One plan: what to pay, to whom, in which month.

    Attributes:
        summary: its totals, one row. schedule: a row a month and debt. debts: a row a debt.
        missed: the minimums that the money does not cover. offers: those that it takes.
        answer: the same as the HTTP endpoint answers it.
    """

    summary: pd.DataFrame
    schedule: pd.DataFrame
    debts: pd.DataFrame
    missed: pd.DataFrame
    offers: pd.DataFrame
    answer: Plan

    @classmethod
    def of(cls, plan: Plan) -> "PlanTables":
        """The tables of a plan."""
        facts = {"currency": plan.currency, "strategy": plan.strategy}
        return cls(
            summary=described(table([plan], Plan, ["strategy"]), **facts),
            schedule=described(table(plan.schedule, PlanMonth), **facts),
            debts=described(table(plan.debts, PlanDebt, ["name"]), **facts),
            missed=described(table(plan.missed, MissedMinimum), **facts),
            offers=described(table(plan.offers_taken, OfferTaken), **facts),
            answer=plan,
        )


@dataclass(frozen=True)
class RiskTables(_Tables):
    """What may come of a plan.

    Attributes:
        summary: a row a strategy: quantiles of months, interest and total, and probabilities.
        fan: what is owed month by month, its quantiles. tornado: which assumption matters most.
        answer: the same as the HTTP endpoint answers it.
    """

    summary: pd.DataFrame
    fan: pd.DataFrame
    tornado: pd.DataFrame
    answer: RiskReport

    @classmethod
    def of(cls, report: RiskReport) -> "RiskTables":
        """The tables of a report."""
        facts = {"currency": report.currency, "by": report.by, "scenarios": report.scenarios, "seed": report.seed}
        fans = [table(one.fan, FanMonth).assign(strategy=one.strategy) for one in report.strategies]
        fan = pd.concat(fans, ignore_index=True).set_index(["strategy", "month"])
        return cls(
            summary=described(table(report.strategies, StrategyRisk, ["strategy"]), **facts),
            fan=described(fan, **facts),
            tornado=described(table(report.tornado.bars if report.tornado else [], TornadoBar, ["input"]), **facts),
            answer=report,
        )


@dataclass(frozen=True)
class BudgetTables(_Tables):
    """The smallest monthly budget that is debt-free by a month.

    Attributes:
        summary: the budget and how sure it is, one row. plan: the plan with it.
        answer: the same as the HTTP endpoint answers it.
    """

    summary: pd.DataFrame
    plan: PlanTables
    answer: RequiredBudget

    @classmethod
    def of(cls, found: RequiredBudget) -> "BudgetTables":
        """The tables of a budget."""
        own = [name for name in RequiredBudget.model_fields if name not in ("plan", "currency", "strategy")]
        summary = pd.DataFrame(table([found], RequiredBudget, ["strategy"]), columns=own)
        return cls(described(summary, currency=found.currency), PlanTables.of(found.plan), found)


@dataclass(frozen=True)
class HealthTables(_Tables):
    """What a portfolio weighs today.

    Attributes:
        summary: totals and ratios, one row. repayments: a row a debt, at its minimums alone and in 36 months.
        warnings: what to act on. answer: the same as the HTTP endpoint answers it.
    """

    summary: pd.DataFrame
    repayments: pd.DataFrame
    warnings: pd.DataFrame
    answer: Health

    @classmethod
    def of(cls, found: Health) -> "HealthTables":
        """The tables of a portfolio's measures."""
        facts = {"currency": found.currency, "month": found.month}
        return cls(
            summary=described(table([found], Health), **facts),
            repayments=described(table(found.repayments, Repayment, ["debt"]), **facts),
            warnings=described(table(found.warnings, HealthWarning), **facts),
            answer=found,
        )


def comparison_table(found: Comparison) -> pd.DataFrame:
    """A row a strategy; `best`, `recommended` and the proved `bound` are in its `attrs`."""
    facts = {"best": found.best, "recommended": found.recommended, "bound": found.bound}
    return described(table(found.plans, Plan, ["strategy"]), currency=found.plans[0].currency, **facts)


def frontier_table(found: Frontier) -> pd.DataFrame:
    """A row a budget."""
    return described(table(found.points, FrontierPoint), currency=found.currency, strategy=found.strategy)
