"""Plans, comparisons and health as compact JSON, for a model to read and a report to be built from.

Amounts are decimal strings in the currency named beside them, rates are fractions, months are `"2027-05"`. Every
difference that may be told is here, because whoever tells it must not compute it. Knows nothing of models.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, cast

from agents.case import Case
from agents.planner.arrays.rates import apr_in
from agents.planner.measures.disclosures import true_apr
from data.answers.plan import OfferTaken, Plan, PlanMonth, Strategy
from data.portfolio.debt import Debt
from data.portfolio.minimum_rule import FlatFee

MAX_ROWS = 120  # payments shown at once: a model reads them all
MAX_MISSED = 6
MAX_WARNINGS = 60
MAX_REPAYMENTS = 30
LEADING = ("best", "strategy", "status", "debt_free", "total", "total_interest", "count", "monthly")

Json = dict[str, Any]


def debts(case: Case) -> Json:
    """What is owed, to whom, at which rate, and what each debt costs in the first month."""
    portfolio = case.debts
    first = {row.debt: row for row in first_months(case.plan(Strategy.MINIMUM_ONLY).schedule, 1)}
    budget = portfolio.budget
    return {
        "currency": portfolio.currency,
        "month": case.health().month,
        "count": len(portfolio.debts),
        "income": _text(portfolio.income),
        "budget": None if budget is None else budget.model_dump(mode="json", exclude_defaults=True),
        "debts": [_debt(debt, first.get(debt.name), case.health().month) for debt in portfolio.debts],
    }


def health(case: Case) -> Json:
    """What the debts weigh, and what to act on; of very many, the first warnings and repayments."""
    found = case.health()
    few = {"warnings": found.warnings[:MAX_WARNINGS], "repayments": found.repayments[:MAX_REPAYMENTS]}
    return found.model_copy(update=few).model_dump(mode="json")


def comparison(case: Case) -> Json:
    """Every strategy's outcome, against the best and the recommended one, and what no plan pays less than."""
    compared = case.comparison()
    named = {"best": compared.best, "recommended": case.recommended().value}
    plans = {plan.strategy: plan for plan in compared.plans}
    against = [(name, plans[strategy]) for name, strategy in named.items()]
    rows = [
        {**outcome(plan), **{key: value for name, other in against for key, value in _over(plan, other, name).items()}}
        for plan in compared.plans
    ]
    known = {"no_plan_pays_less_than": _text(compared.bound)}
    return {"currency": compared.plans[0].currency, "count": len(rows), **named, **known, "strategies": rows}


def outcome(plan: Plan) -> Json:
    """How a plan ends, and what it costs; without its schedule."""
    return {
        "strategy": plan.strategy,
        "status": plan.status.value,
        "months": plan.months,
        "debt_free": plan.debt_free,
        "total_paid": _text(plan.total_paid),
        "total_interest": _text(plan.total_interest),
        "total_fees": _text(plan.total_fees),
        "interest_and_fees": _text(plan.total_interest + plan.total_fees),
        "saved_vs_minimum": _text(plan.saved_vs_minimum),
        "saved_vs_matching": _text(plan.saved_vs_matching),
        "first_cleared": plan.first_cleared,
        "first_cleared_month": plan.first_cleared_month,
        "missed_cost": _text(plan.missed_cost),
        "required_budget": _text(plan.required_budget),
        "missed_count": len(plan.missed),
    }


def details(plan: Plan) -> Json:
    """A plan's outcome, when each debt is cleared, and what is missed."""
    return {
        "currency": plan.currency,
        **outcome(plan),
        "start": plan.start,
        "worst_month": plan.worst_month,
        "worst_month_payment": _text(plan.worst_month_payment),
        "reason": plan.reason,
        "debts": [debt.model_dump(mode="json") for debt in plan.debts],
        "missed": [month.model_dump(mode="json") for month in plan.missed[:MAX_MISSED]],
        "offers_taken": [_taken(one) for one in plan.offers_taken],
    }


def payments(plan: Plan, months: int) -> Json:
    """Who is paid how much in the first months, with each month's total."""
    rows = first_months(plan.schedule, months)
    shown = sorted({row.month for row in rows})
    while len(shown) > 1 and sum(row.month in shown for row in rows) > MAX_ROWS:
        shown.pop()
    return {
        "currency": plan.currency,
        "strategy": plan.strategy,
        "shown_months": len(shown),
        "months": [_month(month, [row for row in rows if row.month == month]) for month in shown],
    }


def what_if(case: Case, monthly: Decimal, strategy: Strategy) -> Json:
    """The same strategy with another monthly budget, and the difference to today's."""
    before, after = case.plan(strategy), case.plan(strategy, monthly)
    return {
        "currency": after.currency,
        "monthly": _text(monthly),
        "before": outcome(before),
        "after": outcome(after),
        "difference": _difference(before, after),
    }


def headline(result: Any) -> str:
    """A tool's answer in a line, for whoever watches: its few leading values."""
    if not isinstance(result, dict):
        return str(result)[:200]
    values: Json = cast("Json", result)
    shown = [f"{name}: {values[name]}" for name in LEADING if values.get(name) is not None]
    return " · ".join([*shown, str(values.get("currency", ""))])[:200].strip(" ·")


def first_months(schedule: Sequence[PlanMonth], months: int) -> list[PlanMonth]:
    """The rows of a schedule's first months."""
    wanted: list[str] = []
    rows: list[PlanMonth] = []
    for row in schedule:
        if row.month not in wanted:
            if len(wanted) == months:
                break
            wanted.append(row.month)
        rows.append(row)
    return rows


def _debt(debt: Debt, row: PlanMonth | None, month: str) -> Json:
    return {
        "name": debt.name,
        "kind": debt.kind.value,
        "balance": _text(debt.balance),
        "apr": float(debt.apr),
        "apr_now": float(apr_in(debt, month)),
        "interest_this_month": _text(row.interest if row else Decimal(0) * debt.balance),
        "minimum_this_month": _text(row.minimum if row else Decimal(0) * debt.balance),
        "flat_fee": _flat_fee(debt),
        "promo": None if debt.promo is None else debt.promo.model_dump(mode="json"),
        "credit_limit": _text(debt.credit_limit),
    }


def _flat_fee(debt: Debt) -> Json | None:
    """The monthly fee that some instalments charge in place of interest."""
    if not isinstance(debt.minimum, FlatFee):
        return None
    rate = true_apr(debt)
    return {
        "monthly_rate": float(debt.minimum.fee_rate),
        "true_apr": None if rate is None else float(rate),
        "refundable": debt.minimum.refundable,
    }


def _month(month: str, rows: Iterable[PlanMonth]) -> Json:
    paid = [row for row in rows if row.payment > 0]
    return {
        "month": month,
        "total": _text(sum((row.payment for row in paid), Decimal(0))),
        "payments": [
            {
                "debt": row.debt,
                "payment": _text(row.payment),
                "minimum": _text(row.minimum),
                "interest": _text(row.interest),
                "balance_after": _text(row.closing),
            }
            for row in paid
        ],
    }


def _taken(one: OfferTaken) -> Json:
    return {
        "offer": one.name,
        "debt": one.debt,
        "amount": _text(one.amount),
        "cost": _text(one.fee + one.charge),
        "month": one.month,
    }


def _over(plan: Plan, other: Plan, name: str) -> Json:
    ends = plan.months is not None and other.months is not None
    return {
        f"more_than_{name}": _text(plan.total_paid - other.total_paid) if ends else None,
        f"months_longer_than_{name}": _less(plan.months, other.months),
    }


def _difference(before: Plan, after: Plan) -> Json:
    ends = before.months is not None and after.months is not None
    return {
        "months_sooner": _less(before.months, after.months),
        "total_paid_less": _text(before.total_paid - after.total_paid) if ends else None,
        "interest_less": _text(before.total_interest - after.total_interest) if ends else None,
    }


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")
