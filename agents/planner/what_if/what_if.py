"""What if: a portfolio after some changes, one after another, and how its plan differs."""

from collections.abc import Sequence

from agents.planner.offers.taking import take
from agents.planner.optimum.limits import SearchLimits
from agents.planner.plans.break_even import cheaper_from, cost_by_month
from agents.planner.plans.ignored import ignored_changes
from agents.planner.plans.planning import DEFAULT_SEARCH, plan
from agents.planner.what_if.beside_minimums import budget_beside_minimums
from agents.planner.what_if.changes import ChangedPortfolio, make
from data.answers.plan import Plan, Strategy
from data.answers.what_if import Change, PayoffMoved, PlanDifference, WhatIf
from data.errors import FieldError, InvalidPortfolio
from data.money import minor_digits
from data.portfolio.contradictions import too_many_decimals
from data.portfolio.portfolio import Portfolio
from data.wording.sentence import say


def what_if(
    portfolio: Portfolio,
    changes: Sequence[Change],
    strategy: Strategy = Strategy.AVALANCHE,
    *,
    search: SearchLimits = DEFAULT_SEARCH,
) -> WhatIf:
    """The plan before and after the changes, by the same strategy, and the difference.

    A portfolio without a budget pays its minimums, and a lump sum on top of them where one is added. The order of
    the changes counts: a debt must have been added before it can be prepaid.

    Raises:
        InvalidPortfolio: it has no `start`; or changes cannot be made, each named as `changes.0.debt`.
    """
    before = plan(portfolio, strategy, search=search)
    case = changed(portfolio, changes)
    after = case.portfolio
    has_budget = after.budget is not None
    if after.budget is None and case.lumps:
        after = after.model_copy(update={"budget": budget_beside_minimums(after, case.lumps, strategy)})
    made = plan(after, strategy, search=search)
    ignored = [one for one in made.ignored if has_budget or one.code != "minimums_only"]  # a budget that nobody gave
    made = made.model_copy(update={"offers_taken": [*case.taken, *made.offers_taken], "ignored": ignored})
    return WhatIf(
        before=before,
        after=made,
        difference=_difference(before, made, case),
        ignored=ignored_changes(changes, strategy),
    )


def changed(portfolio: Portfolio, changes: Sequence[Change]) -> ChangedPortfolio:
    """The portfolio after the changes; what cannot be made is told all at once.

    Raises:
        InvalidPortfolio: naming every change and field that is wrong.
    """
    take(portfolio, [])  # refuses a portfolio without a start
    case = ChangedPortfolio(portfolio)
    errors: list[FieldError] = []
    digits = minor_digits(portfolio.currency)
    for place, change in enumerate(changes):
        found = list(too_many_decimals(("changes", place), change, digits, portfolio.currency))
        errors += [FieldError(".".join(map(str, path)), said, value) for path, said, value in found]
        if found:
            continue
        try:
            case = make(case, change)
        except InvalidPortfolio as refused:
            errors += [error.at(f"changes.{place}.{error.path}") for error in refused.errors]
    if errors:
        raise InvalidPortfolio(say("changes_cannot_be_made", path=errors[0].path, said=errors[0].said), errors)
    return case


def _difference(before: Plan, after: Plan, case: ChangedPortfolio) -> PlanDifference:
    ends = before.months is not None and after.months is not None
    costs = cost_by_month(before), cost_by_month(after, case.forgiven)
    return PlanDifference(
        months=(after.months or 0) - (before.months or 0) if ends else None,
        debt_free_before=before.debt_free,
        debt_free_after=after.debt_free,
        interest=after.total_interest - before.total_interest if ends else None,
        fees=after.total_fees - before.total_fees if ends else None,
        total_paid=after.total_paid - before.total_paid if ends else None,
        cheaper_from=cheaper_from(*costs, before.start) if ends else None,
        debts=_payoffs(before, after),
    )


def _payoffs(before: Plan, after: Plan) -> list[PayoffMoved]:
    ends = [{debt.name: debt.paid_off for debt in plan.debts} for plan in (before, after)]
    names = dict.fromkeys([*ends[0], *ends[1]])
    return [PayoffMoved(debt=name, before=ends[0].get(name), after=ends[1].get(name)) for name in names]
