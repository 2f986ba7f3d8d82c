"""Each strategy is an order in which debts are paid beyond their minimums, and nothing more.

Ties: the higher rate, then the smaller balance, then the order in which the debts are given. `balance_matching` pays
all at once, in proportion to their balances; its order is that of the ties, and so is that of `minimum_only`: they
need one only when the money does not cover the minimums. Knows nothing of months or payments.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from agents.planner.exact import multiply_divide
from agents.planner.jit import every_month, rare
from agents.planner.layout import CLOSE
from data.plan import Strategy

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


def strategy_codes(strategies: Sequence[Strategy]) -> np.ndarray[Any, Any]:
    """The strategies as the kernel knows them."""
    return np.array([CODES[strategy] for strategy in strategies], np.int8)  # (strategy,)


@every_month
def sort_key(strategy: int, debt: Any, state: Any) -> float:
    """What the strategy looks at in a debt this month; the smallest is paid first."""
    if strategy == AVALANCHE:
        return -float(state.rate)
    if strategy == SNOWBALL:
        return float(state.opening)
    if strategy == CASH_FLOW_INDEX:
        return state.opening / state.minimum if state.minimum > 0 else NEVER
    if strategy == HIGHEST_UTILISATION:
        return -(state.opening / debt.credit_limit) if debt.credit_limit > 0 else NEVER
    if strategy == CUSTOM:
        return float(debt.custom_rank)
    if strategy >= TARGETS:
        return target_key(state)
    return 0.0


@rare
def target_key(state: Any) -> float:
    """Debts to close first, then those that get their minimum or more, then those that miss it, the best paid first."""
    if state.target >= 0:
        return 0.0 if state.target == CLOSE else 1.0
    return 3.0 - (-1.0 - state.target) / (state.statement + 1.0)


@every_month
def comes_first(states: Any, i: int, j: int) -> bool:
    """True where debt i is paid before debt j."""
    one, other = states[i], states[j]
    if one.key != other.key:
        return one.key < other.key
    if one.rate != other.rate:
        return one.rate > other.rate
    if one.opening != other.opening:
        return one.opening < other.opening
    return i < j


@every_month
def rank(strategy: int, debts: Any, states: Any, order: Any) -> bool:
    """Sort the open debts by the strategy; true where next month's order may be another though no rate changes."""
    for k in range(len(order)):
        i = order[k]
        states[i].key = sort_key(strategy, debts[i], states[i])
        if k > 0 and comes_first(states, i, order[k - 1]):
            insert(states, order, k)
    return (strategy != AVALANCHE and strategy != CUSTOM) or has_ties(states, order)


@rare
def insert(states: Any, order: Any, k: int) -> None:
    """Bring the debt at place k to its place among those before it, which are sorted."""
    i = order[k]
    while k > 0 and comes_first(states, i, order[k - 1]):
        order[k] = order[k - 1]
        k -= 1
    order[k] = i


@rare
def has_ties(states: Any, order: Any) -> bool:
    """True where the strategy does not decide between two debts."""
    ties = False
    for k in range(1, len(order)):
        ties = ties or states[order[k]].key == states[order[k - 1]].key
    return ties


@rare
def share(money: int, whole: int, states: Any, order: Any) -> None:
    """Split money in proportion to the parts of the whole, in whole cents, by the largest remainders; ties in order."""
    left = money
    for k in range(len(order)):
        state = states[order[k]]
        state.share, state.remainder = multiply_divide(state.part, money, whole, money / whole)
        left -= state.share
    while left > 0:
        first, most = order[0], states[order[0]].remainder
        for k in range(1, len(order)):
            remainder = states[order[k]].remainder
            first, most = (order[k], remainder) if remainder > most else (first, most)
        states[first].share += 1
        states[first].remainder = -1
        left -= 1
