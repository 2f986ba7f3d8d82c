"""What is due on a debt in a month, by its minimum rule, before it is capped by the statement.

The rules are those of docs/methodology.md, section 2.
"""

from typing import Any

from agents.planner.kernel.compiled import every_month, rare, rarely
from agents.planner.kernel.exact import RATE_ONE, level_instalment_at, log_growth, portion
from agents.planner.kernel.layout import (
    EQUAL_PRINCIPAL,
    FIXED,
    FLAT_FEE,
    FOREVER,
    HAS_RECAST,
    INTEREST_ONLY,
    INTEREST_PLUS,
    LEVEL,
    PERCENT,
    SHARES_OWED,
)

ONES = -1  # what keeps a number under &, as 0 drops it


@rare
def start_rule(rules: Any, state: Any, month: int, balance: int) -> None:
    """Set the terms and the instalment of the rule that begins this month, and when the whole statement is due."""
    rule = rules[state.rule]
    # The kinds are numbered so that those of loans come last.
    is_loan = rule.kind > INTEREST_PLUS
    state.floor, state.added = 0 if is_loan else rule.floor, rule.add
    state.minimum_rate, state.minimum_factor = 0 if is_loan else rule.rate, 0.0 if is_loan else rule.factor
    state.of_statement = rule.kind <= PERCENT
    state.interest_added = ONES if rule.kind in (INTEREST_PLUS, EQUAL_PRINCIPAL, INTEREST_ONLY) else 0
    state.with_fees = rule.kind == INTEREST_PLUS
    state.shares = not is_loan and rule.kind > FIXED
    state.recast, state.is_followed = 0, rule.then_first >= 0
    state.flags = state.flags | HAS_RECAST if rule.recast else state.flags & ~HAS_RECAST
    state.rule_end, state.fee_share = FOREVER, 0
    if rule.kind == INTEREST_ONLY:
        state.rule_end = rule.until
    elif rule.kind == LEVEL:
        state.rule_end = month + rule.months - 1
        state.log_rate, state.log_growth = state.rate, log_growth(state.rate)
        state.added = level_instalment_at(balance, state.rate, state.log_growth, rule.months)
    elif rule.kind == EQUAL_PRINCIPAL:
        state.rule_end = month + rule.months - 1
        state.added = portion(balance, 1, rule.months, 1.0 / rule.months)
    elif rule.kind == FLAT_FEE:
        _start_flat_fee(rule, state, month, balance)
    for k in range(state.rule + 1, state.rule + state.rules):
        _add_rule(rules[k], state)
    state.due_added = state.added


@rare
def _add_rule(rule: Any, state: Any) -> None:
    """One more of several rules, the largest of which is due."""
    state.floor = max(state.floor, rule.floor)
    if rule.kind <= FIXED:
        return
    state.shares += 1
    if state.shares == 1:
        state.added, state.minimum_rate, state.minimum_factor = rule.add, rule.rate, rule.factor
        state.of_statement, state.with_fees = rule.kind <= PERCENT, rule.kind == INTEREST_PLUS
        state.interest_added = ONES if rule.kind == INTEREST_PLUS else 0
    elif state.shares == 2:
        state.second_added, state.second_rate, state.second_factor = rule.add, rule.rate, rule.factor
        state.second_of_statement = rule.kind <= PERCENT
        state.second_cost = ONES if rule.kind == INTEREST_PLUS else 0


@rare
def _start_flat_fee(rule: Any, state: Any, month: int, balance: int) -> None:
    instalment = portion(rule.principal, 1, rule.months, 1.0 / rule.months)
    state.fee_share = portion(rule.principal, rule.rate, RATE_ONE, rule.factor)
    state.added = instalment + state.fee_share
    state.owes_share = 0 if rule.refundable else SHARES_OWED
    state.rule_end = month + instalments_left(balance, instalment, rule.months) - 1


@rare
def instalments_left(balance: int, instalment: int, months: int) -> int:
    """How many P/n the balance still holds, whatever cents the roundings of the past have left: from 1 to n."""
    if instalment == 0:
        return months
    # Each past rounding left less than a cent, so the balance is off by no more than `months`.
    return min(max((balance - months + instalment - 1) // instalment, 1), months)


@rare
def recast(state: Any, month: int) -> None:
    """Spread what is owed anew over the months left, after a new rate or a payment above the instalment."""
    state.recast = 0
    if state.flags & HAS_RECAST and month < state.rule_end:
        # The logarithm takes most of the time, and rates seldom change.
        if state.log_rate != state.rate:
            state.log_rate, state.log_growth = state.rate, log_growth(state.rate)
        left = state.rule_end - month + 1
        state.added = level_instalment_at(state.opening, state.rate, state.log_growth, left)


@every_month
def minimum_due(rules: Any, state: Any, plain: int) -> int:
    """What the debt's rules ask for; from the month in which the whole is due, no less than the statement."""
    if plain:
        share = portion(state.statement, state.minimum_rate, RATE_ONE, state.minimum_factor)
        return max(state.floor, share)
    # `&` with all ones or with 0, in place of a branch.
    due = state.due_added + (state.interest & state.interest_added)
    if state.shares > 0:
        base = state.statement if state.of_statement else state.opening
        due += portion(base, state.minimum_rate, RATE_ONE, state.minimum_factor)
        if state.shares > 1:
            due = max(due, _second(state))
            if rarely(state.shares > 2):
                due = _largest(rules, state, due)
    return max(state.floor, due)


@every_month
def _second(state: Any) -> int:
    base = state.statement if state.second_of_statement else state.opening
    share = portion(base, state.second_rate, RATE_ONE, state.second_factor)
    return share + state.second_added + ((state.interest + state.fees) & state.second_cost)


@rare
def _largest(rules: Any, state: Any, due: int) -> int:
    """The largest of more than two rules, each a share, an amount, or both."""
    for k in range(state.rule + 1, state.rule + state.rules):
        rule = rules[k]
        base = state.statement if rule.kind <= PERCENT else state.opening
        other = portion(base, rule.rate, RATE_ONE, rule.factor) + rule.add
        other += state.interest + state.fees if rule.kind == INTEREST_PLUS else 0
        due = max(due, other)
    return due
