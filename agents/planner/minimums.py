"""What is due on a debt in a month, by its minimum rule, before it is held to the statement.

The rules are those of docs/methodology.md, section 2. Knows nothing of budgets or strategies.
"""

from typing import Any

from agents.planner.exact import RATE_ONE, level_instalment, portion
from agents.planner.jit import every_month, rare
from agents.planner.layout import (
    EQUAL_PRINCIPAL,
    FLAT_FEE,
    FOREVER,
    HAS_RULES,
    INTEREST_ONLY,
    INTEREST_PLUS,
    LEVEL,
    PERCENT,
    PERCENT_OF_OPENING,
)


@rare
def start_rule(rule: Any, state: Any, month: int, balance: int) -> None:
    """Set the instalment of the rule that begins this month, and the month in which the whole statement is due."""
    state.rule_end = FOREVER
    state.fee_share = 0
    state.recast = 0
    if rule.kind == INTEREST_ONLY:
        state.rule_end = rule.until
    elif rule.kind == LEVEL:
        state.rule_end = month + rule.months - 1
        state.instalment = level_instalment(balance, state.rate, rule.months)
    elif rule.kind == EQUAL_PRINCIPAL:
        state.rule_end = month + rule.months - 1
        state.instalment = portion(balance, 1, rule.months, 1.0 / rule.months)
    elif rule.kind == FLAT_FEE:
        state.instalment = portion(rule.principal, 1, rule.months, 1.0 / rule.months)
        state.fee_share = portion(rule.principal, rule.rate, RATE_ONE, rule.factor)
        state.owes_share = 0 if rule.refundable else 1
        state.rule_end = month + instalments_left(balance, state.instalment, rule.months) - 1


@rare
def instalments_left(balance: int, instalment: int, months: int) -> int:
    """How many P/n the balance still holds, whatever cents the roundings of the past have left: from 1 to n."""
    if instalment == 0:
        return months
    return min(max((balance - months + instalment - 1) // instalment, 1), months)


@every_month
def minimum_due(rules: Any, state: Any, month: int, flags: int) -> int:
    """The largest of the debt's rules; from the month in which the whole is due, the statement."""
    if flags & HAS_RULES == 0:
        return percent_due(rules[state.rule], state)
    if month >= state.rule_end:
        return state.statement
    due = rule_due(rules[state.rule], state, month)
    for k in range(state.rule + 1, state.rule + state.rules):
        due = max(due, rule_due(rules[k], state, month))
    return due


@every_month
def percent_due(rule: Any, state: Any) -> int:
    """A share of the statement, at least the floor; a fixed amount is a floor without a share, no minimum neither."""
    return max(rule.floor, portion(state.statement, rule.rate, RATE_ONE, rule.factor))


@every_month
def rule_due(rule: Any, state: Any, month: int) -> int:
    """What one rule asks for."""
    if rule.kind <= PERCENT:
        return percent_due(rule, state)
    if rule.kind == LEVEL:
        return _level_due(rule, state, month)
    if rule.kind == INTEREST_PLUS:
        part = portion(state.opening, rule.rate, RATE_ONE, rule.factor)
        return max(rule.floor, part + state.interest + state.fees + rule.add)
    return _loan_due(rule, state)


@rare
def _loan_due(rule: Any, state: Any) -> int:
    if rule.kind == FLAT_FEE:
        return state.instalment + state.fee_share
    if rule.kind == EQUAL_PRINCIPAL:
        return state.instalment + state.interest
    if rule.kind == PERCENT_OF_OPENING:
        return max(rule.floor, portion(state.opening, rule.rate, RATE_ONE, rule.factor))
    return state.interest  # interest_only


@every_month
def _level_due(rule: Any, state: Any, month: int) -> int:
    if rule.recast and state.recast:
        state.instalment = level_instalment(state.opening, state.rate, state.rule_end - month + 1)
    state.recast = 0
    return state.instalment
