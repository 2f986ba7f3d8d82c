"""The minimum rule that a row's columns say together."""

from collections.abc import Callable
from typing import Any

from data.month import shift_month
from data.wording.sentence import Refused, Sentence, say

Values = dict[str, Any]
RuleFields = dict[str, Any]


class MissingColumn(Refused):
    """A rule needs a column that the row leaves empty."""

    def __init__(self, column: str, said: Sentence) -> None:
        super().__init__(said)
        self.column = column


def minimum_rule(values: Values) -> RuleFields | None:
    """The rule of a row's parsed values; none where it says nothing of a minimum.

    Raises:
        MissingColumn: the rule it names lacks a value.

    >>> minimum_rule({"minimum": 35, "minimum_rate": 0.02})
    {'type': 'greatest', 'rules': [{'type': 'fixed', 'amount': 35}, {'type': 'percent', 'rate': 0.02}]}
    """
    kind = values.get("minimum_type")
    if kind is not None:
        return _NAMED[kind](values)
    if "fee_rate" in values:
        return _flat_fee(values)
    if "minimum_rate" in values or "minimum_floor" in values:
        return _rate_rule(values, "percent")
    if "minimum" in values:
        return _fixed(values)
    return _level(values) if "months_left" in values else None


def unused_columns(values: Values, rule: RuleFields | None) -> list[str]:
    """Columns that say something of a minimum, where the rule is made of others."""
    used: dict[str, set[str]] = {
        "fixed": {"minimum"},
        "percent": {"minimum_rate", "minimum_floor"},
        "interest_plus": {"minimum_rate", "minimum_floor"},
        "greatest": {"minimum", "minimum_rate", "minimum_floor"},
        "flat_fee": {"fee_rate", "months_left"},
        "none": set(),
    }
    spoken = {"minimum", "minimum_rate", "minimum_floor", "months_left"} & values.keys()
    return sorted(spoken - used.get(rule["type"], {"months_left"})) if rule else []


def _need(values: Values, column: str, code: str, **more: str) -> Any:
    if column not in values:
        raise MissingColumn(column, say(code, name=column, **more))
    return values[column]


def _fixed(values: Values) -> RuleFields:
    return {"type": "fixed", "amount": _need(values, "minimum", "fixed_needs")}


def _rate_rule(values: Values, kind: str) -> RuleFields:
    """A rate, with its floor; with a fixed amount beside it, the greatest of both."""
    rule: RuleFields = {"type": kind, "rate": _need(values, "minimum_rate", "type_needs", type=kind)}
    if "minimum_floor" in values:
        rule["floor"] = values["minimum_floor"]
    return {"type": "greatest", "rules": [_fixed(values), rule]} if "minimum" in values else rule


def _greatest(values: Values) -> RuleFields:
    _need(values, "minimum", "type_needs", type="greatest")
    return _rate_rule(values, "percent")


def _level(values: Values) -> RuleFields:
    return {"type": "level", "months": _need(values, "months_left", "level_needs")}


def _equal_principal(values: Values) -> RuleFields:
    return {"type": "equal_principal", "months": _need(values, "months_left", "equal_principal_needs")}


def _interest_only(values: Values) -> RuleFields:
    months = _need(values, "months_left", "interest_only_needs")
    start = _need(values, "start", "interest_only_needs_start")
    return {"type": "interest_only", "until": shift_month(start, min(months, 1200) - 1)}


def _flat_fee(values: Values) -> RuleFields:
    return {
        "type": "flat_fee",
        "principal": values["balance"],
        "months": _need(values, "months_left", "fee_rate_needs"),
        "fee_rate": _need(values, "fee_rate", "flat_fee_needs"),
    }


def _none(_: Values) -> RuleFields:
    return {"type": "none"}


_NAMED: dict[str, Callable[[Values], RuleFields]] = {
    "fixed": _fixed,
    "percent": lambda values: _rate_rule(values, "percent"),
    "interest_plus": lambda values: _rate_rule(values, "interest_plus"),
    "greatest": _greatest,
    "level": _level,
    "equal_principal": _equal_principal,
    "interest_only": _interest_only,
    "flat_fee": _flat_fee,
    "none": _none,
}
