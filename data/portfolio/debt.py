"""A debt and its parts: frozen, validated, no time in them.

How a debt evolves is the planner's.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, StrictBool, WithJsonSchema, model_validator
from pydantic_core import CoreSchema
from typing_extensions import override

from data.month import Month
from data.portfolio.minimum_rule import MinimumRule
from data.portfolio.value import Amount, Day, Months, Name, Optionals, Rate, Value, Whole


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


# For its readers as two types: a list of numbers and a text is none.
DayBasis = Annotated[
    Literal[365, 360, "actual"],
    WithJsonSchema({"anyOf": [{"type": "integer", "enum": [365, 360]}, {"type": "string", "const": "actual"}]}),
]


class Promo(Value):
    """A promotional rate until and including a month.

    Attributes:
        apr: the annual rate meanwhile.
        until: its last month.
        deferred_interest: whether the interest that it spares is charged after all where the balance is not cleared by
            then.
    """

    apr: Rate
    until: Month
    deferred_interest: StrictBool = False


class RateStep(Value):
    """The annual rate from a month on.

    Attributes:
        from_: the first month with it.
        apr: the annual rate from then on.
    """

    from_: Annotated[Month, Field(alias="from")]
    apr: Rate

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)


class Fees(Optionals):
    """What a debt costs beside its interest; the annual fee falls in `annual_month` (1 to 12).

    `opening` is charged once, in the first planned month: what it costs to take the debt on.

    Attributes:
        opening: what it costs to take the debt on, charged once, in the first planned month.
        monthly: charged every month.
        annual: charged once a year.
        annual_month: the month of the year in which the annual fee falls, 1 to 12.
        late: charged in the month after a missed minimum.
    """

    opening: Amount = Decimal(0)
    monthly: Amount = Decimal(0)
    annual: Amount = Decimal(0)
    annual_month: Annotated[Whole, Field(ge=1, le=12)] = 1
    late: Amount = Decimal(0)


class Prepayment(Value):
    """The charge on paying above the minimum, as a fraction of it; without `until` it never ends.

    Attributes:
        rate: the charge as a fraction of what is paid above the minimum.
        until: the last month with it; null is without end.
    """

    rate: Rate
    until: Month | None = None


class Debt(Value):
    """One debt: what is owed, at which rate, and what must be paid each month.

    `agreed` is the day of its contract, which decides what the law lets its lender charge.

    Attributes:
        name: what it is called; each name once in a portfolio.
        kind: what sort of debt it is; it decides the usual minimum, and which debts are secured.
        balance: what is owed at the start of the first planned month.
        apr: the annual rate.
        accrual: how interest accrues: `monthly`, a twelfth of a year; `daily`, by the days of the month;
            `daily_compounded`, with interest on interest.
        day_basis: the days of a year for daily interest: 365, 360, or `actual`, for each day the length of its own
            year.
        month_length: whether months have their `calendar` days, or are all `equal`, a twelfth of a year.
        minimum: what must be paid each month; left out, 2 % and at least 25 for cards, level over 60 months for loans.
        promo: a promotional rate; null where there is none.
        rate_steps: other annual rates, each from a month on.
        fees: what it costs beside interest.
        penalty_apr: the annual rate from the month after a missed minimum on; null where there is none.
        penalty_months: for how many months the penalty rate holds; null is for good.
        prepayment: the charge on paying above the minimum; null where there is none.
        credit_limit: the most that may be owed; null where there is no limit.
        due_day: the day of the month on which the minimum is due, 1 to 31; daily interest runs from one to the next.
        lender: who is owed; for the reader alone.
        agreed: the day of its contract, which decides what the law lets its lender charge; null takes the plan's first.
    """

    name: Name
    kind: DebtKind = DebtKind.OTHER
    balance: Amount
    apr: Rate
    accrual: Literal["monthly", "daily", "daily_compounded"] = "monthly"
    day_basis: DayBasis = 365
    month_length: Literal["calendar", "equal"] = "calendar"
    minimum: MinimumRule
    promo: Promo | None = None
    rate_steps: list[RateStep] = Field(default_factory=list[RateStep], max_length=120)
    fees: Fees = Fees()
    penalty_apr: Rate | None = None
    penalty_months: Months | None = None
    prepayment: Prepayment | None = None
    credit_limit: Annotated[Amount, Field(gt=0)] | None = None
    due_day: Annotated[Whole, Field(ge=1, le=31)] = 1
    lender: Annotated[str, Field(max_length=80)] | None = None
    agreed: Day | None = None

    # Before validation: the rule depends on the kind, and a given rule must not be touched.
    @model_validator(mode="before")
    @classmethod
    def _default_minimum(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("minimum") is None:
            kind = values.get("kind", DebtKind.OTHER)
            return {**values, "minimum": default_minimum(str(kind))}
        return values

    @override
    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        # Whoever sends a debt may leave out the rule, which is then the usual one; every debt answered has one.
        if handler.mode == "validation":
            handler.resolve_ref_schema(schema)["required"].remove("minimum")
        return schema

    @property
    def is_secured(self) -> bool:
        """True where the lender can take the house or the car: its minimum is paid first."""
        return self.kind in SECURED


def default_minimum(kind: str) -> dict[str, Any]:
    """The rule of a debt that names none: 2 % and at least 25 for cards, level over 60 months for loans."""
    if kind in set(REVOLVING):
        return {"type": "percent", "rate": Decimal("0.02"), "floor": Decimal(25)}
    return {"type": "level", "months": 60}
