"""The question for the annual rate of a cash flow and its answer, as they go over the wire.

Times are whole unit-periods from the first advance, with the odd part of one beside them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from data.portfolio.field_findings import Finding, raise_findings
from data.portfolio.value import Amount, Value
from data.wording.described import Described
from data.wording.sentence import Refused, say

MOST_PERIODS = 36_600  # a century of days
MOST_PAYMENTS = 100_000


# Python counts True as 1: without this, `"at": true` would be read as one period.
def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise Refused(say("not_true_or_false"))
    return value


def _float_of(value: Any) -> Any:
    """JSON's decimals arrive exact; times and periods are floats."""
    return float(value) if isinstance(value, Decimal) else _no_bool(value)


Periods = Annotated[int, BeforeValidator(_no_bool), Field(ge=0, le=MOST_PERIODS)]
Times = Annotated[int, BeforeValidator(_no_bool), Field(ge=1, le=MOST_PERIODS)]
PeriodFraction = Annotated[float, BeforeValidator(_float_of), Field(ge=0, lt=1, allow_inf_nan=False)]
PeriodsPerYear = Annotated[float, BeforeValidator(_float_of), Field(gt=0, le=1_000_000, allow_inf_nan=False)]


class Advance(Value):
    """Money lent, `at` whole unit-periods and the odd `fraction` of one after the first advance.

    Attributes:
        amount: what is lent.
        at: whole unit-periods from the first advance to this one; the first is at 0.
        fraction: the odd part of a unit-period on top of `at`, from 0 to below 1.
    """

    amount: Amount
    at: Periods
    fraction: PeriodFraction = 0.0


class RatePayment(Value):
    """Money paid: `count` equal payments, one every `every` unit-periods from `at` on, the fraction in each.

    A cost at the start is a payment at 0.

    Attributes:
        amount: what each of the equal payments comes to.
        at: whole unit-periods from the first advance to the first of these payments.
        fraction: the odd part of a unit-period on top, in each of these payments, from 0 to below 1.
        count: how many equal payments there are.
        every: whole unit-periods from one of these payments to the next.
    """

    amount: Amount
    at: Periods
    fraction: PeriodFraction = 0.0
    count: Times = 1
    every: Times = 1


class RateQuestion(Value):
    """What is lent and what is paid, and by which method its annual rate is computed.

    `reg_z`: 12 CFR 1026, Appendix J; `eu_aprc`: Directives 2008/48/EC and 2014/17/EU, Annex I; `irr`: the same equation
    with a nominal annual rate beside the effective one.

    Attributes:
        method: by which method the rate is computed; `reg_z`, `eu_aprc` or `irr`.
        periods_per_year: unit-periods in a year: 12 for months, 52 for weeks; any positive number.
        advances: what is lent, and when.
        payments: what is paid, and when; a cost at the start is a payment at 0.

    Raises:
        ValidationError: naming every field that is out of range or contradicts another.
    """

    method: Literal["reg_z", "eu_aprc", "irr"]
    periods_per_year: PeriodsPerYear
    advances: Annotated[list[Advance], Field(min_length=1, max_length=1200)]
    payments: Annotated[list[RatePayment], Field(min_length=1, max_length=10_000)]

    @model_validator(mode="after")
    def _consistent(self) -> RateQuestion:
        raise_findings("RateQuestion", _contradictions(self))
        return self


class AnnualRate(Described, BaseModel):
    """The annual rate, unrounded.

    Attributes:
        apr: the rate of a unit-period times `periods_per_year`, as a fraction; for `eu_aprc` the APRC, as `effective`.
        effective: (1 + rate of a unit-period)^periods_per_year - 1, as a fraction.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    apr: float
    effective: float


def _contradictions(question: RateQuestion) -> list[Finding]:
    found: list[Finding] = []
    for place, payment in enumerate(question.payments):
        last = payment.at + (payment.count - 1) * payment.every
        if last > MOST_PERIODS:
            said = say("too_late_a_payment", last=last, most=MOST_PERIODS)
            found.append((("payments", place, "count"), said, payment.count))
    count = sum(payment.count for payment in question.payments)
    if count > MOST_PAYMENTS:
        found.append((("payments",), say("too_many_payments", count=count, most=MOST_PAYMENTS), count))
    if not any(advance.amount for advance in question.advances):
        found.append((("advances",), say("nothing_lent"), 0))
    if not any(payment.amount for payment in question.payments):
        found.append((("payments",), say("nothing_paid"), 0))
    return found
