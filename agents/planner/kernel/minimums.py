"""What is due on a debt in a month, by its minimum rule, before it is held to the statement.

The rules are those of docs/methodology.md, section 2. Knows nothing of budgets or strategies.
"""

from typing import Any

from agents.planner.kernel.exact import RATE_ONE, level_instalment, level_instalment_at, log_growth, portion
from agents.planner.kernel.jit import every_month, rare
from agents.planner.kernel.layout import (
    EQUAL_PRINCIPAL,
    FLAT_FEE,
    FOREVER,
    HAS_RULES,
    INTEREST_ONLY,
    INTEREST_PLUS,
    LEVEL,
    PERCENT,
    SHARES_OWED,
)


@rare
def start_rule(rule: Any, state: Any, month: int, balance: int) -> None:
    """Set the terms and the instalment of the rule that begins this month, and when the whole statement is due."""
    is_loan = rule.kind > INTEREST_PLUS
    state.floor, state.added = 0 if is_loan else rule.floor, rule.add
    state.minimum_rate, state.minimum_factor = 0 if is_loan else rule.rate, 0.0 if is_loan else rule.factor
    state.of_statement = rule.kind <= PERCENT
    state.with_interest = rule.kind in (INTEREST_PLUS, EQUAL_PRINCIPAL, INTEREST_ONLY)
    state.with_fees = rule.kind == INTEREST_PLUS
    state.recasts, state.recast = rule.recast, 0
    state.rule_end, state.fee_share = FOREVER, 0
    if rule.kind == INTEREST_ONLY:
        state.rule_end = rule.until
    elif rule.kind == LEVEL:
        state.rule_end = month + rule.months - 1
        state.added = level_instalment(balance, state.rate, rule.months)
    elif rule.kind == EQUAL_PRINCIPAL:
        state.rule_end = month + rule.months - 1
        state.added = portion(balance, 1, rule.months, 1.0 / rule.months)
    elif rule.kind == FLAT_FEE:
        _start_flat_fee(rule, state, month, balance)


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
    return min(max((balance - months + instalment - 1) // instalment, 1), months)


@every_month
def minimum_due(rules: Any, state: Any, month: int, flags: int) -> int:
    """What the debt's rules ask for; from the month in which the whole is due, the statement."""
    if flags & HAS_RULES == 0:
        share = portion(state.statement, state.minimum_rate, RATE_ONE, state.minimum_factor)
        return max(state.floor, share)
    if state.recasts and state.recast and month < state.rule_end:
        if state.log_rate != state.rate:
            state.log_rate, state.log_growth = state.rate, log_growth(state.rate)
        left = state.rule_end - month + 1
        state.added = level_instalment_at(state.opening, state.rate, state.log_growth, left)
        state.recast = 0
    base = state.statement if state.of_statement else state.opening
    due = portion(base, state.minimum_rate, RATE_ONE, state.minimum_factor) + state.added
    due += (state.interest if state.with_interest else 0) + (state.fees if state.with_fees else 0)
    due = max(state.floor, due)
    if state.rules > 1:
        due = _largest(rules, state, due)
    return due if month < state.rule_end else state.statement


@rare
def _largest(rules: Any, state: Any, due: int) -> int:
    """The largest of several rules, each a share, an amount, or both."""
    for k in range(state.rule + 1, state.rule + state.rules):
        rule = rules[k]
        base = state.statement if rule.kind <= PERCENT else state.opening
        other = portion(base, rule.rate, RATE_ONE, rule.factor) + rule.add
        other += state.interest + state.fees if rule.kind == INTEREST_PLUS else 0
        due = max(due, rule.floor, other)
    return due
