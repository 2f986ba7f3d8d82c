"""What each tool is told, as a schema for whoever calls it. The endpoint itself says what is wrong with a portfolio."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from data.answers.plan import Strategy
from data.answers.risk import DEFAULT_SCENARIOS, MOST_SCENARIOS, Assumptions, OrderName
from data.answers.what_if import Changes
from data.month import Month
from data.portfolio.portfolio import Portfolio
from data.portfolio.value import Amount

AnyStrategy = Annotated[
    Strategy, Field(description="How debts are paid: an order month by month, or optimal, as costs least in all.")
]
AnOrder = Annotated[OrderName, Field(description="The order in which debts are paid; not optimal.")]
Seconds = Annotated[
    float, Field(gt=0, le=60, description="Longest search for the optimal plan; orders answer at once.")
]


class AboutPortfolio(BaseModel):
    """What every tool is told."""

    model_config = ConfigDict(extra="forbid")

    portfolio: Annotated[
        Portfolio,
        Field(
            description=(
                "One client's debts and the money for them. Amounts are decimals of the currency, best as strings "
                "(5200.00); rates are fractions (0.2499 is 24.99 %); months are YYYY-MM. Without a budget only the "
                "minimums are paid; without a start the plan begins this month; a debt without a minimum has the usual "
                "one of its kind."
            )
        ),
    ]


class ToCompare(AboutPortfolio):
    """Which strategies, and how long to search."""

    strategies: Annotated[
        list[Strategy] | None, Field(min_length=1, max_length=20, description="Only these; default: all that apply.")
    ] = None
    time_limit_s: Seconds = 5.0


class ToPlan(AboutPortfolio):
    """Which strategy, and how long to search."""

    strategy: AnyStrategy = Strategy.AVALANCHE
    time_limit_s: Seconds = 5.0


class ToPay(ToPlan):
    """For how many months."""

    months: Annotated[int, Field(ge=1, le=12, strict=True, description="How many months to show.")] = 3


class ToChangeBudget(ToPlan):
    """To which monthly amount."""

    monthly: Annotated[Amount, Field(description="The whole monthly payment for all debts together, from the start.")]


class ToChangeThings(ToPlan):
    """What might change."""

    changes: Annotated[
        Changes,
        Field(
            description="One thing after another: another budget, a lump sum, another rate or minimum, a debt dropped "
            "or added, an offer taken, a debt prepaid."
        ),
    ]


class ToJudgeOffers(AboutPortfolio):
    """In which order; the offers are the portfolio's."""

    strategy: AnOrder = Strategy.AVALANCHE


class ToSeeBudgets(ToJudgeOffers):
    """How many budgets."""

    points: Annotated[int, Field(ge=2, le=200, description="How many evenly spaced budgets to show.")] = 12


class ToFinishBy(AboutPortfolio):
    """By when, and in which order."""

    by: Annotated[Month, Field(description="The month by which nothing shall be owed.")]
    strategy: AnOrder = Strategy.AVALANCHE


class ToWeighRisk(AboutPortfolio):
    """How many courses of events, and what is assumed of them."""

    strategies: Annotated[list[AnOrder], Field(min_length=1, max_length=8)] = [Strategy.AVALANCHE]
    scenarios: Annotated[int, Field(ge=1, le=MOST_SCENARIOS, description="How many to draw.")] = DEFAULT_SCENARIOS
    seed: Annotated[int, Field(ge=0, lt=2**63, description="The same one draws the same ones.")] = 1
    by: Annotated[Month | None, Field(description="Debt-free by when; default: as planned without risk.")] = None
    assumptions: Annotated[Assumptions, Field(description="What may go wrong; each field may be set on its own.")] = (
        Assumptions()
    )
