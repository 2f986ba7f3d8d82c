"""The money that beats the end of a promotion: the budget with which its debt is paid before its rate rises."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from agents.case.case import Case, paying
from agents.planner.plans.planning import plan
from data.answers.health import HealthWarning
from data.answers.plan import Plan, PlanStatus, Strategy
from data.month import Month
from data.portfolio.portfolio import Portfolio
from data.wire.case_facts import PromotionBeaten

MOST = 3  # promotions, the first to end first
DIGITS = 3  # of a budget that is told: 1,063 is 1,070


def beaten(case: Case) -> list[PromotionBeaten]:
    """What clears each promotion's debt in time, and those that end before it, where the recommended plan does not.

    Only where the debts are paid off as it is, and only budgets that save interest. The plan with each pays those debts
    first and then the dearest; the optimal plan would leave a cent on them, on which no interest falls due.
    """
    today = case.plan(case.recommended())
    return list(_beaten(case, today)) if today.status is PlanStatus.PAID_OFF else []


def _beaten(case: Case, today: Plan) -> Iterator[PromotionBeaten]:
    cleared = _cleared(today)
    ends = {one.debt or "": one.month or "" for one in _ending(case.health().warnings)}
    late = sorted((debt for debt, month in ends.items() if cleared.get(debt, "9") > month), key=lambda debt: ends[debt])
    for count in range(1, min(len(late), MOST) + 1):
        wanted = {debt: ends[debt] for debt in late[:count]}
        ordered = _first(case.debts, wanted)
        monthly = _least_budget(ordered, wanted)
        if monthly is None:
            continue
        after = _plan(ordered, monthly)
        less = today.total_interest - after.total_interest
        if less > 0:
            yield PromotionBeaten(
                debt=late[count - 1],
                month=ends[late[count - 1]],
                monthly=monthly,
                debt_free=after.debt_free,
                total_interest=after.total_interest,
                interest_less=less,
            )


def _ending(warnings: Sequence[HealthWarning]) -> Iterator[HealthWarning]:
    return (one for one in warnings if one.code == "promo_ends" and one.debt and one.month)


def _first(debts: Portfolio, wanted: Iterable[str]) -> Portfolio:
    first = list(wanted)
    rest = [debt.name for debt in sorted(debts.debts, key=lambda one: one.apr, reverse=True) if debt.name not in first]
    return debts.model_copy(update={"custom_order": [*first, *rest]})


def _plan(ordered: Portfolio, monthly: Decimal) -> Plan:
    return plan(paying(ordered, monthly), Strategy.CUSTOM, schedule=False)


def _least_budget(ordered: Portfolio, wanted: dict[str, Month]) -> Decimal | None:
    """The least round budget that pays these debts by their months; None where none does."""

    def is_enough(monthly: int) -> bool:
        return _is_in_time(_plan(ordered, Decimal(monthly)), wanted)

    low, enough = 0, 2 * int(sum(debt.balance for debt in ordered.debts)) + 1
    if not is_enough(enough):
        return None
    while enough - low > 1:
        middle = (low + enough) // 2
        low, enough = (low, middle) if is_enough(middle) else (middle, enough)
    place = 10 ** max(0, len(str(enough)) - DIGITS)
    told = -(-enough // place) * place
    return Decimal(told) if is_enough(told) else None


def _is_in_time(found: Plan, wanted: dict[str, Month]) -> bool:
    cleared = _cleared(found)
    return all(cleared.get(debt, "9") <= month for debt, month in wanted.items())


def _cleared(found: Plan) -> dict[str, Month]:
    return {debt.name: debt.paid_off for debt in found.debts if debt.paid_off}
