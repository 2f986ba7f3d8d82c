"""What the planner found out about one case: the answers of an agent's tools, and the facts beside its narrative.

Amounts are decimal strings in JSON, rates fractions, months `"2027-05"`. Every difference that a text may state is
here, because whoever writes it must not compute it. What the planner did not find is null, never left out.
"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer, field_serializer

from data.answers.health import Health
from data.answers.plan import Cash, MissedMinimum, PlanDebt, PlanStatus
from data.month import Month
from data.portfolio.budget import Budget
from data.portfolio.debt import DebtKind, Promo

RateFact = Annotated[Decimal, PlainSerializer(float, when_used="json")]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _InCurrency(_Fact):
    currency: str


class FeeFact(_Fact):
    """A monthly fee on the original principal, in place of interest, and the annual rate that it truly is."""

    monthly_rate: RateFact
    true_apr: RateFact | None
    refundable: bool


class DebtFact(_Fact):
    """One debt as it stands, and what it costs in the first month."""

    name: str
    kind: DebtKind
    balance: Cash
    apr: RateFact
    apr_now: RateFact
    interest_this_month: Cash
    minimum_this_month: Cash
    flat_fee: FeeFact | None
    promo: Promo | None
    credit_limit: Cash | None


class DebtsFact(_InCurrency):
    """What is owed, to whom, and the money for it; of the budget, what was said and not what is assumed."""

    month: Month
    count: int
    income: Cash | None
    budget: Budget | None
    debts: list[DebtFact]

    @field_serializer("budget", when_used="json-unless-none")
    def _as_said(self, budget: Budget) -> dict[str, Any]:
        return budget.model_dump(mode="json", exclude_defaults=True)


class StrategyOutcome(_Fact):
    """How one strategy ends, and what it costs."""

    strategy: str
    status: PlanStatus
    months: int | None
    debt_free: Month | None
    total_paid: Cash
    total_interest: Cash
    total_fees: Cash
    interest_and_fees: Cash
    saved_vs_minimum: Cash | None
    saved_vs_matching: Cash | None
    first_cleared: str | None
    first_cleared_month: Month | None
    missed_cost: Cash | None
    required_budget: Cash | None
    missed_count: int


class ComparedOutcome(StrategyOutcome):
    """The same against the best strategy and the recommended one; null where one of the two never ends."""

    more_than_best: Cash | None
    months_longer_than_best: int | None
    more_than_recommended: Cash | None
    months_longer_than_recommended: int | None


class StrategiesCompared(_InCurrency):
    """Every strategy, and what no plan pays less than."""

    count: int
    best: str
    recommended: str
    no_plan_pays_less_than: Cash | None
    strategies: list[ComparedOutcome]


class OfferInPlan(_Fact):
    """An offer that the plan takes up; `cost` is what it and the old lender charge."""

    offer: str
    debt: str
    amount: Cash
    cost: Cash
    month: Month


class PlanDetails(StrategyOutcome, _InCurrency):
    """A plan's outcome, when each debt is cleared, and the first minimums that are missed."""

    start: Month
    worst_month: Month | None
    worst_month_payment: Cash | None
    reason: str | None
    debts: list[PlanDebt]
    missed: list[MissedMinimum]
    offers_taken: list[OfferInPlan]


class DebtPaid(_Fact):
    """What is paid on one debt in one month."""

    debt: str
    payment: Cash
    minimum: Cash
    interest: Cash
    balance_after: Cash


class MonthPaid(_Fact):
    """One month's payments."""

    month: Month
    total: Cash
    payments: list[DebtPaid]


class FirstPayments(_InCurrency):
    """Who is paid how much in the first months of a plan."""

    strategy: str
    shown_months: int
    months: list[MonthPaid]


class BudgetDifference(_Fact):
    """What another budget changes; null where one of the plans never ends."""

    months_sooner: int | None
    total_paid_less: Cash | None
    interest_less: Cash | None


class BudgetTried(_InCurrency):
    """The same strategy with another monthly amount for all debts together."""

    monthly: Cash
    before: StrategyOutcome
    after: StrategyOutcome
    difference: BudgetDifference


class CaseFacts(_Fact):
    """Everything that is known about one case."""

    debts: DebtsFact
    health: Health
    comparison: StrategiesCompared
    plan: PlanDetails
    payments: FirstPayments
    what_if: list[BudgetTried]
