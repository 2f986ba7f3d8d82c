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


class TransferPromo(Value):
    """The transfer's promotional rate.

    Attributes:
        apr: the annual rate meanwhile.
        months: for how many months it holds, from the first planned one.
    """

    apr: Rate
    months: Months


class BalanceTransfer(Value):
    """A card that takes over balances up to `limit`, at a fee, with a promotional rate for some months.

    Attributes:
        name: what the offer is called; each name once in a portfolio.
        limit: the most that may be moved to it, without its fee.
        fee_rate: the fee as a fraction of what is moved.
        promo: its promotional rate; null where there is none.
        apr: the annual rate after the promotion.
        minimum: what must be paid on it each month; left out, 2 % of the statement and at least 25.
    """

    type: Literal["balance_transfer"] = "balance_transfer"
    name: Name
    limit: Amount
    fee_rate: Rate = Decimal(0)
    promo: TransferPromo | None = None
    apr: Rate
    minimum: MinimumRule = Percent(rate=Decimal("0.02"), floor=Decimal(25))


class Consolidation(Value):
    """A loan up to `amount` that pays off other debts, in level instalments over `months`.

    Attributes:
        name: what the offer is called; each name once in a portfolio.
        amount: the most that may be moved to it, without its fee.
        apr: the annual rate.
        months: over how many months it is paid off.
        fee_rate: the fee as a fraction of what is lent.
    """

    type: Literal["consolidation"] = "consolidation"
    name: Name
    amount: Amount
    apr: Rate
    months: Months
    fee_rate: Rate = Decimal(0)


class Refinance(Value):
    """One debt replaced, whole, by a level loan; with `recast` prepaying it lowers the instalment, not the term.

    Attributes:
        name: what the offer is called; each name once in a portfolio.
        debt: the name of the debt that it replaces.
        apr: the annual rate.
        months: over how many months it is paid off.
        fee: a fixed fee.
        fee_rate: a fee as a fraction of the balance.
        recast: whether a prepayment lowers the instalment, in place of the term.
    """

    type: Literal["refinance"] = "refinance"
    name: Name
    debt: Name
    apr: Rate
    months: Months
    fee: Amount = Decimal(0)
    fee_rate: Rate = Decimal(0)
    recast: StrictBool = False


class Settlement(Value):
    """A lender takes `share` of the balance for the whole, without interest, if it is paid by the end of month `by`.

    Attributes:
        name: what the offer is called; each name once in a portfolio.
        debt: the name of the debt that it ends.
        share: the fraction of the balance that the lender takes for the whole.
        by: the month by whose end it must be paid.
    """

    type: Literal["settlement"] = "settlement"
    name: Name
    debt: Name
    share: Share
    by: Month


class Instalment(Value):
    """分期: a balance up to `limit` turned into a flat-fee instalment plan, at a fee a month on the amount moved.

    Without `limit` up to the whole balance. Paid off early, the remaining fees are owed unless `refundable`.

    Attributes:
        name: what the offer is called; each name once in a portfolio.
        debt: the name of the debt whose balance it turns into instalments.
        limit: the most of the balance that may be moved; null is all of it.
        months: how many instalments.
        fee_rate: the fee a month as a fraction of what is moved.
        refundable: whether the fees still to come need not be paid when it is paid off early.
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
