"""Pydantic's findings as a client reads them: the field's path, what is wrong with it, its value.

Knows the wire names of data/portfolio/portfolio.py, for a hint at the nearest one; nothing of HTTP or files.
"""

import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, to_jsonable_python

from data.errors import FieldError
from data.portfolio.value import Value
from data.wording.sentence import Sentence, say

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
DECIMAL = re.compile(r"Decimal\('(.*)'\)")  # a bound in a finding that was told again
MOST_PLACES = 4
FIRST = ("portfolio", "debt")
LONGEST_VALUE = 200  # characters of a value that are worth showing
CODES = {
    "missing": "required",
    "decimal_type": "number_needed",
    "decimal_parsing": "number_needed",
    "decimal_max_digits": "too_many_digits",
    "float_type": "decimal_needed",
    "float_parsing": "decimal_needed",
    "finite_number": "finite_number_needed",
    "int_type": "whole_number_needed",
    "int_parsing": "whole_number_needed",
    "int_from_float": "whole_number_needed",
    "bool_type": "true_or_false_needed",
    "bool_parsing": "true_or_false_needed",
    "string_type": "text_needed",
    "string_unicode": "half_a_character",
    "list_type": "list_needed",
    "dict_type": "object_needed",
    "model_type": "object_needed",
    "model_attributes_type": "object_needed",
    "greater_than": "not_more",
    "greater_than_equal": "too_small",
    "less_than": "not_less",
    "less_than_equal": "too_large",
    "string_too_short": "text_too_short",
    "string_too_long": "text_too_long",
    "too_short": "too_few_entries",
    "too_long": "too_many_entries",
    "enum": "not_a_choice",
    "literal_error": "not_a_choice",
    "union_tag_invalid": "unknown_type",
    "union_tag_not_found": "type_missing",
    "date_from_datetime_parsing": "date_needed",
    "date_parsing": "date_needed",
    "date_type": "date_needed",
    "date_from_datetime_inexact": "date_without_time_needed",
}
PARAMS = {
    **dict.fromkeys(("gt", "ge", "lt", "le"), "limit"),
    "min_length": "least",
    "max_length": "most",
    "actual_length": "count",
    "expected": "choices",
    "expected_tags": "choices",
    "discriminator": "field",
}
NEEDED = {
    "text_too_long": {"most"},
    "too_few_entries": {"least", "count"},
    "too_many_entries": {"most"},
    "not_a_choice": {"choices"},
    "unknown_type": {"field", "choices"},
    "type_missing": {"field"},
    "text_too_short": {"least"},
    **{code: {"limit"} for code in ("not_more", "too_small", "not_less", "too_large")},
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
    return [FieldError(field_path(entry["loc"]), field_sentence(entry), _shown_value(entry)) for entry in found]


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


def field_sentence(entry: ErrorDetails) -> Sentence:
    """What is wrong, in words a client can act on."""
    kind, place = entry["type"], entry["loc"]
    context = entry.get("ctx", {})
    # Our own sentences come with the error; all others are made from Pydantic's code.
    own = context.get("said") or getattr(context.get("error"), "said", None)
    if own is not None:
        return own
    if kind == "extra_forbidden":
        return _unknown_field(str(place[-1]))
    is_rate = bool(place) and place[-1] in RATE_FIELDS
    if is_rate and kind == "less_than_equal":
        return say("rate_too_large", limit=_param("le", context["le"]))
    if is_rate and kind.startswith("decimal_"):
        return say("rate_needed")
    if kind in CODES:
        code = CODES[kind]
        told = {PARAMS[name]: _param(name, value) for name, value in context.items() if name in PARAMS}
        return say(code, **{name: told[name] for name in NEEDED.get(code, ())})
    return say("not_as_needed", said=entry["msg"].removeprefix("Value error, "))


def _param(name: str, value: Any) -> Any:
    """A value of Pydantic's as it goes over the wire: choices as a list, a field without quotes."""
    if name in {"expected", "expected_tags"}:
        # Pydantic writes choices as one text: 'a', 'b' or 'c'.
        return [int(one) if one.isdecimal() else one.strip("'") for one in re.split(r", | or ", str(value))]
    if name == "discriminator":
        return str(value).strip("'")
    written = DECIMAL.fullmatch(value) if isinstance(value, str) else None
    return Decimal(written[1]) if written else value


def _unknown_field(name: str) -> Sentence:
    # Known, but not here: the nearest name would be its own.
    if name in _known_fields():
        return say("field_elsewhere", name=name, places=_places(name))
    # A strict cutoff: a wrong hint is worse than none.
    nearest = get_close_matches(name, _known_fields(), n=1, cutoff=0.75)
    return say("unknown_field_near", name=name, nearest=nearest[0]) if nearest else say("unknown_field", name=name)


@cache
def _known_fields() -> tuple[str, ...]:
    models, names = [Value], set[str]()
    while models:
        model = models.pop()
        models.extend(model.__subclasses__())
        names.update(field.alias or name for name, field in model.model_fields.items())
    return tuple(sorted(names))


@cache
def _places(name: str) -> list[str]:
    """What has a field of that name, by the names of the models that do."""
    models, places = [Value], set[str]()
    while models:
        model = models.pop()
        models.extend(model.__subclasses__())
        is_whole = not model.__subclasses__()
        if is_whole and name in {field.alias or own for own, field in model.model_fields.items()}:
            places.add(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__).lower())
    return sorted(places, key=lambda place: (place not in FIRST, place))[:MOST_PLACES]


def _shown_value(entry: ErrorDetails) -> Any:
    """The value as plain JSON; nothing for a missing field, whose input is all that stood around it."""
    value = entry["input"]
    if entry["type"] == "missing" or isinstance(value, bytes):
        return None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return value
    # What is made of parts as JSON has it: Python's own way to write them names its classes.
    parts = to_jsonable_python(value, fallback=str)
    text = json.dumps(parts, ensure_ascii=False) if isinstance(parts, dict | list) else str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
