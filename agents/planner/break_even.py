"""From which month on one plan has cost no more than another.

The cost so far is all interest and fees until then, less what a lender has forgiven. Knows nothing of why plans differ.
"""

from collections import defaultdict
from decimal import Decimal
from itertools import accumulate

from data.month import Month, month_at, month_index
from data.plan import Plan


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
    length = max(len(before), len(after))
    pairs = zip(_held(before, length), _held(after, length), strict=True)
    dearer = [month for month, (without, with_it) in enumerate(pairs) if with_it > without]
    first = dearer[-1] + 1 if dearer else 0
    return month_at(month_index(start) + first) if first < length else None


def _held(costs: list[Decimal], length: int) -> list[Decimal]:
    last = costs[-1] if costs else Decimal(0)
    return costs + [last] * (length - len(costs))
