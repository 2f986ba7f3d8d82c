"""Plans as tables of words and amounts; each is shown, downloaded, and stands beside its chart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from dashboard.showing.charts import balances, interest_so_far
from dashboard.text import Words
from data.answers.plan import Comparison, Plan
from data.month import shift_month
from data.portfolio.debt import Debt


@dataclass(frozen=True)
class Payment:
    """One payment that comes next: when, to whom, how much."""

    day: date
    debt: str
    amount: Decimal


def next_payments(plan: Plan, debts: Sequence[Debt], today: date, count: int = 5) -> list[Payment]:
    """The plan's next payments by their due days, from today on; a due day past the month's end is its last day."""
    due = {debt.name: debt.due_day for debt in debts}
    payments = [
        Payment(_due_day(row.month, due.get(row.debt, 1)), row.debt, row.payment)
        for row in plan.schedule
        if row.payment > 0 and row.month <= shift_month(plan.start, 3)
    ]
    # Where all are past, as in a plan of long ago, the first ones.
    ahead = [payment for payment in payments if payment.day >= today] or payments
    return sorted(ahead, key=lambda payment: (payment.day, payment.debt))[:count]


def _due_day(month: str, day: int) -> date:
    year, number = int(month[:4]), int(month[5:])
    following = shift_month(month, 1)
    last = (date(int(following[:4]), int(following[5:]), 1) - date(year, number, 1)).days
    return date(year, number, min(day, last))


def comparison_frame(comparison: Comparison, words: Words) -> pd.DataFrame:
    """Every strategy in one row, the cheapest marked, in the order of what it costs."""
    t, best = words.t, cheapest(comparison)
    has_optimum = knows_optimum(comparison)
    rows = [
        {
            t("column.strategy"): t(f"strategy.{plan.strategy}") + (" ★" if plan.strategy == best else ""),
            t("column.status"): t(f"status.{plan.status}"),
            t("column.interest"): None if plan.months is None else plan.total_interest,
            t("column.fees"): None if plan.months is None else plan.total_fees,
            **(
                {t("column.above_optimum"): plan.above_optimum, t("column.gap"): _gap(plan, words)}
                if has_optimum
                else {}
            ),
            t("column.months"): "∞" if plan.months is None else str(plan.months),
            t("column.debt_free"): words.month(plan.debt_free, short=True),
            t("column.first_cleared"): _first_cleared(plan, words),
            t("column.worst_month"): _worst_month(plan, words),
            t("column.missed"): str(len(plan.missed)),
            t("column.saved_vs_minimum"): plan.saved_vs_minimum,
            t("column.saved_vs_matching"): plan.saved_vs_matching,
        }
        for plan in ranked(comparison)
    ]
    return pd.DataFrame(rows, dtype="object")


def _gap(plan: Plan, words: Words) -> str:
    """By how much of itself a plan may be above the least that any plan pays."""
    return words.t("common.none") if plan.gap is None else words.percent(plan.gap)


def cheapest(comparison: Comparison) -> str | None:
    """The strategy that costs least; None where none ends, for then none is cheap."""
    ends = {plan.strategy for plan in comparison.plans if plan.months is not None}
    return comparison.best if comparison.best in ends else None


def knows_optimum(comparison: Comparison) -> bool:
    """True where there is an optimal plan that ends, to set the others against."""
    return any(plan.above_optimum is not None for plan in comparison.plans)


def recommended(comparison: Comparison) -> str:
    """The strategy to show unless another is chosen."""
    return comparison.recommended or comparison.best


def ranked(comparison: Comparison) -> list[Plan]:
    """The plans from the cheapest; those that never end last, the best first among equals."""
    return sorted(
        comparison.plans, key=lambda plan: (plan.months is None, plan.strategy != comparison.best, plan.total_paid)
    )


def _first_cleared(plan: Plan, words: Words) -> str:
    if plan.first_cleared is None:
        return words.t("common.none")
    return f"{plan.first_cleared} · {words.month(plan.first_cleared_month, short=True)}"


def _worst_month(plan: Plan, words: Words) -> str:
    if plan.worst_month is None or plan.worst_month_payment is None:
        return words.t("common.none")
    return f"{words.money(plan.worst_month_payment, plan.currency)} · {words.month(plan.worst_month, short=True)}"


def schedule_frame(plan: Plan, words: Words) -> pd.DataFrame:
    """The plan month by month, one row a debt; months stay in their own form so that they sort."""
    t = words.t
    names = ("month", "debt", "opening", "interest", "fees", "minimum", "payment", "closing")
    rows = [[getattr(row, name) for name in names] for row in plan.schedule]
    return pd.DataFrame(rows, columns=[t(f"column.{name}") for name in names], dtype="object")


def payments_frame(plan: Plan, words: Words) -> pd.DataFrame:
    """What is paid to whom in each month: a column a debt, and the total."""
    paid: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in plan.schedule:
        paid[row.month][row.debt] = row.payment
    names = [debt.name for debt in plan.debts]
    rows = [
        [month, *(of_month.get(name) for name in names), sum(of_month.values(), Decimal(0))]
        for month, of_month in sorted(paid.items())
    ]
    return pd.DataFrame(rows, columns=[words.t("column.month"), *names, words.t("column.total")], dtype="object")


def balances_frame(plan: Plan, words: Words) -> pd.DataFrame:
    """The numbers behind the stacked balances."""
    series, months = balances(plan, words)
    return pd.DataFrame({words.t("column.month"): months, **series}, dtype="object")


def interest_frame(plans: Sequence[Plan], words: Words) -> pd.DataFrame:
    """The numbers behind the interest so far, a column a strategy."""
    columns: dict[str, dict[str, Decimal]] = {}
    for plan in plans:
        months, amounts = interest_so_far(plan)
        columns[words.t(f"strategy.{plan.strategy}")] = dict(zip(months, amounts, strict=True))
    months = sorted({month for column in columns.values() for month in column})
    rows = [[month, *(column.get(month) for column in columns.values())] for month in months]
    return pd.DataFrame(rows, columns=[words.t("column.month"), *columns], dtype="object")


def offers_frame(plan: Plan, words: Words) -> pd.DataFrame:
    """The offers that the plan takes up: how much of which debt, when, and at what cost."""
    t = words.t
    rows = [
        {
            t("column.offer"): one.name,
            t("column.from"): one.debt,
            t("column.month"): one.month,
            t("column.moved"): one.amount,
            t("column.cost"): one.fee + one.charge,
        }
        for one in plan.offers_taken
    ]
    return pd.DataFrame(rows, dtype="object")


def payoff_frame(plan: Plan, words: Words) -> pd.DataFrame:
    """When each debt is paid off and what it costs until then."""
    t = words.t
    rows = [
        {
            t("column.debt"): debt.name,
            t("column.paid_off"): debt.paid_off or t("chart.not_paid"),
            t("column.interest"): debt.interest,
            t("column.fees"): debt.fees,
            t("column.paid"): debt.paid,
        }
        for debt in sorted(plan.debts, key=lambda debt: debt.paid_off or "9999-99")
    ]
    return pd.DataFrame(rows, dtype="object")
