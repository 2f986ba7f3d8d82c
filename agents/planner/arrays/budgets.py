"""The budget of each month, from what a client says of it: changes, yearly raises, paydays.

Amounts are decimals in currency units; months are whole numbers.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from agents.planner.kernel.layout import HORIZON
from data.money import round_half_up
from data.month import month_at, month_index
from data.portfolio.budget import Budget, BudgetChange, LumpSum, Paydays
from data.portfolio.value import Money

JANUARY = 0
SPACING = {"weekly": 7, "biweekly": 14}
MOST = Decimal(10) ** 15  # a month: raises end there, above all that can be owed


def budget_path(budget: Budget, start: int, currency: str) -> list[tuple[int, Decimal]]:
    """The month from which each amount holds, and the amount, beginning with the plan's first month.

    In each month: a change that begins in it, else the amount in force, raised if it is a January after the first
    month; paydays count that month's days of pay, at the amount of pay in force.
    """
    changes = {month_index(change.from_): change.monthly for change in budget.changes}
    amount = _in_force_before(budget, changes, start)
    # A change that has begun replaces the paydays.
    paydays = budget.paydays if not any(month <= start for month in changes) else None
    path = [(start, _of_month(amount, paydays, start))]
    if not (changes or budget.yearly_raise or paydays):
        return path
    for month in range(start + 1, start + HORIZON):
        if month in changes:
            amount, paydays = changes[month], None
        elif budget.yearly_raise and month % 12 == JANUARY:
            amount = min(round_half_up(amount * (1 + budget.yearly_raise), currency), MOST)
        path.append((month, _of_month(amount, paydays, month)))
    # Only where the amount changes: the kernel keeps a budget in force until the next.
    return [path[0], *(later for earlier, later in pairwise(path) if later[1] != earlier[1])]


def budget_of_path(
    path: Sequence[tuple[int, Decimal]], lump_sums: Sequence[LumpSum], *, mode: Literal["total", "extra"] = "total"
) -> Budget:
    """The budget that has this path: the first amount, and a change wherever another begins.

    Computed amounts may be larger than what a client may state, so they are not checked.
    """
    changes = [BudgetChange.model_construct(from_=month_at(month), monthly=Money(amount)) for month, amount in path[1:]]
    budget = Budget(monthly=Money(0), mode=mode, lump_sums=list(lump_sums))
    return budget.model_copy(update={"monthly": Money(path[0][1]), "changes": changes})


def _in_force_before(budget: Budget, changes: dict[int, Decimal], start: int) -> Decimal:
    past = [month for month in changes if month <= start]
    if past:
        return changes[max(past)]
    if budget.paydays is not None:
        return budget.paydays.amount
    return budget.monthly or Decimal(0)


def _of_month(amount: Decimal, paydays: Paydays | None, month: int) -> Decimal:
    return amount if paydays is None else amount * count_paydays(paydays, month)


def count_paydays(paydays: Paydays, month: int) -> int:
    """How many days of pay fall in a month; semimonthly pay comes in each half of it."""
    first = date(month // 12, month % 12 + 1, 1)
    end = date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    if end <= paydays.first:
        return 0
    if paydays.every == "semimonthly":
        # Pay that begins in the second half of a month comes once in that month.
        return 1 if month_index(f"{paydays.first:%Y-%m}") == month and paydays.first.day > 15 else 2
    days = SPACING[paydays.every]
    return _paydays_before(end, paydays.first, days) - _paydays_before(first, paydays.first, days)


def _paydays_before(day: date, first: date, spacing: int) -> int:
    return max((day - first - timedelta(days=1)).days // spacing + 1, 0)
