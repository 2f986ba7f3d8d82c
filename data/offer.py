"""What a lender offers instead of the debts there are."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from data.minimum_rule import MinimumRule, Percent
from data.value import Amount, Months, Name, Rate, Value


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
    """A loan that pays off other debts."""

    type: Literal["consolidation"] = "consolidation"
    name: Name
    amount: Amount
    apr: Rate
    months: Months
    fee_rate: Rate = Decimal(0)


Offer = Annotated[BalanceTransfer | Consolidation, Field(discriminator="type")]
