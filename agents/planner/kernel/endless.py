"""When it is certain that a plan never ends, so that no further month need be simulated.

Only sufficient signs are looked for; without one the plan runs to the horizon. docs/methodology.md, section 6, has the
argument for each.
"""

from typing import Any

from agents.planner.kernel.compiled import rare
from agents.planner.kernel.exact import RATE_ONE
from agents.planner.kernel.layout import HAS_LATE_COST, MONTHLY

MOST = 1_000_000_000_000_000_000  # minor units in all: beyond any budget, and what whole numbers still hold
# The shortest month of the longest year: interest is at least this, so the sign is sufficient in any month.
SHORTEST_MONTH = 28.0 / 366.0 / RATE_ONE


@rare
def is_endless(debts: Any, states: Any, n: int, budget: int, alone: bool) -> bool:  # noqa: FBT001 (the kernel takes arguments by place)
    """True if one debt can never close, or all together cannot; asked in months after the last event.

    `alone` says that debts get their minimums at most, `budget` is what all get together.
    """
    total, lowest = 0, 1e300
    stands_still = True
    for k in range(n):
        state = states[k]
        debt = debts[state.place]
        total += state.balance
        rate = min(state.rate, state.base_rate)
        if debt.penalty_rate >= 0:
            rate = min(rate, debt.penalty_rate)
        lowest = min(lowest, float(rate))
        # Only at the lowest rate there can be: a minimum that does not close a debt now may do so at a lower one.
        if alone and rate == state.rate and _minimum_never_closes(debt, state):
            return True
        # More than a month's roundings can make up for.
        if not alone and state.balance * (rate * SHORTEST_MONTH) > budget + 2.0:
            return True
        stands_still = stands_still and _stands_still(debt, state)
    return n > 0 and (stands_still or (not alone and total * (lowest * SHORTEST_MONTH) > budget + 2.0 + n))


@rare
def _minimum_never_closes(debt: Any, state: Any) -> bool:
    # Without fees of a single month: what the minimum leaves is no less than before, and so it stays.
    usual = debt.accrual == MONTHLY and state.fees <= debt.monthly_fee
    return usual and state.statement - state.minimum >= state.opening


@rare
def _stands_still(debt: Any, state: Any) -> bool:
    usual = debt.accrual == MONTHLY and debt.annual_fee == 0 and debt.flags & HAS_LATE_COST == 0
    return usual and state.balance == state.opening
