"""Plans, comparisons and health as the facts of a case: what a model reads, and a report is built from.

Every difference that a text may state is here, because whoever writes it must not compute it.
"""

from decimal import Decimal
from typing import Any, cast

from agents.case.case import Case
from agents.case.first_payments import first_months
from agents.case.promotions import beaten
from agents.planner.arrays.rates import apr_in
from agents.planner.measures.disclosures import true_apr
from data.answers.health import Health
from data.answers.plan import OfferTaken, Plan, PlanMonth, Strategy
from data.portfolio.debt import Debt
from data.portfolio.minimum_rule import FlatFee
from data.wire.case_facts import (
    BudgetDifference,
    BudgetTried,
    ComparedOutcome,
    DebtFact,
    DebtsFact,
    FeeFact,
    OfferInPlan,
    PlanDetails,
    StrategiesCompared,
    StrategyOutcome,
)

MAX_MISSED = 6
MAX_WARNINGS = 60
MAX_REPAYMENTS = 30
LEADING = ("best", "strategy", "status", "debt_free", "total", "total_interest", "count", "monthly")


def debts(case: Case) -> DebtsFact:
    """What is owed, to whom, at which rate, and what each debt costs in the first month."""
    portfolio = case.debts
    first = {row.debt: row for row in first_months(case.plan(Strategy.MINIMUM_ONLY).schedule, 1)}
    return DebtsFact(
        currency=portfolio.currency,
        month=case.health().month,
        count=len(portfolio.debts),
        income=portfolio.income,
        budget=portfolio.budget,
        debts=[_debt(debt, first.get(debt.name), case.health().month) for debt in portfolio.debts],
    )


def health(case: Case) -> Health:
    """The measures of the debts and what to act on; of very many, the first warnings and repayments."""
    found = case.health()
    few = {"warnings": found.warnings[:MAX_WARNINGS], "repayments": found.repayments[:MAX_REPAYMENTS]}
    return found.model_copy(update=few)


def comparison(case: Case) -> StrategiesCompared:
    """Every strategy's outcome, against the best and the recommended one, and what no plan pays less than."""
    compared = case.comparison()
    plans = {plan.strategy: plan for plan in compared.plans}
    best, recommended = plans[compared.best], plans[case.recommended()]
    return StrategiesCompared(
        currency=compared.plans[0].currency,
        count=len(compared.plans),
        best=best.strategy,
        recommended=recommended.strategy,
        no_plan_pays_less_than=compared.bound,
        strategies=[
            ComparedOutcome(
                **_ends(plan),
                more_than_best=_more(plan, best),
                months_longer_than_best=_less(plan.months, best.months),
                more_than_recommended=_more(plan, recommended),
                months_longer_than_recommended=_less(plan.months, recommended.months),
            )
            for plan in compared.plans
        ],
    )


def outcome(plan: Plan) -> StrategyOutcome:
    """How a plan ends, and what it costs; without its schedule."""
    return StrategyOutcome(**_ends(plan))


def details(case: Case, plan: Plan) -> PlanDetails:
    """A plan's outcome, when each debt is cleared, what is missed, and what beats the promotions that it does not."""
    return PlanDetails(
        **_ends(plan),
        currency=plan.currency,
        start=plan.start,
        worst_month=plan.worst_month,
        worst_month_payment=plan.worst_month_payment,
        reason=plan.reason,
        debts=plan.debts,
        missed=plan.missed[:MAX_MISSED],
        offers_taken=[_taken(one) for one in plan.offers_taken],
        promotions=beaten(case) if plan.strategy == case.recommended() else [],
    )


def what_if(case: Case, monthly: Decimal, strategy: Strategy) -> BudgetTried:
    """The same strategy with another monthly budget, and the difference to today's."""
    before, after = case.plan(strategy), case.plan(strategy, monthly)
    return BudgetTried(
        currency=after.currency,
        monthly=monthly,
        before=outcome(before),
        after=outcome(after),
        difference=_difference(before, after),
    )


def headline(result: Any) -> str:
    """A tool's answer in a line, for whoever watches: its few leading values."""
    if not isinstance(result, dict):
        return str(result)[:200]
    values = cast("dict[str, Any]", result)
    shown = [f"{name}: {values[name]}" for name in LEADING if values.get(name) is not None]
    return " · ".join([*shown, str(values.get("currency", ""))])[:200].strip(" ·")


def _debt(debt: Debt, row: PlanMonth | None, month: str) -> DebtFact:
    nothing = Decimal(0) * debt.balance  # with the currency's decimals
    return DebtFact(
        name=debt.name,
        kind=debt.kind,
        balance=debt.balance,
        apr=debt.apr,
        apr_now=apr_in(debt, month),
        interest_this_month=row.interest if row else nothing,
        minimum_this_month=row.minimum if row else nothing,
        flat_fee=_flat_fee(debt),
        promo=debt.promo,
        credit_limit=debt.credit_limit,
    )


def _flat_fee(debt: Debt) -> FeeFact | None:
    """The monthly fee that some instalments charge in place of interest."""
    if not isinstance(debt.minimum, FlatFee):
        return None
    return FeeFact(monthly_rate=debt.minimum.fee_rate, true_apr=true_apr(debt), refundable=debt.minimum.refundable)


def _ends(plan: Plan) -> dict[str, Any]:
    """The fields that every outcome has."""
    own = {name: getattr(plan, name) for name in StrategyOutcome.model_fields if name in type(plan).model_fields}
    return {**own, "interest_and_fees": plan.total_interest + plan.total_fees, "missed_count": len(plan.missed)}


def _taken(one: OfferTaken) -> OfferInPlan:
    return OfferInPlan(offer=one.name, debt=one.debt, amount=one.amount, cost=one.fee + one.charge, month=one.month)


def _more(plan: Plan, other: Plan) -> Decimal | None:
    """What a plan pays more than another; of a plan without an end nobody can say."""
    ends = plan.months is not None and other.months is not None
    return plan.total_paid - other.total_paid if ends else None


def _difference(before: Plan, after: Plan) -> BudgetDifference:
    ends = before.months is not None and after.months is not None
    return BudgetDifference(
        months_sooner=_less(before.months, after.months),
        total_paid_less=before.total_paid - after.total_paid if ends else None,
        interest_less=before.total_interest - after.total_interest if ends else None,
    )


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other
