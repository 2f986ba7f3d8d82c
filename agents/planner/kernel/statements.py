"""A debt's statement: rate, interest, fees and minimum of the month, before anything is known of its payment.

Knows nothing of budgets or strategies.
"""

from typing import Any

from agents.planner.kernel.due_days import lengths_in
from agents.planner.kernel.interest import deferred_interest, interest_of, set_rate
from agents.planner.kernel.jit import every_month, rare, rarely
from agents.planner.kernel.layout import HAS_CHARGES, HAS_DEFERRED, HAS_RULES, SHARES_CHARGED
from agents.planner.kernel.minimums import minimum_due, start_rule
from agents.planner.kernel.payments import settle_minimum


@every_month
def bill(debts: Any, rules: Any, steps: Any, states: Any, n: int, month: int, plain: int) -> tuple[int, int, int, bool]:
    """Each debt's rate, interest, fees, statement and minimum; it is then as if the minimum had been paid.

    `plain` 1 says that no debt has flags. Returns all minimums, interest and fees, and whether a rate has changed.
    """
    minimums, interest, fees = 0, 0, 0
    moved = False
    calendar, lengths = month % 12 + 1, lengths_in(month)
    for k in range(n):
        state = states[k]
        if rarely(month >= state.next_change):
            moved = set_rate(debts[state.place], steps, state, month) or moved
        flags = 0 if plain else state.flags
        state.opening = state.balance
        state.interest = interest_of(debts, state, month, lengths, plain)
        if flags & HAS_RULES and rarely(month >= state.rule_end):
            follow_rule(rules, state, month)
        if flags & HAS_DEFERRED:
            state.interest += deferred_interest(debts[state.place], state, month)
        state.statement = state.opening + state.interest
        if not plain:
            state.fees = fees_of(state, month, calendar)
            state.statement += state.fees
        state.minimum = min(state.statement, minimum_due(rules, state, month, flags))
        state.balance = state.statement - state.minimum
        if flags & HAS_CHARGES:
            settle_minimum(debts[state.place], rules[state.rule], state, month)
        minimums += state.minimum
        interest += state.interest
        fees += 0 if plain else state.fees
    return minimums, interest, fees, moved


@rare
def follow_rule(rules: Any, state: Any, month: int) -> None:
    """Let the rule that comes after an interest-only one begin; where none does, the whole is due."""
    rule = rules[state.rule]
    if rule.then_first >= 0:
        state.rule, state.rules = rule.then_first, rule.then_count
        start_rule(rules[state.rule], state, month, state.opening)


@every_month
def fees_of(state: Any, month: int, calendar: int) -> int:
    """Monthly, opening, annual in its month, late for a minimum missed last month, and a flat-fee loan's share."""
    fees = state.monthly_fee + state.opening_fee
    fees += state.annual_fee if calendar == state.annual_month else 0
    fees += state.late_fee if state.missed else 0
    fees += state.fee_share if month <= state.rule_end else 0
    state.opening_fee, state.missed = 0, 0
    return fees


@rare
def take_charges(states: Any, n: int) -> int:
    """The charges of the month; the fees of a flat-fee loan that were all charged at once do not come again."""
    charges = 0
    for k in range(n):
        state = states[k]
        if state.charge > 0:
            charges += state.charge
            state.fees += state.charge
            state.charge = 0
        if state.owes_share == SHARES_CHARGED:
            state.added -= state.fee_share
            state.fee_share = state.owes_share = 0
    return charges
