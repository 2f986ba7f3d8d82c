"""What the values of a portfolio are made of: frozen models, amounts, rates and names.

Amounts are exact decimals in currency units, rates are fractions (0.2499) with at most 12 decimals.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from data.money import MAX_AMOUNT, round_half_up
from data.wording.described import Described
from data.wording.sentence import Refused, say

WRITTEN_DAY = re.compile(r"\d{4}-\d\d-\d\d")
RATE_DECIMALS = Decimal("1e-12")
AMOUNT = "A decimal of the portfolio's currency, exact as a string."
RATE = "A fraction: 0.2499 is 24.99 %."


def no_bool(value: Any) -> Any:
    """The value itself; true and false are refused, which would pass for 1 and 0."""
    if isinstance(value, bool):
        raise Refused(say("not_true_or_false"))
    return value


def _plain(amount: Decimal) -> str:
    return format(amount, "f")


class Money(Decimal):
    """A decimal that is an amount, so that it can be told from a rate."""


def number_or_text(form: str, *, least: int = 0, most: int, digits: int) -> Any:
    """How a decimal may come, as JSON Schema; Pydantic's own names no bound that a reader of it knows."""
    number = {"type": "number", "minimum": least, "maximum": most, "description": form}
    sign = "-?" if least < 0 else ""
    text = {"type": "string", "pattern": rf"^{sign}[0-9]{{1,{digits}}}(\.[0-9]{{1,30}})?$"}
    return WithJsonSchema({"anyOf": [number, text]}, mode="validation")


def _written_day(value: Any) -> Any:
    """The value itself; a number is refused, which would pass for seconds since 1970, and so is a time of the day."""
    if isinstance(value, dt.date) or (isinstance(value, str) and WRITTEN_DAY.fullmatch(value)):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    has_time = is_number or (isinstance(value, str) and WRITTEN_DAY.match(value))
    raise Refused(say("date_without_time_needed" if has_time else "date_needed"))


Amount = Annotated[
    Decimal,
    BeforeValidator(no_bool),
    Field(ge=0, le=MAX_AMOUNT, description=AMOUNT),
    AfterValidator(Money),
    PlainSerializer(_plain, when_used="json"),
    number_or_text(AMOUNT, most=int(MAX_AMOUNT), digits=13),
]
Rate = Annotated[
    Decimal,
    BeforeValidator(no_bool),
    Field(ge=0, le=10, description=RATE),
    # Twelve decimals are what the kernel computes with; more would be lost there silently.
    AfterValidator(lambda rate: rate.quantize(RATE_DECIMALS).normalize()),
    PlainSerializer(float, when_used="json"),
    number_or_text(RATE, most=10, digits=2),
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    Field(json_schema_extra={"pattern": r"\S"}),
]
Day = Annotated[dt.date, BeforeValidator(_written_day), Field(description="Written YYYY-MM-DD.")]
Whole = Annotated[int, BeforeValidator(no_bool)]
Months = Annotated[Whole, Field(ge=1, le=1200)]


class Value(Described, BaseModel):
    """A frozen value that refuses unknown fields, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Optionals(Value):
    """A value of which every part may be left out."""

    # FastAPI reads attributes too, and an exact decimal has some: 1.5 would pass for an object that says nothing.
    @model_validator(mode="before")
    @classmethod
    def _no_number(cls, values: Any) -> Any:
        if isinstance(values, Decimal):
            raise Refused(say("object_needed"))
        return values


def in_minor_units(value: Any, currency: str) -> Any:
    """The value with every amount in it at the currency's decimals; all else untouched."""
    if isinstance(value, Money):
        return Money(round_half_up(value, currency))
    if isinstance(value, list):
        return [in_minor_units(item, currency) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, Value):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        return value.model_copy(update={name: in_minor_units(item, currency) for name, item in fields.items()})
    return value
