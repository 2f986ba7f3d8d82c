"""Each strategy is an order in which debts are paid beyond their minimums, and nothing more.

Ties: the higher rate, then the smaller balance, then the order in which the debts are given. `balance_matching` pays
all at once, in proportion to their balances; its order is that of the ties, and so is that of `minimum_only`: they need
one only when the money does not cover the minimums.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.planner.kernel.compiled import every_month, rare, rarely
from agents.planner.kernel.exact import multiply_divide
from agents.planner.kernel.layout import CLOSE
from data.answers.plan import Strategy

Codes = NDArray[np.int8]

MINIMUM_ONLY, SNOWBALL, AVALANCHE, CASH_FLOW_INDEX, HIGHEST_UTILISATION, BALANCE_MATCHING, CUSTOM = range(7)
TARGETS, UNPROTECTED_TARGETS, FREE_TARGETS = range(7, 10)  # amounts given for each month and debt: what `optimal` finds
CODES = {
    Strategy.MINIMUM_ONLY: MINIMUM_ONLY,
    Strategy.SNOWBALL: SNOWBALL,
    Strategy.AVALANCHE: AVALANCHE,
    Strategy.CASH_FLOW_INDEX: CASH_FLOW_INDEX,
    Strategy.HIGHEST_UTILISATION: HIGHEST_UTILISATION,
    Strategy.BALANCE_MATCHING: BALANCE_MATCHING,
    Strategy.CUSTOM: CUSTOM,
}
NEVER = np.inf


def strategy_codes(strategies: Sequence[Strategy]) -> Codes:
    """The strategies as the kernel knows them."""
    return np.array([CODES[strategy] for strategy in strategies], np.int8)  # (strategy,)


@every_month
def sort_key(strategy: int, debts: Any, state: Any) -> float:
    """What the strategy looks at in a debt this month; the smallest is paid first."""
    if strategy in (AVALANCHE, BALANCE_MATCHING, MINIMUM_ONLY):
        return -float(state.rate)
    if strategy == SNOWBALL:
        return float(state.opening)
    if strategy == CASH_FLOW_INDEX:
        # Without a minimum, closing the debt frees no money of later months.
        return state.opening / state.minimum if state.minimum > 0 else NEVER
    if strategy == HIGHEST_UTILISATION:
        return -(state.opening / debts[state.place].credit_limit) if debts[state.place].credit_limit > 0 else NEVER
    if strategy == CUSTOM:
        return float(debts[state.place].custom_rank)
    if strategy >= TARGETS:
        return target_key(state)
    return 0.0


@rare
def target_key(state: Any) -> float:
    """Debts to close first, then those that get their minimum or more, then those that miss it, the best paid first."""
    if state.target >= 0:
        return 0.0 if state.target == CLOSE else 1.0
    # Between 2 and 3, lower the more of the minimum is paid.
    return 3.0 - (-1.0 - state.target) / (state.statement + 1.0)


@every_month
def comes_first(one: Any, other: Any) -> bool:
    """True where one debt is paid before the other."""
    return one.key < other.key if one.key != other.key else _wins_tie(one, other)


@every_month
def _wins_tie(one: Any, other: Any) -> bool:
    if one.rate != other.rate:
        return one.rate > other.rate
    if one.opening != other.opening:
        return one.opening < other.opening
    return one.place < other.place


@every_month
def is_ranked_anew(strategy: int) -> bool:
    """True where balances decide, so that each month has its own order."""
    return strategy in (SNOWBALL, CASH_FLOW_INDEX, HIGHEST_UTILISATION)


@every_month
def first_of(strategy: int, debts: Any, states: Any, n: int) -> int:
    """The place of the debt that is paid first."""
    first, least = 0, sort_key(strategy, debts, states[0])
    for k in range(1, n):
        key = sort_key(strategy, debts, states[k])
        if key < least:
            first, least = k, key
        elif rarely(key == least) and _wins_tie(states[k], states[first]):
            first = k
    return first


@rare
def rank(strategy: int, debts: Any, states: Any, n: int) -> bool:
    """Sort the open debts by the strategy; true where next month's order is the same unless a rate changes."""
    ties = strategy >= TARGETS
    for k in range(n):
        states[k].key = sort_key(strategy, debts, states[k])
    # Insertion sort: few debts, and nearly in order since last month.
    for k in range(1, n):
        place = k
        while place > 0 and comes_first(states[k], states[place - 1]):
            place -= 1
        if place < k:
            # The place behind the last debt is free room.
            states[n] = states[k]
            for j in range(k, place, -1):
                states[j] = states[j - 1]
            states[place] = states[n]
    for k in range(1, n):
        ties = ties or (states[k].key == states[k - 1].key and states[k].rate == states[k - 1].rate)
    return not ties


@rare
def share(money: int, whole: int, states: Any, n: int) -> None:
    """Split money in proportion to the parts of the whole, in whole cents, by the largest remainders; ties in order."""
    left = money
    factor = money / whole
    for k in range(n):
        state = states[k]
        state.share, state.remainder = multiply_divide(state.part, money, whole, factor)
        left -= state.share
        # Ranks by remainder, found in passing, with ties to the earlier debt: nothing need be sorted.
        ahead = 0
        for j in range(k):
            first = states[j].remainder >= state.remainder
            ahead += first
            states[j].ahead += 1 - first
        state.ahead = ahead
    for k in range(n):
        states[k].share += states[k].ahead < left
