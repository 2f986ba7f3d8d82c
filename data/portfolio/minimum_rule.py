"""What must be paid on a debt each month, as its issuer says it. The planner computes with these rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from data.month import Month
from data.portfolio.value import Amount, Months, Rate, Value


class Fixed(Value):
    """The same amount every month."""

    type: Literal["fixed"] = "fixed"
    amount: Amount


class Percent(Value):
    """max(floor, rate x base), the base being the statement or the opening balance."""

    type: Literal["percent"] = "percent"
    rate: Rate
    floor: Amount = Decimal(0)
    of: Literal["statement", "opening"] = "statement"


class InterestPlus(Value):
    """max(floor, rate x opening + interest + fees + add)."""

    type: Literal["interest_plus"] = "interest_plus"
    rate: Rate
    floor: Amount = Decimal(0)
    add: Amount = Decimal(0)


class Greatest(Value):
    """The largest of several simple rules, e.g. max(35, 2 %, 20 + interest)."""

    type: Literal["greatest"] = "greatest"
    rules: Annotated[
        list[Annotated[Fixed | Percent | InterestPlus, Field(discriminator="type")]], Field(min_length=1, max_length=8)
    ]


class Level(Value):
    """等额本息, a level instalment; `recast` lowers the instalment after a prepayment instead of the term."""

    type: Literal["level"] = "level"
    months: Months
    recast: StrictBool = False


class EqualPrincipal(Value):
    """等额本金: P/n and the month's interest."""

    type: Literal["equal_principal"] = "equal_principal"
    months: Months


class InterestOnly(Value):
    """先息后本: the interest; in month `until` the whole statement, or from then on another rule."""

    type: Literal["interest_only"] = "interest_only"
    until: Month
    then: MinimumRule | None = None


class FlatFee(Value):
    """等本等费: P/n + P x fee_rate on the original principal; not refundable unless said."""

    type: Literal["flat_fee"] = "flat_fee"
    principal: Amount
    months: Months
    fee_rate: Rate
    refundable: StrictBool = False


class NoMinimum(Value):
    """Nothing is due (随借随还, family loans)."""

    type: Literal["none"] = "none"


MinimumRule = Annotated[
    Fixed | Percent | InterestPlus | Greatest | Level | EqualPrincipal | InterestOnly | FlatFee | NoMinimum,
    Field(discriminator="type"),
]
InterestOnly.model_rebuild()  # now that the rules which may follow it are known
