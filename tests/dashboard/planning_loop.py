"""A plain month loop that makes plans with the right shape for the dashboard's tests; the real planner is elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from data.answers.health import Health, HealthWarning
from data.answers.plan import Comparison, MissedMinimum, Plan, PlanDebt, PlanMonth, PlanStatus
from data.month import shift_month
from data.portfolio.portfolio import Portfolio

CENT = Decimal("0.01")
HORIZON = 240
NAMES = ("minimum_only", "snowball", "avalanche", "cash_flow_index", "highest_utilisation", "balance_matching")


def compare(portfolio: Portfolio, schedules: Sequence[str] = ()) -> Comparison:
    """Every strategy, with the schedules asked for; the optimal plan is the best of the others under its own name."""
    plans = [plan(portfolio, name) for name in NAMES]
    best = min(plans, key=lambda each: (each.months is None, each.total_paid))
    bound = best.total_paid - Decimal("0.50")
    optimal = best.model_copy(update={"strategy": "optimal", "proved": True})
    known = [_against(each, best, bound) for each in (*plans, optimal)]
    shown = [each if each.strategy in schedules else each.model_copy(update={"schedule": []}) for each in known]
    return Comparison(plans=shown, best=best.strategy, bound=bound)


def _against(one: Plan, best: Plan, bound: Decimal) -> Plan:
    if one.months is None or best.months is None:
        return one.model_copy(update={"bound": bound})
    gap = float((one.total_paid - bound) / one.total_paid) if one.total_paid else 0.0
    return one.model_copy(update={"bound": bound, "gap": gap, "above_optimum": one.total_paid - best.total_paid})


def plan(portfolio: Portfolio, strategy: str) -> Plan:
    """One strategy, month by month."""
    own, minimums = _run(portfolio, strategy), _run(portfolio, "minimum_only")
    if strategy == "minimum_only" or minimums.months is None or own.months is None:
        return own
    matching = _run(portfolio, "balance_matching")
    return own.model_copy(
        update={
            "saved_vs_minimum": minimums.total_paid - own.total_paid,
            "saved_vs_matching": None if matching.months is None else matching.total_paid - own.total_paid,
        }
    )


def health(portfolio: Portfolio) -> Health:
    """The measures of the first month."""
    total = sum((debt.balance for debt in portfolio.debts), Decimal(0))
    interest = sum((_cents(debt.balance * debt.apr / 12) for debt in portfolio.debts), Decimal(0))
    minimums = sum((_minimum(debt.minimum, debt.balance) for debt in portfolio.debts), Decimal(0))
    first = portfolio.debts[0]
    warnings = [
        HealthWarning(
            code="high_utilisation", debt=first.name, amounts={"balance": first.balance}, rates={"utilisation": 0.65}
        ),
        HealthWarning(
            code="minimum_below_interest",
            debt=first.name,
            amounts={"minimum": Decimal("35.00"), "interest": Decimal("108.29")},
        ),
    ]
    return Health(
        currency=portfolio.currency,
        month=portfolio.start or "2026-12",
        total=total,
        weighted_apr=float(sum((d.balance * d.apr for d in portfolio.debts), Decimal(0)) / total) if total else 0.0,
        monthly_minimums=minimums,
        monthly_interest=interest,
        interest_share=float(interest / minimums) if minimums else None,
        debt_to_income=float(minimums / portfolio.income) if portfolio.income else None,
        utilisation=0.65,
        warnings=warnings,
    )


def _run(portfolio: Portfolio, strategy: str) -> Plan:
    start = portfolio.start or "2026-12"
    left = {debt.name: debt.balance for debt in portfolio.debts}
    budget = portfolio.budget.monthly if portfolio.budget and strategy != "minimum_only" else None
    rows: list[PlanMonth] = []
    missed: list[MissedMinimum] = []
    paid_off: dict[str, str] = {}
    for place in range(HORIZON):
        month = shift_month(start, place)
        if not any(left.values()):
            break
        interest = {d.name: _cents(left[d.name] * d.apr / 12) for d in portfolio.debts}
        owed = {name: left[name] + interest[name] for name in left}
        due = {d.name: min(owed[d.name], _minimum(d.minimum, left[d.name])) for d in portfolio.debts if left[d.name]}
        pay, money = dict(due), (sum(due.values(), Decimal(0)) if budget is None else budget)
        money -= sum(due.values(), Decimal(0))
        for name in _order(portfolio, strategy):
            if name in pay and money < 0:
                cut = min(pay[name], -money)
                missed.append(MissedMinimum(month=month, debt=name, minimum=due[name], paid=pay[name] - cut))
                pay[name], money = pay[name] - cut, money + cut
            elif name in pay:
                more = min(money, owed[name] - pay[name])
                pay[name], money = pay[name] + more, money - more
        for name in [each for each in left if left[each]]:
            closing = owed[name] - pay[name]
            rows.append(
                PlanMonth(
                    month=month,
                    debt=name,
                    opening=left[name],
                    interest=interest[name],
                    fees=Decimal(0),
                    minimum=due[name],
                    payment=pay[name],
                    closing=closing,
                )
            )
            left[name] = closing
            if not closing:
                paid_off[name] = month
    return _plan(portfolio, strategy, rows, missed, paid_off)


def _plan(
    portfolio: Portfolio, strategy: str, rows: list[PlanMonth], missed: list[MissedMinimum], paid_off: dict[str, str]
) -> Plan:
    has_ended = len(paid_off) == sum(1 for debt in portfolio.debts if debt.balance)
    months = sorted({row.month for row in rows})
    by_month = {month: sum((row.payment for row in rows if row.month == month), Decimal(0)) for month in months}
    worst = max(by_month, key=lambda month: by_month[month], default=None)
    first = min(paid_off, key=lambda name: paid_off[name], default=None)
    ended = PlanStatus.PAID_OFF if has_ended else PlanStatus.NEVER_PAID_OFF
    return Plan(
        strategy=strategy,
        status=PlanStatus.SHORTFALL if missed else ended,
        currency=portfolio.currency,
        start=portfolio.start or "2026-12",
        months=len(months) if has_ended else None,
        debt_free=max(months, default=portfolio.start) if has_ended else None,
        total_paid=sum((row.payment for row in rows), Decimal(0)),
        total_interest=sum((row.interest for row in rows), Decimal(0)),
        total_fees=Decimal(0),
        missed=missed,
        missed_cost=Decimal("123.45") if missed else None,
        required_budget=Decimal("450.00") if missed else None,
        first_cleared=first,
        first_cleared_month=paid_off.get(first) if first else None,
        worst_month=worst,
        worst_month_payment=by_month[worst] if worst else None,
        debts=[_debt(debt.name, rows, paid_off) for debt in portfolio.debts],
        schedule=rows,
        version="test",
    )


def _debt(name: str, rows: list[PlanMonth], paid_off: dict[str, str]) -> PlanDebt:
    own = [row for row in rows if row.debt == name]
    interest, paid = (sum((getattr(row, what) for row in own), Decimal(0)) for what in ("interest", "payment"))
    return PlanDebt(name=name, paid_off=paid_off.get(name), interest=interest, fees=Decimal(0), paid=paid)


def _order(portfolio: Portfolio, strategy: str) -> list[str]:
    by_rate = strategy in {"avalanche", "highest_utilisation"}
    key = (lambda debt: -debt.apr) if by_rate else (lambda debt: debt.balance)
    return [debt.name for debt in sorted(portfolio.debts, key=key)]


def _minimum(rule: object, balance: Decimal) -> Decimal:
    rules = getattr(rule, "rules", [rule])
    amounts = [Decimal(0)]
    for each in rules:
        amounts.append(getattr(each, "amount", Decimal(0)))
        amounts.append(max(getattr(each, "floor", Decimal(0)), _cents(balance * getattr(each, "rate", Decimal(0)))))
    if getattr(rule, "type", "") == "level":
        amounts.append(_cents(balance / 24))
    return max(amounts)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
