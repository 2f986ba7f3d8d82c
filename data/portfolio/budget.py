"""The money for debts, month by month."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, PlainSerializer

from data.month import Month
from data.portfolio.value import Amount, Day, Name, Value


class BudgetChange(Value):
    """The monthly budget from a month on, in the budget's own mode."""

    from_: Annotated[Month, Field(alias="from")]
    monthly: Amount

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)


class LumpSum(Value):
    """Money on top of one month's budget, for one debt or for the strategy to place."""

    month: Month
    amount: Amount
    debt: Name | None = None


class Paydays(Value):
    """Pay that arrives by the calendar: its paydays in a month set that month's budget."""

    every: Literal["weekly", "biweekly", "semimonthly"]
    first: Day
    amount: Amount


class Budget(Value):
    """The money for debts each month: `total` for all of them, or `extra` on top of the first minimums."""

    monthly: Amount | None = None
    mode: Literal["total", "extra"] = "total"
    changes: list[BudgetChange] = Field(default_factory=list[BudgetChange], max_length=1200)
    lump_sums: list[LumpSum] = Field(default_factory=list[LumpSum], max_length=1200)
    yearly_raise: Annotated[Decimal, Field(ge=-1, le=10), PlainSerializer(float, when_used="json")] = Decimal(0)
    paydays: Paydays | None = None
