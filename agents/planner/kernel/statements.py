"""A debt's statement: rate, interest, fees and minimum of the month, before anything is known of its payment.

Most months of a debt are like its last: the same rate, fees and minimum rule. What changes is computed by `turn`,
in the months in which something may.
"""

from typing import Any

from agents.planner.kernel.compiled import every_month, rare, rarely
from agents.planner.kernel.due_days import lengths_in
from agents.planner.kernel.interest import deferred_interest, interest_of, set_rate
from agents.planner.kernel.layout import (
    ALL,
    FOREVER,
    HAS_CHARGES,
    HAS_DEFERRED,
    SHARES_CHARGED,
)
from agents.planner.kernel.minimums import minimum_due, recast, start_rule
from agents.planner.kernel.payments import charge_shares

Bill = tuple[int, int, int, int, bool]


@every_month
def bill(
    debts: Any, rules: Any, steps: Any, states: Any, n: int, month: int, plain: int
) -> tuple[int, int, int, int, bool]:
    """Each debt's rate, interest, fees, statement and minimum; it is then as if the minimum had been paid.

    `plain` 1 says that no debt has flags. Returns all minimums, those of all debts but the first, all interest
    and fees, and whether a rate has changed. The first debt comes last: what it is paid is known last, and the others
    need not wait for it.
    """
    minimums, others, interest, fees = 0, 0, 0, 0
    moved = False
    lengths = lengths_in(month)
    for k in range(n - 1, -1, -1):
        state = states[k]
        if rarely(month >= state.next_event):
            debt = debts[state.place]
            if month >= min(state.next_change, state.rule_end):
                moved = follow_terms(debt, rules, steps, state, month) or moved
            turn(debt, state, month)
        state.opening = state.balance
        state.interest = interest_of(debts, state, month, lengths, plain)
        state.statement = state.opening + state.interest
        if not plain:
            state.statement += state.fees
        state.minimum = min(state.statement, minimum_due(rules, state, plain))
        # As if the minimum had been paid, which is true of most debts in most months.
        state.balance = state.statement - state.minimum
        if not plain and state.flags & HAS_CHARGES:
            settle_minimum(state, month)
        # One step behind, so that in the end the first debt's minimum is not in it.
        others, minimums = minimums, minimums + state.minimum
        interest += state.interest
        fees += 0 if plain else state.fees
    return minimums, others, interest, fees, moved


@rare
def follow_terms(debt: Any, rules: Any, steps: Any, state: Any, month: int) -> bool:
    """Set a debt's rate and minimum rule for the month; true if its rate is another.

    The rule that comes after an interest-only one begins; where none does, the whole is due.
    """
    moved = month >= state.next_change and set_rate(debt, steps, state, month)
    if month >= state.rule_end and state.is_followed:
        rule = rules[state.rule]
        state.rule, state.rules = rule.then_first, rule.then_count
        start_rule(rules, state, month, state.balance)
    return moved


@rare
def turn(debt: Any, state: Any, month: int) -> None:
    """Compute what may have changed of a debt's fees and minimum, and the next month in which something may."""
    if debt.flags == 0:
        state.next_event = state.next_change
        return
    state.opening = state.balance
    state.back = deferred_interest(debt, state, month) if state.flags & HAS_DEFERRED else 0
    once = fees_once(debt, state, month)
    state.fees = debt.monthly_fee + once + (state.fee_share if month <= state.rule_end else 0)
    if state.recast:
        recast(state, month)
    state.due_added = state.added + (state.fees if state.with_fees else 0)
    if month >= state.rule_end:
        state.floor = ALL
    # No charge can come any more: from now on the debt is paid the quick way.
    if state.owes_share == 0 and not may_charge(debt, month) and not state.is_followed:
        state.flags &= ~HAS_CHARGES
    state.next_event = month + 1
    # Only a month without one-off amounts is like the next.
    if once == 0 and state.back == 0 and state.flags & HAS_DEFERRED == 0 and month != state.rule_end:
        state.next_event = next_event(debt, state, month)


@every_month
def next_event(debt: Any, state: Any, month: int) -> int:
    """The next month in which the calendar changes a debt's terms."""
    event = state.next_change
    if month < state.rule_end:
        event = min(event, state.rule_end)
    if state.flags & HAS_CHARGES and month <= debt.prepayment_until < FOREVER:
        event = min(event, debt.prepayment_until + 1)
    if debt.annual_fee > 0:
        # The months until the annual fee comes round again: 12 where it is charged in this one.
        event = min(event, month + 12 - (month % 12 + 13 - debt.annual_month) % 12)
    return event


@every_month
def may_charge(debt: Any, month: int) -> bool:
    """True where a payment above the minimum costs something."""
    return debt.prepayment_rate > 0 and month <= debt.prepayment_until


@every_month
def fees_once(debt: Any, state: Any, month: int) -> int:
    """The opening fee, the annual one in its month, and the late one for a minimum missed last month."""
    fees = state.opening_fee
    fees += debt.annual_fee if month % 12 + 1 == debt.annual_month else 0
    fees += debt.late_fee if state.missed else 0
    state.opening_fee, state.missed = 0, 0
    return fees


@every_month
def settle_minimum(state: Any, month: int) -> None:
    """As `settle`, where the minimum and no more has been paid."""
    state.paid_minimum, state.above, state.charge = state.minimum, 0, 0
    if rarely(state.balance == 0) and state.owes_share != 0:
        charge_shares(state, month)


@every_month
def take_charges(states: Any, n: int, month: int) -> int:
    """The charges of the month; the fees of a flat-fee loan that were all charged at once do not come again."""
    charges = 0
    for k in range(n):
        if rarely(states[k].charge > 0):
            charges += _take_charge(states[k], month)
    return charges


@rare
def _take_charge(state: Any, month: int) -> int:
    charge = state.charge
    state.fees += charge
    state.charge, state.next_event = 0, month + 1
    # All were charged at once: they are no part of the instalment any more.
    if state.owes_share == SHARES_CHARGED:
        state.added -= state.fee_share
        state.fee_share = state.owes_share = 0
    return charge
