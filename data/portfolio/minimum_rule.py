"""What must be paid on a debt each month, as its issuer says it. The planner computes with these rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from data.month import Month
from data.portfolio.value import Amount, Months, Optionals, Rate, Value


class Fixed(Value):
    """The same amount every month.

    Attributes:
        amount: what is due each month.
    """

    type: Literal["fixed"] = "fixed"
    amount: Amount


class Percent(Value):
    """The larger of the two: max(floor, rate x base), the base being the statement or the opening balance.

    Attributes:
        rate: the fraction of the base.
        floor: the least that is due.
        of: the base: the `statement`, with the month's interest and fees, or the `opening` balance.
    """

    type: Literal["percent"] = "percent"
    rate: Rate
    floor: Amount = Decimal(0)
    of: Literal["statement", "opening"] = "statement"


class InterestPlus(Value):
    """The larger of the two: max(floor, rate x opening + interest + fees + add).

    Attributes:
        rate: the fraction of the opening balance.
        floor: the least that is due.
        add: a fixed amount on top.
    """

    type: Literal["interest_plus"] = "interest_plus"
    rate: Rate
    floor: Amount = Decimal(0)
    add: Amount = Decimal(0)


class Greatest(Value):
    """The largest of several simple rules, e.g. max(35, 2 %, 20 + interest).

    Attributes:
        rules: the rules of which the largest holds, 1 to 8.
    """

    type: Literal["greatest"] = "greatest"
    rules: Annotated[
        list[Annotated[Fixed | Percent | InterestPlus, Field(discriminator="type")]], Field(min_length=1, max_length=8)
    ]


class Level(Value):
    """等额本息, a level instalment; `recast` lowers the instalment after a prepayment instead of the term.

    Attributes:
        months: how many instalments there are, from the month on in which the rule begins.
        recast: whether a prepayment lowers the instalment, in place of the term.
    """

    type: Literal["level"] = "level"
    months: Months
    recast: StrictBool = False


class EqualPrincipal(Value):
    """等额本金: P/n and the month's interest.

    Attributes:
        months: how many instalments there are, from the month on in which the rule begins.
    """

    type: Literal["equal_principal"] = "equal_principal"
    months: Months


class InterestOnly(Value):
    """先息后本: the interest; in month `until` the whole statement, or from then on another rule.

    Attributes:
        until: the last month with interest alone.
        then: the rule after that; null is the whole statement in month `until`.
    """

    type: Literal["interest_only"] = "interest_only"
    until: Month
    then: MinimumRule | None = None


class FlatFee(Value):
    """等本等费: P/n + P x fee_rate on the original principal; not refundable unless said.

    Attributes:
        principal: the amount that was first lent, which the fee is of.
        months: in how many instalments the principal is repaid, past ones included.
        fee_rate: the fee a month as a fraction of `principal`.
        refundable: whether the fees still to come need not be paid when the principal is paid off early.
    """

    type: Literal["flat_fee"] = "flat_fee"
    principal: Amount
    months: Months
    fee_rate: Rate
    refundable: StrictBool = False


class NoMinimum(Optionals):
    """Nothing is due (随借随还, family loans)."""

    type: Literal["none"] = "none"


MinimumRule = Annotated[
    Fixed | Percent | InterestPlus | Greatest | Level | EqualPrincipal | InterestOnly | FlatFee | NoMinimum,
    Field(discriminator="type"),
]
InterestOnly.model_rebuild()  # now that the rules which may follow it are known
