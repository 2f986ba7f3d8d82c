"""What a lender offers instead of the debts there are: taken, or not, at the start of the first planned month.

What taking one does to a portfolio is the planner's.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from data.month import Month
from data.portfolio.minimum_rule import MinimumRule, Percent
from data.portfolio.value import Amount, Months, Name, Rate, Value

Share = Annotated[Rate, Field(gt=0, lt=1)]


class BalanceTransfer(Value):
    """A card that takes over balances up to `limit`, at a fee, with a promotional rate for some months."""

    class Promo(Value):
        """The transfer's promotional rate."""

        apr: Rate
        months: Months

    type: Literal["balance_transfer"] = "balance_transfer"
    name: Name
    limit: Amount
    fee_rate: Rate = Decimal(0)
    promo: Promo | None = None
    apr: Rate
    minimum: MinimumRule = Percent(rate=Decimal("0.02"), floor=Decimal(25))


class Consolidation(Value):
    """A loan up to `amount` that pays off other debts, in level instalments over `months`."""

    type: Literal["consolidation"] = "consolidation"
    name: Name
    amount: Amount
    apr: Rate
    months: Months
    fee_rate: Rate = Decimal(0)


class Refinance(Value):
    """One debt replaced, whole, by a level loan; with `recast` prepaying it lowers the instalment, not the term."""

    type: Literal["refinance"] = "refinance"
    name: Name
    debt: Name
    apr: Rate
    months: Months
    fee: Amount = Decimal(0)
    fee_rate: Rate = Decimal(0)
    recast: StrictBool = False


class Settlement(Value):
    """A lender takes `share` of the balance for the whole, without interest, if it is paid by the end of month `by`."""

    type: Literal["settlement"] = "settlement"
    name: Name
    debt: Name
    share: Share
    by: Month


class Instalment(Value):
    """分期: a balance up to `limit` turned into a flat-fee instalment plan, at a fee a month on the amount moved.

    Without `limit` up to the whole balance. Paid off early, the remaining fees are owed unless `refundable`.
    """

    type: Literal["instalment"] = "instalment"
    name: Name
    debt: Name
    limit: Amount | None = None
    months: Months
    fee_rate: Rate
    refundable: StrictBool = False


Offer = Annotated[
    BalanceTransfer | Consolidation | Refinance | Settlement | Instalment,
    Field(discriminator="type"),
]
