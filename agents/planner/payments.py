"""How a month's money reaches the debts once their minimums are known: aimed, in order, in proportion, or too little.

Never more than what closes a debt. Knows nothing of rates or months to come.
"""

from typing import Any

from agents.planner.exact import RATE_ONE, portion
from agents.planner.jit import every_month, rare
from agents.planner.layout import CLOSE, FOREVER, HAS_CHARGES, HAS_LATE_COST, SHARES_CHARGED, SHARES_OWED
from agents.planner.strategies import UNPROTECTED_TARGETS, share


@rare
def settle(debt: Any, state: Any, month: int) -> None:
    """Closing = statement + charge - payment, the charge being that on prepayment and on fees that stay owed."""
    if state.owes_share == SHARES_CHARGED:
        state.owes_share = SHARES_OWED
    state.charge = prepayment_charge(debt, state.above, month)
    state.balance = state.statement + state.charge - state.paid_minimum - state.above
    if state.balance <= 0:
        owed = shares_owed(state, month)
        state.charge += owed
        state.balance += owed
        state.owes_share = SHARES_CHARGED if owed else state.owes_share


@rare
def prepayment_charge(debt: Any, above: int, month: int) -> int:
    """The charge on paying so much above the minimum."""
    if above == 0 or month > debt.prepayment_until:
        return 0
    return portion(above, debt.prepayment_rate, RATE_ONE, debt.prepayment_rate / RATE_ONE)


@rare
def shares_owed(state: Any, month: int) -> int:
    """The monthly fees of a flat-fee loan still to come, where paying early does not spare them."""
    if state.owes_share == 0 or month >= state.rule_end:
        return 0
    return (state.rule_end - month) * state.fee_share


@every_month
def pay_above(debt: Any, state: Any, money: int, month: int) -> int:
    """Pay what the debt can take of the money above its minimum; returns how much that was."""
    if money <= 0 or state.balance == 0:
        return 0
    state.recast = 1
    if debt.flags & HAS_CHARGES == 0:
        taken = min(money, state.balance)
        state.balance -= taken
        return taken
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
    while low < high:
        middle = low + (high - low) // 2
        if middle - prepayment_charge(debt, middle, month) < target:
            low = middle + 1
        else:
            high = middle
    return low


@every_month
def pay_in_order(debts: Any, states: Any, order: Any, money: int, month: int) -> int:
    """Pay one debt after another, cascading within the month; returns what is left."""
    for k in range(len(order)):
        if money == 0:
            break
        money -= pay_above(debts[order[k]], states[order[k]], money, month)
    return money


@rare
def pay_aimed(debts: Any, states: Any, lumps: Any, money: int, month: int) -> int:
    """Pay each aimed lump sum to its debt, as far as the money goes; returns what is left."""
    for lump in lumps:
        if lump.debt >= 0:
            money -= pay_above(debts[lump.debt], states[lump.debt], min(lump.value, money), month)
    return money


@rare
def pay_in_proportion(debts: Any, states: Any, order: Any, money: int, month: int) -> int:
    """Pay all debts at once, each its share by opening balance; what one cannot take is shared again."""
    while money > 0:
        whole = 0
        for k in range(len(order)):
            state = states[order[k]]
            state.part = state.opening if state.balance > 0 else 0
            whole += state.part
        if whole == 0:
            break
        share(money, whole, states, order)
        taken = 0
        for k in range(len(order)):
            taken += pay_above(debts[order[k]], states[order[k]], states[order[k]].share, month)
        if taken == 0:
            break
        money -= taken
    return money


@rare
def set_targets(states: Any, order: Any, targets: Any, t: int) -> None:
    """What each debt is to get in month t; after the last month of the targets, its minimum."""
    for i in order:
        states[i].target = targets[t, i] if t < len(targets) else 0


@rare
def pay_targets(debts: Any, states: Any, order: Any, money: int, month: int) -> int:
    """Pay each debt up to its target, those to close first; what is left goes on in order where it costs no charge."""
    for i in order:
        state = states[i]
        wanted = money if state.target == CLOSE else min(money, state.target - state.minimum)
        money -= pay_above(debts[i], state, wanted, month)
    return _pay_rest(debts, states, order, money, month)


@rare
def _pay_rest(debts: Any, states: Any, order: Any, money: int, month: int) -> int:
    for i in order:
        if debts[i].flags & HAS_CHARGES == 0:
            money -= pay_above(debts[i], states[i], money, month)
    return money


@rare
def pay_freely(debts: Any, states: Any, order: Any, result: Any, money: int, month: int) -> int:
    """Pay targets where a minimum may be missed at will; returns what was paid."""
    left = money
    for i in order:
        state = states[i]
        wanted = state.minimum if state.target >= 0 else min(-1 - state.target, state.minimum)
        paid = min(left, wanted)
        left -= paid
        result.missed += _pay_minimum(debts[i], state, paid, month)
    for i in order:
        state = states[i]
        if state.paid_minimum == state.minimum:
            wanted = left if state.target == CLOSE else min(left, state.target - state.paid_minimum)
            left -= pay_above(debts[i], state, wanted, month)
    for i in order:
        if states[i].paid_minimum == states[i].minimum and debts[i].flags & HAS_CHARGES == 0:
            left -= pay_above(debts[i], states[i], left, month)
    return money - left


@rare
def pay_short(debts: Any, states: Any, order: Any, result: Any, money: int, month: int, strategy: int) -> None:
    """Pay minimums only, in order, secured debts first unless the strategy says otherwise, the last one in part."""
    for secured in (1, 0):
        for i in order:
            if (debts[i].secured if strategy != UNPROTECTED_TARGETS else 1) == secured:
                paid = min(money, states[i].minimum)
                money -= paid
                result.missed += _pay_minimum(debts[i], states[i], paid, month)


@rare
def _pay_minimum(debt: Any, state: Any, paid: int, month: int) -> int:
    state.paid_minimum = paid
    state.balance = state.statement - paid
    if debt.flags & HAS_CHARGES:
        settle(debt, state, month)
    if paid == state.minimum:
        return 0
    if debt.flags & HAS_LATE_COST:
        state.missed = 1
        if debt.penalty_rate >= 0:
            until = FOREVER if debt.penalty_months == FOREVER else month + debt.penalty_months
            state.penalty_until, state.next_change = max(until, state.penalty_until), month + 1
    return 1
