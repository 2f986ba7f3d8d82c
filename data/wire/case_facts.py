"""What the planner found out about one case: the answers of an agent's tools, and the facts beside its narrative.

Amounts are decimal strings in JSON, rates fractions, months `"2027-05"`. Every difference that a text may state is
here, because whoever writes it must not compute it. What the planner did not find is null, never left out.
"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, field_serializer

from data.answers.health import Health
from data.answers.plan import Cash, MissedMinimum, PlanDebt, PlanStatus
from data.month import Month
from data.portfolio.budget import Budget
from data.portfolio.debt import DebtKind, Promo
from data.portfolio.value import RATE
from data.wording.described import Described

RateFact = Annotated[Decimal, PlainSerializer(float, when_used="json"), Field(description=RATE)]


class _Fact(Described, BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _InCurrency(_Fact):
    """What is of one currency.

    Attributes:
        currency: the portfolio's currency, by its ISO 4217 code.
    """

    currency: str


class FeeFact(_Fact):
    """A monthly fee on the original principal, in place of interest, and the annual rate that it truly is.

    Attributes:
        monthly_rate: the fee a month as a fraction of the original principal.
        true_apr: the annual rate that it truly is; null where there is none.
        refundable: whether the fees still to come need not be paid when the principal is paid off early.
    """

    monthly_rate: RateFact
    true_apr: RateFact | None
    refundable: bool


class DebtFact(_Fact):
    """One debt as it stands, and what it costs in the first month.

    Attributes:
        name: the debt's name.
        kind: what sort of debt it is.
        balance: what is owed.
        apr: the annual rate without promotions and steps.
        apr_now: the annual rate in the first month.
        interest_this_month: the first month's interest.
        minimum_this_month: the least that must be paid in the first month.
        flat_fee: its fee, where it is an instalment with a flat one; null for others.
        promo: its promotional rate; null where there is none.
        credit_limit: the most that may be owed; null where there is no limit.
    """

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
    """What is owed, to whom, and the money for it; of the budget, what was said and not what is assumed.

    Attributes:
        month: the first planned month.
        count: how many debts there are.
        income: the household's income a month; null where it is not known.
        budget: the money for debts, as it was said; null where nothing was.
        debts: each debt.
    """

    month: Month
    count: int
    income: Cash | None
    budget: Budget | None
    debts: list[DebtFact]

    @field_serializer("budget", when_used="json-unless-none")
    def _as_said(self, budget: Budget) -> dict[str, Any]:
        return budget.model_dump(mode="json", exclude_defaults=True)


class StrategyOutcome(_Fact):
    """How one strategy ends, and what it costs.

    Attributes:
        strategy: how debts are paid: an order, or `optimal`.
        status: how the plan ends.
        months: months until debt-free; null where it never ends.
        debt_free: the month in which the last debt is paid off; null where it never ends.
        total_paid: all that is paid.
        total_interest: all interest.
        total_fees: all fees.
        interest_and_fees: both together.
        saved_vs_minimum: total paid by `minimum_only` less this plan's; null where that plan never ends.
        saved_vs_matching: total paid by `balance_matching` less this plan's; null where that is not known.
        first_cleared: the name of the first debt to reach zero; null where none does.
        first_cleared_month: the month in which it does.
        missed_cost: what lenders charge for the minimums that are missed; null where none is.
        required_budget: the smallest monthly budget that covers every minimum, where this one does not; null where it
            does.
        missed_count: how many minimums are missed.
    """

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
    """The same against the best strategy and the recommended one; null where one of the two never ends.

    Attributes:
        more_than_best: how much more is paid in all than by the best strategy.
        months_longer_than_best: how many months longer it takes than the best strategy.
        more_than_recommended: how much more is paid in all than by the recommended strategy.
        months_longer_than_recommended: how many months longer it takes than the recommended strategy.
    """

    more_than_best: Cash | None
    months_longer_than_best: int | None
    more_than_recommended: Cash | None
    months_longer_than_recommended: int | None


class StrategiesCompared(_InCurrency):
    """Every strategy, and what no plan pays less than.

    Attributes:
        count: how many strategies are compared.
        best: the strategy with the least total paid.
        recommended: the best, or an order that is simple to keep and costs hardly more.
        no_plan_pays_less_than: a proved lower bound on what any plan pays in total; null where none was computed.
        strategies: each strategy's outcome.
    """

    count: int
    best: str
    recommended: str
    no_plan_pays_less_than: Cash | None
    strategies: list[ComparedOutcome]


class OfferInPlan(_Fact):
    """An offer that the plan takes up; `cost` is what it and the old lender charge.

    Attributes:
        offer: the offer's name.
        debt: the name of the debt from which it moves money.
        amount: how much it moves.
        cost: what it and the old lender charge.
        month: the month in which it is taken.
    """

    offer: str
    debt: str
    amount: Cash
    cost: Cash
    month: Month


class PromotionBeaten(_Fact):
    """The budget that pays a debt before its promotional rate ends, and what the cheapest plan with it comes to.

    Attributes:
        debt: the name of the debt.
        month: the last month of its promotion.
        monthly: what is paid a month for all debts together; enough for the promotions that end before this one too.
        debt_free: the last month in which anything is paid then.
        total_interest: what is paid in interest then.
        interest_less: how much less that is than in the recommended plan.
    """

    debt: str
    month: Month
    monthly: Cash
    debt_free: Month | None
    total_interest: Cash
    interest_less: Cash


class PlanDetails(StrategyOutcome, _InCurrency):
    """A plan's outcome, when each debt is cleared, and the first minimums that are missed.

    Attributes:
        start: the first planned month.
        worst_month: the month with the largest payment; null where nothing is paid.
        worst_month_payment: what is paid in it.
        reason: why the plan never ends, or what falls short, in English; null where neither is so.
        debts: each debt over the whole plan.
        missed: the first minimums that the money does not cover.
        offers_taken: the offers that the plan takes up.
        promotions: the budgets that beat the promotions which this plan does not; of the recommended plan only.
    """

    start: Month
    worst_month: Month | None
    worst_month_payment: Cash | None
    reason: str | None
    debts: list[PlanDebt]
    missed: list[MissedMinimum]
    offers_taken: list[OfferInPlan]
    promotions: list[PromotionBeaten] = []


class DebtPaid(_Fact):
    """What is paid on one debt in one month.

    Attributes:
        debt: the debt's name.
        payment: what is paid on it.
        minimum: the least that must be paid.
        interest: the month's interest.
        balance_after: what is owed at the month's end.
    """

    debt: str
    payment: Cash
    minimum: Cash
    interest: Cash
    balance_after: Cash


class MonthPaid(_Fact):
    """One month's payments.

    Attributes:
        month: the month.
        total: all that is paid in it.
        payments: each debt's payment.
    """

    month: Month
    total: Cash
    payments: list[DebtPaid]


class FirstPayments(_InCurrency):
    """Who is paid how much in the first months of a plan.

    Attributes:
        strategy: how debts are paid: an order, or `optimal`.
        shown_months: how many months are shown.
        months: the months, the first planned one first.
    """

    strategy: str
    shown_months: int
    months: list[MonthPaid]


class BudgetDifference(_Fact):
    """What another budget changes; null where one of the plans never ends.

    Attributes:
        months_sooner: how many months sooner it ends; below 0 where it is later.
        total_paid_less: how much less is paid in all; below 0 where it is more.
        interest_less: how much less interest; below 0 where it is more.
    """

    months_sooner: int | None
    total_paid_less: Cash | None
    interest_less: Cash | None


class BudgetTried(_InCurrency):
    """The same strategy with another monthly amount for all debts together.

    Attributes:
        monthly: the other amount a month.
        before: how the plan ends with the portfolio's own budget.
        after: how it ends with the other amount.
        difference: what the other amount changes.
    """

    monthly: Cash
    before: StrategyOutcome
    after: StrategyOutcome
    difference: BudgetDifference


class CaseFacts(_Fact):
    """Everything that is known about one case.

    Attributes:
        debts: what is owed, and the money for it.
        health: what the debts weigh today.
        comparison: every strategy.
        plan: the plan that the text is about.
        payments: who is paid how much in its first months.
        what_if: other budgets that were tried.
    """

    debts: DebtsFact
    health: Health
    comparison: StrategiesCompared
    plan: PlanDetails
    payments: FirstPayments
    what_if: list[BudgetTried]
