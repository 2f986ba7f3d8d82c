"""From which month on one plan has cost no more than another.

The cost so far is all interest and fees until then, less what a lender has forgiven.
"""

from collections import defaultdict
from decimal import Decimal
from itertools import accumulate

from data.answers.plan import Plan
from data.month import Month, month_at, month_index


def cost_by_month(plan: Plan, forgiven: Decimal = Decimal(0)) -> list[Decimal]:
    """What a plan has cost by the end of each of its months; it needs its schedule."""
    costs: defaultdict[int, Decimal] = defaultdict(Decimal)
    for row in plan.schedule:
        costs[month_index(row.month)] += row.interest + row.fees
    start = month_index(plan.start)
    months = range(start, max(costs, default=start) + 1)
    return list(accumulate((costs[month] for month in months), initial=-forgiven))[1:]


def break_even(before: list[Decimal], after: list[Decimal], start: Month) -> Month | None:
    """The first month from which to the end `after` has cost no more than `before`; null where it ends dearer."""
    return _from_month(start, [later > sooner for sooner, later in _pairs(before, after)])


def cheaper_from(before: list[Decimal], after: list[Decimal], start: Month) -> Month | None:
    """The first month from which to the end `after` has cost less than `before`; null where it does not end so."""
    return _from_month(start, [later >= sooner for sooner, later in _pairs(before, after)])


def _from_month(start: Month, fails: list[bool]) -> Month | None:
    first = max((t + 1 for t, fail in enumerate(fails) if fail), default=0)
    return month_at(month_index(start) + first) if first < len(fails) else None


def _pairs(before: list[Decimal], after: list[Decimal]) -> list[tuple[Decimal, Decimal]]:
    """The costs month by month, those of the plan that has ended as they were then."""
    length = max(len(before), len(after))
    return list(zip(_held(before, length), _held(after, length), strict=True))


def _held(costs: list[Decimal], length: int) -> list[Decimal]:
    last = costs[-1] if costs else Decimal(0)
    return costs + [last] * (length - len(costs))
