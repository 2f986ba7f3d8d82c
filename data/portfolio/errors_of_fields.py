"""Pydantic's findings as a client reads them: the field's path, what is wrong with it, its value.

Knows the wire names of data/portfolio/portfolio.py, for a hint at the nearest one; nothing of HTTP or files.
"""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from data.errors import FieldError
from data.portfolio.value import Value

RATE_FIELDS = frozenset({"apr", "rate", "fee_rate", "penalty_apr", "share"})
RULES = {
    "fixed",
    "percent",
    "interest_plus",
    "greatest",
    "level",
    "equal_principal",
    "interest_only",
    "flat_fee",
    "none",
}
OFFERS = {"balance_transfer", "consolidation", "refinance", "settlement", "instalment"}
UNION_TAGS = frozenset(RULES | OFFERS)
CHANGES = {
    "budget",
    "lump_sum",
    "rate",
    "minimum",
    "drop_debt",
    "add_debt",
    "take_offer",
    "prepay",
}  # tags in `changes`
LONGEST_VALUE = 200  # characters of a value that are worth showing
RATE_NEEDED = "a rate is needed as a fraction, for example 0.2499 for 24.99 %"
NUMBER_NEEDED = "a number is needed, for example 5200.00"
MESSAGES = {
    "missing": "this field is required",
    "decimal_type": NUMBER_NEEDED,
    "decimal_parsing": NUMBER_NEEDED,
    "decimal_max_digits": "this number has too many digits",
    "float_type": "a number is needed, for example 0.5",
    "float_parsing": "a number is needed, for example 0.5",
    "finite_number": "NaN and Infinity are not numbers; a finite number is needed",
    "int_type": "a whole number is needed",
    "int_parsing": "a whole number is needed",
    "int_from_float": "a whole number is needed",
    "bool_type": "true or false is needed",
    "bool_parsing": "true or false is needed",
    "string_type": "a text in quotes is needed",
    "string_unicode": "this text holds half a character (a lone surrogate); write the whole character",
    "list_type": "a list in square brackets is needed",
    "dict_type": "an object in braces is needed",
    "model_type": "an object in braces is needed",
    "model_attributes_type": "an object in braces is needed",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} character(s)",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries, not {actual_length}",
    "too_long": "must have at most {max_length} entries",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "union_tag_invalid": "its {discriminator} must be one of {expected_tags}",
    "union_tag_not_found": "its {discriminator} is missing",
    "date_from_datetime_parsing": "a date is needed, for example 2026-12-04",
    "date_parsing": "a date is needed, for example 2026-12-04",
    "date_type": "a date is needed, for example 2026-12-04",
    "date_from_datetime_inexact": "a date without a time is needed, for example 2026-12-04",
}


def field_errors(error: ValidationError) -> list[FieldError]:
    """Everything wrong that a validation found, in its order.

    >>> from data.portfolio.portfolio import Portfolio
    >>> try:
    ...     Portfolio.model_validate({"debts": [{"name": "Visa", "balance": 100, "apr": 24.99}]})
    ... except ValidationError as error:
    ...     field_errors(error)[0].path
    'debts.0.apr'
    """
    return field_errors_of(error.errors(include_url=False))


def field_errors_of(found: Iterable[ErrorDetails]) -> list[FieldError]:
    """The same, of the entries themselves (what FastAPI's RequestValidationError holds)."""
    return [FieldError(field_path(entry["loc"]), field_message(entry), _shown_value(entry)) for entry in found]


def field_path(place: Sequence[str | int]) -> str:
    """Where a field stands, as `debts.0.minimum.amount`; the tags Pydantic puts in for unions are left out.

    >>> field_path(("debts", 0, "minimum", "fixed", "amount"))
    'debts.0.minimum.amount'
    """
    last = len(place) - 1
    return ".".join(str(part) for at, part in enumerate(place) if at == last or not _is_tag(place, at))


def _is_tag(place: Sequence[str | int], at: int) -> bool:
    in_changes = at >= 2 and place[at - 2] == "changes" and isinstance(place[at - 1], int)
    return place[at] in UNION_TAGS or (in_changes and place[at] in CHANGES)


def field_message(entry: ErrorDetails) -> str:
    """What is wrong, in words a client can act on."""
    kind, place = entry["type"], entry["loc"]
    context = entry.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_field(str(place[-1]))
    if kind == "less_than_equal" and place and place[-1] in RATE_FIELDS:
        return f"must be at most {context['le']}; rates are fractions: write 24.99 % as 0.2499"
    if kind.startswith("decimal_") and place and place[-1] in RATE_FIELDS:
        return RATE_NEEDED
    if kind in MESSAGES:
        return MESSAGES[kind].format_map({name: _plainly(value) for name, value in context.items()})
    return entry["msg"].removeprefix("Value error, ")


def _plainly(value: Any) -> str:
    return f"{value:,f}" if isinstance(value, Decimal) else str(value)


def _unknown_field(name: str) -> str:
    nearest = get_close_matches(name, _known_fields(), n=1, cutoff=0.75)
    hint = f'; did you mean "{nearest[0]}"?' if nearest else "; leave it out"
    return f'unknown field "{name}"{hint}'


@cache
def _known_fields() -> tuple[str, ...]:
    models, names = [Value], set[str]()
    while models:
        model = models.pop()
        models.extend(model.__subclasses__())
        names.update(field.alias or name for name, field in model.model_fields.items())
    return tuple(sorted(names))


def _shown_value(entry: ErrorDetails) -> Any:
    """The value as plain JSON; nothing for a missing field, whose input is all that stood around it."""
    value = entry["input"]
    if entry["type"] == "missing" or isinstance(value, bytes):
        return None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return value
    text = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
