"""Debts, offers, budgets and the portfolio that holds them: frozen, validated, no time in them.

Amounts are exact decimals in currency units, rates are fractions (0.2499), months are `"2027-05"`.
Contradictions between fields are found in `data/contradictions.py`; how a debt evolves is the planner's.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    model_validator,
)

from data.contradictions import raise_contradictions
from data.money import MAX_AMOUNT, is_currency, round_half_up
from data.month import Month

RATE_DECIMALS = Decimal("1e-12")


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number is needed, not true or false")  # noqa: TRY004 (Pydantic wants ValueError)
    return value


def _known_currency(code: str) -> str:
    if not is_currency(code):
        raise ValueError(f'"{code}" is no ISO 4217 currency; write for example USD or CNY')
    return code


def _plain(amount: Decimal) -> str:
    return format(amount, "f")


class Money(Decimal):
    """A decimal that is an amount, so that it can be told from a rate."""


Amount = Annotated[
    Decimal,
    BeforeValidator(_no_bool),
    Field(ge=0, le=MAX_AMOUNT),
    AfterValidator(Money),
    PlainSerializer(_plain, when_used="json"),
]
Rate = Annotated[
    Decimal,
    BeforeValidator(_no_bool),
    Field(ge=0, le=10),
    AfterValidator(lambda rate: rate.quantize(RATE_DECIMALS).normalize()),
    PlainSerializer(float, when_used="json"),
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Months = Annotated[int, Field(ge=1, le=1200)]


class Value(BaseModel):
    """A frozen value that refuses unknown fields, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class DebtKind(StrEnum):
    """What sort of debt it is."""

    CREDIT_CARD = "credit_card"
    LINE_OF_CREDIT = "line_of_credit"
    PERSONAL_LOAN = "personal_loan"
    STUDENT_LOAN = "student_loan"
    AUTO_LOAN = "auto_loan"
    MORTGAGE = "mortgage"
    INSTALMENT = "instalment"
    BNPL = "bnpl"
    MEDICAL = "medical"
    TAX = "tax"
    PRIVATE = "private"
    OTHER = "other"


SECURED = frozenset({DebtKind.MORTGAGE, DebtKind.AUTO_LOAN})
REVOLVING = frozenset({DebtKind.CREDIT_CARD, DebtKind.LINE_OF_CREDIT, DebtKind.OTHER})


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
    recast: bool = False


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
    refundable: bool = False


class NoMinimum(Value):
    """Nothing is due (随借随还, family loans)."""

    type: Literal["none"] = "none"


MinimumRule = Annotated[
    Fixed | Percent | InterestPlus | Greatest | Level | EqualPrincipal | InterestOnly | FlatFee | NoMinimum,
    Field(discriminator="type"),
]


class Promo(Value):
    """A promotional rate until and including a month."""

    apr: Rate
    until: Month
    deferred_interest: bool = False


class RateStep(Value):
    """The annual rate from a month on."""

    from_: Annotated[Month, Field(alias="from")]
    apr: Rate

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)


class Fees(Value):
    """What a debt costs beside its interest; the annual fee falls in `annual_month` (1 to 12)."""

    monthly: Amount = Decimal(0)
    annual: Amount = Decimal(0)
    annual_month: Annotated[int, Field(ge=1, le=12)] = 1
    late: Amount = Decimal(0)


class Prepayment(Value):
    """The charge on paying above the minimum, as a fraction of it; without `until` it never ends."""

    rate: Rate
    until: Month | None = None


class Debt(Value):
    """One debt: what is owed, at which rate, and what must be paid each month."""

    name: Name
    kind: DebtKind = DebtKind.OTHER
    balance: Amount
    apr: Rate
    accrual: Literal["monthly", "daily", "daily_compounded"] = "monthly"
    day_basis: Literal[365, 360, "actual"] = 365
    month_length: Literal["calendar", "equal"] = "calendar"
    minimum: MinimumRule
    promo: Promo | None = None
    rate_steps: Annotated[list[RateStep], Field(max_length=120)] = []
    fees: Fees = Fees()
    penalty_apr: Rate | None = None
    penalty_months: Months | None = None
    prepayment: Prepayment | None = None
    credit_limit: Annotated[Amount, Field(gt=0)] | None = None
    due_day: Annotated[int, Field(ge=1, le=31)] = 1
    lender: Annotated[str, Field(max_length=80)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _default_minimum(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("minimum") is None:
            kind = values.get("kind", DebtKind.OTHER)
            return {**values, "minimum": default_minimum(str(kind))}
        return values

    @property
    def is_secured(self) -> bool:
        """True where the lender can take the house or the car: its minimum is paid first."""
        return self.kind in SECURED


def default_minimum(kind: str) -> dict[str, Any]:
    """The rule of a debt that names none: 2 % and at least 25 for cards, level over 60 months for loans."""
    if kind in set(REVOLVING):
        return {"type": "percent", "rate": Decimal("0.02"), "floor": Decimal(25)}
    return {"type": "level", "months": 60}


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
    first: date
    amount: Amount


class Budget(Value):
    """The money for debts each month: `total` for all of them, or `extra` on top of the first minimums."""

    monthly: Amount | None = None
    mode: Literal["total", "extra"] = "total"
    changes: Annotated[list[BudgetChange], Field(max_length=1200)] = []
    lump_sums: Annotated[list[LumpSum], Field(max_length=1200)] = []
    yearly_raise: Annotated[Decimal, Field(ge=-1, le=10), PlainSerializer(float, when_used="json")] = Decimal(0)
    paydays: Paydays | None = None


class Portfolio(Value):
    """One client's debts and the money for them; `budget` absent means minimums only.

    Amounts are held with exactly the currency's decimals.

    Raises:
        ValidationError: naming every field that is out of range or contradicts another, all at once.
    """

    id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)] | None = None
    currency: Annotated[str, AfterValidator(_known_currency)] = "USD"
    start: Month | None = None
    income: Amount | None = None
    budget: Budget | None = None
    debts: Annotated[list[Debt], Field(min_length=1, max_length=100)]
    offers: Annotated[list[Offer], Field(max_length=20)] = []
    custom_order: list[Name] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Portfolio:
        raise_contradictions(self)
        for field in type(self).model_fields:
            object.__setattr__(self, field, _in_minor_units(getattr(self, field), self.currency))
        return self

    def starting(self, month: str) -> Portfolio:
        """The same portfolio; its plan starts in `month` where it names no start of its own."""
        return self if self.start is not None else self.model_copy(update={"start": month})


def _in_minor_units(value: Any, currency: str) -> Any:
    """The value with every amount in it at the currency's decimals; all else untouched."""
    if isinstance(value, Money):
        return Money(round_half_up(value, currency))
    if isinstance(value, list):
        return [_in_minor_units(item, currency) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, Value):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        return value.model_copy(update={name: _in_minor_units(item, currency) for name, item in fields.items()})
    return value
