"""The money for debts, month by month."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, PlainSerializer

from data.month import Month
from data.portfolio.value import Amount, Day, Name, Optionals, Value, number_or_text

Raise = Annotated[
    Decimal,
    Field(ge=-1, le=10),
    PlainSerializer(float, when_used="json"),
    number_or_text("", least=-1, most=10, digits=2),
]


class BudgetChange(Value):
    """The monthly budget from a month on, in the budget's own mode.

    Attributes:
        from_: the first month with it.
        monthly: the money a month from then on.
    """

    from_: Annotated[Month, Field(alias="from")]
    monthly: Amount

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)


class LumpSum(Value):
    """Money on top of one month's budget, for one debt or for the strategy to place.

    Attributes:
        month: the month in which it is paid.
        amount: how much it is.
        debt: the name of the debt that it is for; null lets the strategy place it.
    """

    month: Month
    amount: Amount
    debt: Name | None = None


class Paydays(Value):
    """Pay that arrives by the calendar: its paydays in a month set that month's budget.

    Attributes:
        every: how often pay arrives; `semimonthly` is twice a month, `biweekly` every 14 days.
        first: the first payday.
        amount: the money for debts from each.
    """

    every: Literal["weekly", "biweekly", "semimonthly"]
    first: Day
    amount: Amount


class Budget(Optionals):
    """The money for debts each month: `total` for all of them, or `extra` on top of the first minimums.

    Attributes:
        monthly: the money a month; only where `paydays` are given may it be left out.
        mode: whether `monthly` is `total`, for all debts together, or `extra`, on top of the first month's minimums.
        changes: other amounts a month, each from a month on.
        lump_sums: money on top of single months.
        yearly_raise: by what fraction the money grows each January: 0.03 is 3 %; below 0 it shrinks.
        paydays: pay that arrives by the calendar; its paydays in a month set that month's budget, in place of
            `monthly`.
    """

    monthly: Amount | None = None
    mode: Literal["total", "extra"] = "total"
    changes: list[BudgetChange] = Field(default_factory=list[BudgetChange], max_length=1200)
    lump_sums: list[LumpSum] = Field(default_factory=list[LumpSum], max_length=1200)
    yearly_raise: Raise = Decimal(0)
    paydays: Paydays | None = None
