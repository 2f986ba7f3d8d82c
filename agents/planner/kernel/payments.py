"""How a month's money reaches the debts once their minimums are known: aimed, in order, in proportion, or too little.

Never more than what closes a debt.
"""

from typing import Any

from agents.planner.kernel.compiled import every_month, rare
from agents.planner.kernel.exact import RATE_ONE, portion
from agents.planner.kernel.layout import (
    CLOSE,
    FOREVER,
    HAS_CHARGES,
    HAS_LATE_COST,
    HAS_RECAST,
    SHARES_CHARGED,
    SHARES_OWED,
)
from agents.planner.kernel.strategies import (
    BALANCE_MATCHING,
    HIGHEST_UTILISATION,
    TARGETS,
    UNPROTECTED_TARGETS,
    first_of,
    is_ranked_anew,
    rank,
    share,
)


@rare
def settle(debt: Any, state: Any, month: int) -> None:
    """Closing = statement + charge - payment, the charge being that on prepayment and on fees that stay owed."""
    # Settled before in this month: its fees are charged again below if the debt still closes.
    if state.owes_share == SHARES_CHARGED:
        state.owes_share = SHARES_OWED
    state.charge = prepayment_charge(debt, state.above, month)
    state.balance = state.statement + state.charge - state.paid_minimum - state.above
    if state.balance <= 0:
        charge_shares(state, month)


@rare
def charge_shares(state: Any, month: int) -> None:
    """Charge the fees that stay owed at once: nothing else of the debt is left."""
    owed = shares_owed(state, month)
    state.charge += owed
    state.balance += owed
    state.owes_share = SHARES_CHARGED if owed else state.owes_share


@rare
def prepayment_charge(debt: Any, above: int, month: int) -> int:
    """The charge on paying so much above the minimum."""
    if above == 0 or debt.prepayment_rate == 0 or month > debt.prepayment_until:
        return 0
    return portion(above, debt.prepayment_rate, RATE_ONE, debt.prepayment_rate / RATE_ONE)


@rare
def shares_owed(state: Any, month: int) -> int:
    """The monthly fees of a flat-fee loan still to come, where paying early does not spare them."""
    if state.owes_share == 0 or month >= state.rule_end:
        return 0
    return (state.rule_end - month) * state.fee_share


@every_month
def pay_above(debts: Any, state: Any, money: int, month: int) -> int:
    """Pay what the debt can take of the money above its minimum; returns how much that was."""
    if money <= 0 or state.balance == 0:
        return 0
    if state.flags & (HAS_CHARGES | HAS_RECAST):
        return _pay_with_care(debts[state.place], state, money, month)
    return _pay_off(state, money)


@every_month
def _pay_off(state: Any, money: int) -> int:
    taken = min(money, state.balance)
    state.balance -= taken
    return taken


@rare
def _pay_with_care(debt: Any, state: Any, money: int, month: int) -> int:
    """Pay a debt that charges for it, or that is spread anew next month."""
    taken = _pay_with_charges(debt, state, money, month) if state.flags & HAS_CHARGES else _pay_off(state, money)
    if state.flags & HAS_RECAST and taken > 0:
        state.recast, state.next_event = 1, month + 1
    return taken


@rare
def _pay_with_charges(debt: Any, state: Any, money: int, month: int) -> int:
    if month <= debt.prepayment_until and debt.prepayment_rate >= RATE_ONE:
        return 0  # it would cost more than it pays off
    before = state.above
    state.above = _enough(debt, state, money, month)
    settle(debt, state, month)
    return state.above - before


@rare
def _enough(debt: Any, state: Any, money: int, month: int) -> int:
    """The least to pay above the minimum that closes the debt with its charges, or all there is."""
    target = state.statement - state.paid_minimum + shares_owed(state, month)
    low, high = state.above, state.above + money
    if high - prepayment_charge(debt, high, month) < target:
        return high
    # The charge grows with the payment, so halving finds the least amount.
    while low < high:
        middle = low + (high - low) // 2
        if middle - prepayment_charge(debt, middle, month) < target:
            low = middle + 1
        else:
            high = middle
    return low


@every_month
def pay_beyond(strategy: int, debts: Any, states: Any, n: int, money: int, rest: int, month: int) -> int:
    """Pay what is left beyond the minimums as the strategy says; returns what no debt takes.

    `rest` is what the debt in the first place owes once it has been paid all of it, or 0.
    """
    if strategy == BALANCE_MATCHING:
        return pay_in_proportion(debts, states, n, money, month)
    if strategy >= TARGETS:
        return pay_targets(debts, states, n, money, month)
    return pay_in_order(strategy, debts, states, n, money, rest, month)


@every_month
def pay_in_order(strategy: int, debts: Any, states: Any, n: int, money: int, rest: int, month: int) -> int:
    """Pay one debt after another, cascading within the month; returns what is left."""
    first = 0
    if is_ranked_anew(strategy):
        first = first_of(strategy, debts, states, n)
    if first == 0 and rest > 0 and states[0].flags & (HAS_CHARGES | HAS_RECAST) == 0:
        states[0].balance = rest  # sooner known than its own minimum and what that leaves
        return 0
    money -= pay_above(debts, states[first], money, month)
    if first > 0 and strategy != HIGHEST_UTILISATION:  # it is likely to be the first next month too
        states[n] = states[0]
        states[0] = states[first]
        states[first] = states[n]
    return _cascade(strategy, debts, states, n, money, month) if money > 0 else 0


@rare
def _cascade(strategy: int, debts: Any, states: Any, n: int, money: int, month: int) -> int:
    """Pay the debts that come after the first; it takes no more."""
    if is_ranked_anew(strategy):
        rank(strategy, debts, states, n)
    for k in range(n):
        money -= pay_above(debts, states[k], money, month)
    return money


@rare
def pay_aimed(debts: Any, states: Any, n: int, lumps: Any, money: int, month: int) -> int:
    """Pay each aimed lump sum to its debt, as far as the money goes; returns what is left."""
    for lump in lumps:
        for k in range(n):
            if states[k].place == lump.debt:
                money -= pay_above(debts, states[k], min(lump.value, money), month)
    return money


@rare
def pay_in_proportion(debts: Any, states: Any, n: int, money: int, month: int) -> int:
    """Pay all debts at once, each its share by opening balance; what one cannot take is shared again."""
    while money > 0:
        whole = 0
        for k in range(n):
            state = states[k]
            state.part = state.opening if state.balance > 0 else 0
            whole += state.part
        if whole == 0:
            break
        share(money, whole, states, n)
        taken = 0
        for k in range(n):
            taken += pay_above(debts, states[k], states[k].share, month)
        # Only debts that refuse money above their minimum are left.
        if taken == 0:
            break
        money -= taken
    return money


@rare
def set_targets(states: Any, n: int, targets: Any, t: int) -> None:
    """What each debt is to get in month t; after the last month of the targets, its minimum."""
    for k in range(n):
        states[k].target = targets[t, states[k].place] if t < len(targets) else 0


@rare
def pay_targets(debts: Any, states: Any, n: int, money: int, month: int) -> int:
    """Pay each debt up to its target, those to close first; what is left goes on in order where it costs no charge."""
    for k in range(n):
        state = states[k]
        wanted = money if state.target == CLOSE else min(money, state.target - state.minimum)
        money -= pay_above(debts, state, wanted, month)
    return _pay_rest(debts, states, n, money, month)


@rare
def _pay_rest(debts: Any, states: Any, n: int, money: int, month: int) -> int:
    for k in range(n):
        if states[k].flags & HAS_CHARGES == 0:
            money -= pay_above(debts, states[k], money, month)
    return money


@rare
def pay_freely(strategy: int, debts: Any, states: Any, n: int, result: Any, money: int, month: int) -> int:
    """Pay targets where a minimum may be missed at will; returns what was paid."""
    # Debts that are to miss their minimum come last.
    rank(strategy, debts, states, n)
    left = money
    for k in range(n):
        state = states[k]
        wanted = state.minimum if state.target >= 0 else min(-1 - state.target, state.minimum)
        paid = min(left, wanted)
        left -= paid
        result.missed += _pay_minimum(debts[state.place], state, paid, month)
    for k in range(n):
        state = states[k]
        if state.paid_minimum == state.minimum:
            wanted = left if state.target == CLOSE else min(left, state.target - state.paid_minimum)
            left -= pay_above(debts, state, wanted, month)
    for k in range(n):
        state = states[k]
        if state.paid_minimum == state.minimum and state.flags & HAS_CHARGES == 0:
            left -= pay_above(debts, state, left, month)
    return money - left


@rare
def pay_short(strategy: int, debts: Any, states: Any, n: int, result: Any, money: int, month: int) -> None:
    """Pay minimums only, in order, secured debts first unless the strategy says otherwise, the last one in part."""
    rank(strategy, debts, states, n)
    for secured in (1, 0):
        for k in range(n):
            state = states[k]
            debt = debts[state.place]
            if (debt.secured if strategy != UNPROTECTED_TARGETS else 1) == secured:
                paid = min(money, state.minimum)
                money -= paid
                result.missed += _pay_minimum(debt, state, paid, month)


@rare
def _pay_minimum(debt: Any, state: Any, paid: int, month: int) -> int:
    state.paid_minimum = paid
    state.balance = state.statement - paid
    if state.flags & HAS_CHARGES:
        settle(debt, state, month)
    if paid == state.minimum:
        return 0
    # The late fee and the penalty rate begin next month: the terms are looked at again then.
    if state.flags & HAS_LATE_COST:
        state.missed = 1
        if debt.penalty_rate >= 0:
            until = FOREVER if debt.penalty_months == FOREVER else month + debt.penalty_months
            state.penalty_until, state.next_change = max(until, state.penalty_until), month + 1
        state.next_event = month + 1
    return 1
