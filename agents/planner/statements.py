"""A debt's statement: rate, interest, fees and minimum of the month, before anything is known of its payment.

Knows nothing of budgets or strategies.
"""

from typing import Any

from agents.planner.interest import deferred_interest, interest_of, set_rate
from agents.planner.jit import every_month, rare
from agents.planner.layout import HAS_CHARGES, HAS_DEFERRED, HAS_FEES, HAS_RULES, SHARES_CHARGED
from agents.planner.minimums import minimum_due, start_rule
from agents.planner.payments import settle


@every_month
def bill(
    debts: Any, rules: Any, steps: Any, states: Any, order: Any, month: int, plain: int
) -> tuple[int, int, int, bool]:
    """Each debt's rate, interest, fees, statement and minimum; it is then as if the minimum had been paid.

    `plain` 1 says that no debt has flags. Returns all minimums, interest and fees, and whether a rate has changed.
    """
    minimums, interest, fees = 0, 0, 0
    moved = False
    for k in range(len(order)):
        debt, state = debts[order[k]], states[order[k]]
        flags = 0 if plain else debt.flags
        if month >= state.next_change:
            moved = set_rate(debt, steps, state, month) or moved
        state.opening = state.balance
        state.interest = interest_of(debt, state, month, flags)
        if flags & HAS_RULES and month >= state.rule_end:
            follow_rule(rules, state, month)
        state.fees = 0
        if flags & HAS_DEFERRED:
            state.interest += deferred_interest(debt, state, month)
        if flags & HAS_FEES:
            state.fees = fees_of(debt, state, month)
        state.statement = state.opening + state.interest + state.fees
        state.minimum = min(state.statement, minimum_due(rules, state, month, flags))
        state.balance = state.statement - state.minimum
        if flags & HAS_CHARGES:
            state.paid_minimum, state.above = state.minimum, 0
            settle(debt, state, month)
        minimums += state.minimum
        interest += state.interest
        fees += state.fees
    return minimums, interest, fees, moved


@rare
def follow_rule(rules: Any, state: Any, month: int) -> None:
    """Let the rule that comes after an interest-only one begin; where none does, the whole is due."""
    rule = rules[state.rule]
    if rule.then_first >= 0:
        state.rule, state.rules = rule.then_first, rule.then_count
        start_rule(rules[state.rule], state, month, state.opening)


@every_month
def fees_of(debt: Any, state: Any, month: int) -> int:
    """Opening, monthly, annual in its month, late for a minimum missed last month, and a flat-fee loan's share."""
    fees = debt.monthly_fee + state.opening_fee
    state.opening_fee = 0
    if month % 12 + 1 == debt.annual_month:
        fees += debt.annual_fee
    if state.missed:
        fees += debt.late_fee
        state.missed = 0
    return fees + (state.fee_share if month <= state.rule_end else 0)


@rare
def take_charges(states: Any, order: Any) -> int:
    """The charges of the month; the fees of a flat-fee loan that were all charged at once do not come again."""
    charges = 0
    for i in order:
        state = states[i]
        if state.charge > 0:
            charges += state.charge
            state.fees += state.charge
            state.charge = 0
        if state.owes_share == SHARES_CHARGED:
            state.fee_share = state.owes_share = 0
    return charges
