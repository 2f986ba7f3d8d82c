"""A debt and its minimum rules as the kernel's records, field by field."""

from decimal import Decimal
from typing import Any

from agents.planner.kernel.layout import (
    COMPOUNDED,
    DAILY,
    EQUAL_PRINCIPAL,
    FIXED,
    FLAT_FEE,
    FOREVER,
    HAS_CHARGES,
    HAS_DAYS,
    HAS_DEFERRED,
    HAS_FEES,
    HAS_LATE_COST,
    HAS_RULES,
    HORIZON,
    INTEREST_ONLY,
    INTEREST_PLUS,
    LEVEL,
    MONTHLY,
    NONE,
    PERCENT,
    PERCENT_OF_OPENING,
)
from data.money import to_minor
from data.month import month_index
from data.portfolio.debt import Debt
from data.portfolio.minimum_rule import (
    EqualPrincipal,
    Fixed,
    FlatFee,
    Greatest,
    InterestOnly,
    InterestPlus,
    Level,
    MinimumRule,
    NoMinimum,
    Percent,
)
from data.portfolio.portfolio import Portfolio

RecordFields = dict[str, Any]
NO_RULE: RecordFields = {
    "rate": 0,
    "floor": 0,
    "add": 0,
    "principal": 0,
    "factor": 0.0,
    "months": 0,
    "until": 0,
    "then_first": -1,
    "then_count": 0,
    "kind": NONE,
    "recast": False,
    "refundable": False,
}
ACCRUALS = {"monthly": MONTHLY, "daily": DAILY, "daily_compounded": COMPOUNDED}


def rate_units(rate: Decimal) -> int:
    """A rate as a whole number of 10^-12."""
    # Exact: a rate has at most twelve decimals.
    return int(rate.scaleb(12))


def rule_records(rule: MinimumRule, currency: str, place: int) -> tuple[list[RecordFields], int]:
    """The records of a rule that stand at `place` and after, those of its `then` last; and how many are its own."""
    if isinstance(rule, Greatest):
        return [_one_rule(part, currency) for part in rule.rules], len(rule.rules)
    own = _one_rule(rule, currency)
    if not isinstance(rule, InterestOnly) or rule.then is None:
        return [own], 1
    then, count = rule_records(rule.then, currency, place + 1)
    return [own | {"then_first": place + 1, "then_count": count}, *then], 1


def _one_rule(rule: MinimumRule, currency: str) -> RecordFields:
    return NO_RULE | _with_factor(_fields_of(rule, currency))


def _with_factor(fields: RecordFields) -> RecordFields:
    return fields | {"factor": fields.get("rate", 0) / 1e12}


def _fields_of(rule: MinimumRule, currency: str) -> RecordFields:
    if isinstance(rule, Fixed):
        return {"kind": FIXED, "floor": to_minor(rule.amount, currency)}
    if isinstance(rule, Percent):
        kind = PERCENT if rule.of == "statement" else PERCENT_OF_OPENING
        return {"kind": kind, "rate": rate_units(rule.rate), "floor": to_minor(rule.floor, currency)}
    if isinstance(rule, InterestPlus):
        amounts = {"floor": to_minor(rule.floor, currency), "add": to_minor(rule.add, currency)}
        return {"kind": INTEREST_PLUS, "rate": rate_units(rule.rate), **amounts}
    return _fields_of_loan(rule, currency)


def _fields_of_loan(rule: MinimumRule, currency: str) -> RecordFields:
    if isinstance(rule, Level):
        return {"kind": LEVEL, "months": rule.months, "recast": rule.recast}
    if isinstance(rule, EqualPrincipal):
        return {"kind": EQUAL_PRINCIPAL, "months": rule.months}
    if isinstance(rule, InterestOnly):
        return {"kind": INTEREST_ONLY, "until": month_index(rule.until)}
    if isinstance(rule, FlatFee):
        return {
            "kind": FLAT_FEE,
            "principal": to_minor(rule.principal, currency),
            "months": rule.months,
            "rate": rate_units(rule.fee_rate),
            "refundable": rule.refundable,
        }
    return {}


def debt_record(debt: Debt, portfolio: Portfolio, start: int) -> RecordFields:
    """The debt's own fields; where its steps and rules stand is for the caller to add."""
    equal = debt.month_length == "equal"
    order = portfolio.custom_order or []
    return {
        "balance": to_minor(debt.balance, portfolio.currency),
        "rate": rate_units(debt.apr),
        "credit_limit": 0 if debt.credit_limit is None else to_minor(debt.credit_limit, portfolio.currency),
        "custom_rank": order.index(debt.name) if debt.name in order else len(order),
        "day_basis": (365 if equal else 0) if debt.day_basis == "actual" else debt.day_basis,
        "accrual": MONTHLY if _is_monthly(debt) else ACCRUALS[debt.accrual],
        "equal_months": equal,
        "due_day": debt.due_day,
        "secured": debt.is_secured,
        "variable": False,
        "flags": flags_of(debt, start),
        **_dated_costs(debt, start),
        **_fees(debt, portfolio.currency),
    }


def _is_monthly(debt: Debt) -> bool:
    """Daily interest over equal months is a twelfth of the year's, whatever the basis."""
    return debt.accrual == "monthly" or (debt.accrual == "daily" and debt.month_length == "equal")


def _dated_costs(debt: Debt, start: int) -> RecordFields:
    charge = debt.prepayment
    until = None if charge is None else charge.until
    return {
        "promo_rate": 0 if debt.promo is None else rate_units(debt.promo.apr),
        # So far back that even the month after its end is before the plan.
        "promo_until": start - 2 if debt.promo is None else month_index(debt.promo.until),
        "penalty_rate": -1 if debt.penalty_apr is None else rate_units(debt.penalty_apr),
        "penalty_months": FOREVER if debt.penalty_months is None else debt.penalty_months,
        "prepayment_rate": 0 if charge is None else rate_units(charge.rate),
        "prepayment_until": FOREVER if until is None else month_index(until),
    }


def _fees(debt: Debt, currency: str) -> RecordFields:
    return {
        "monthly_fee": to_minor(debt.fees.monthly, currency),
        "annual_fee": to_minor(debt.fees.annual, currency),
        "late_fee": to_minor(debt.fees.late, currency),
        "opening_fee": to_minor(debt.fees.opening, currency),
        "annual_month": debt.fees.annual_month,
    }


def flags_of(debt: Debt, start: int) -> int:
    """What the month must look at for this debt."""
    flat = flat_fee_of(debt.minimum)
    fees = debt.fees
    flags = 0 if _is_monthly(debt) else HAS_DAYS
    if fees.monthly or fees.annual or fees.late or fees.opening or flat is not None:
        flags |= HAS_FEES
    if fees.late or debt.penalty_apr is not None:
        flags |= HAS_LATE_COST
    if debt.promo is not None and debt.promo.deferred_interest and month_index(debt.promo.until) >= start:
        flags |= HAS_DEFERRED
    if (debt.prepayment is not None and debt.prepayment.rate) or (flat is not None and not flat.refundable):
        flags |= HAS_CHARGES
    if not is_plain(debt.minimum):
        flags |= HAS_RULES
    return flags


def is_plain(rule: MinimumRule) -> bool:
    """True where the minimum is a share of the statement, a fixed amount or nothing."""
    return isinstance(rule, Fixed | NoMinimum) or (isinstance(rule, Percent) and rule.of == "statement")


def flat_fee_of(rule: MinimumRule) -> FlatFee | None:
    """The flat-fee rule among a debt's rules, if it has one."""
    if isinstance(rule, InterestOnly) and rule.then is not None:
        return flat_fee_of(rule.then)
    return rule if isinstance(rule, FlatFee) else None


def last_event(debt: Debt, start: int) -> int:
    """The last month in which something dated about the debt changes."""
    months = [start, *(month_index(step.from_) for step in debt.rate_steps), _rule_end(debt.minimum, start)]
    if debt.promo is not None:
        # The first month after the promotion is the one with another rate.
        months.append(month_index(debt.promo.until) + 1)
    if debt.prepayment is not None and debt.prepayment.until is not None:
        months.append(month_index(debt.prepayment.until) + 1)
    return min(max(months), start + HORIZON)


def _rule_end(rule: MinimumRule, start: int) -> int:
    if isinstance(rule, InterestOnly):
        until = month_index(rule.until)
        return until if rule.then is None else _rule_end(rule.then, until)
    return start + rule.months if isinstance(rule, Level | EqualPrincipal | FlatFee) else start
