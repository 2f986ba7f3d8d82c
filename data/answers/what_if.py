"""What a client might change, one thing after another, and what that comes to. As they go over the wire."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from data.answers.plan import Cash, IgnoredField, Plan
from data.money import MAX_AMOUNT
from data.month import Month
from data.portfolio.debt import Debt
from data.portfolio.minimum_rule import MinimumRule
from data.portfolio.value import AMOUNT, Amount, Money, Name, Optionals, Rate, Value, no_bool, number_or_text
from data.wording.described import Described

Difference = Annotated[
    Decimal,
    BeforeValidator(no_bool),
    Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT),
    AfterValidator(Money),
    PlainSerializer(lambda amount: format(amount, "f"), when_used="json"),
    number_or_text(AMOUNT, least=-int(MAX_AMOUNT), most=int(MAX_AMOUNT), digits=13),
]
Positive = Annotated[Amount, Field(gt=0)]


class BudgetChanged(Optionals):
    """The money a month: `monthly` in place of the budget, or `by` on top of it; from a month on, or from the start.

    `by` may be negative; a month's money never falls below nothing. Lump sums stay.

    Attributes:
        monthly: the money a month in place of the budget; either this or `by`.
        by: the money a month on top of the budget, or, below 0, less than it.
        from_: the first month with it; null is the plan's first.
    """

    type: Literal["budget"] = "budget"
    monthly: Amount | None = None
    by: Difference | None = None
    from_: Annotated[Month | None, Field(alias="from")] = None

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)


class LumpSumAdded(Value):
    """Money in one month, for one debt or for the strategy to place.

    Attributes:
        month: the month in which it is paid.
        amount: how much it is.
        debt: the name of the debt that it is for; null lets the strategy place it.
    """

    type: Literal["lump_sum"] = "lump_sum"
    month: Month
    amount: Positive
    debt: Name | None = None


class RateChanged(Value):
    """The annual rate of a debt from a month on, or from the start; a promotion goes on until it ends.

    Attributes:
        debt: the debt's name.
        apr: the annual rate from then on.
        from_: the first month with it; null is the plan's first.
    """

    type: Literal["rate"] = "rate"
    debt: Name
    apr: Rate
    from_: Annotated[Month | None, Field(alias="from")] = None

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)


class MinimumChanged(Value):
    """What must be paid on a debt each month, for example a level instalment over another term.

    Attributes:
        debt: the debt's name.
        minimum: the rule from the first month on.
    """

    type: Literal["minimum"] = "minimum"
    debt: Name
    minimum: MinimumRule


class DebtDropped(Value):
    """One debt less, as if it were not there; a lump sum aimed at it becomes general.

    Attributes:
        debt: the debt's name.
    """

    type: Literal["drop_debt"] = "drop_debt"
    debt: Name


class DebtAdded(Value):
    """One debt more, after the others.

    Attributes:
        debt: the new debt.
    """

    type: Literal["add_debt"] = "add_debt"
    debt: Debt


class OfferTakenUp(Value):
    """An offer of the portfolio taken: so much of it, from these debts in this order.

    Without `amount` as much as the offer takes; without `from` the dearest debts first.

    Attributes:
        offer: the offer's name.
        amount: how much of it; null is as much as it takes.
        from_: the names of the debts that it pays off, in this order; null is the dearest first.
    """

    type: Literal["take_offer"] = "take_offer"
    offer: Name
    amount: Positive | None = None
    from_: Annotated[list[Name] | None, Field(alias="from", min_length=1, max_length=100)] = None

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)


class Prepaid(Value):
    """提前还款: money in one month for one debt, above its instalment, and what the instalment is afterwards.

    `shorten_term` (缩短年限) keeps the instalment, `lower_payment` (减少月供) spreads what is left over the months
    left; without a mode the debt's own rule holds. The lender's charge, a `charge_rate` of the amount or a `charge` in
    money, is paid out of the amount; without either the debt's own prepayment charge holds. It falls on whatever is
    paid above the instalment until and including that month.

    Attributes:
        debt: the debt's name.
        month: the month in which it is paid.
        amount: how much is paid above the instalment, the lender's charge included.
        mode: what the instalment is afterwards: `shorten_term` keeps it, `lower_payment` lowers it; null leaves it to
            the debt's own rule.
        charge_rate: the lender's charge as a fraction of the amount.
        charge: the lender's charge in money, in place of `charge_rate`.
    """

    type: Literal["prepay"] = "prepay"
    debt: Name
    month: Month
    amount: Positive
    mode: Literal["shorten_term", "lower_payment"] | None = None
    charge_rate: Annotated[Rate, Field(lt=1)] | None = None
    charge: Amount | None = None


Change = Annotated[
    BudgetChanged | LumpSumAdded | RateChanged | MinimumChanged | DebtDropped | DebtAdded | OfferTakenUp | Prepaid,
    Field(discriminator="type"),
]
Changes = Annotated[list[Change], Field(max_length=50)]


class PayoffMoved(Described, BaseModel):
    """When a debt is paid off before and after the changes; null where it is not, or where there is no such debt.

    Attributes:
        debt: the debt's name.
        before: the month of its last payment without the changes.
        after: the month of its last payment with them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    debt: str
    before: Month | None
    after: Month | None


class PlanDifference(Described, BaseModel):
    """The effect of the changes: after less before, so that a saving is negative; null where a plan never ends.

    Attributes:
        months: how many months later it ends; below 0 where it is sooner.
        debt_free_before: the debt-free month without the changes; null where there is none.
        debt_free_after: the debt-free month with them; null where there is none.
        interest: how much more interest; below 0 where it is less.
        fees: how much more fees; below 0 where they are less.
        total_paid: how much more is paid in all; below 0 where it is less.
        cheaper_from: the first month from which on interest and fees so far are less than before; null where they are
            not less in the end.
        debts: each debt's payoff before and after.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    months: int | None
    debt_free_before: Month | None
    debt_free_after: Month | None
    interest: Cash | None
    fees: Cash | None
    total_paid: Cash | None
    cheaper_from: Month | None
    debts: list[PayoffMoved]


class WhatIf(Described, BaseModel):
    """The plan as things are, the plan after the changes, and the difference.

    Attributes:
        before: the plan as things are.
        after: the plan after the changes.
        difference: after less before, so that a saving is negative.
        ignored: changes that the strategy does not look at.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    before: Plan
    after: Plan
    difference: PlanDifference
    ignored: list[IgnoredField] = []
