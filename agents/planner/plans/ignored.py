"""What a portfolio says that one strategy does not look at: each field and why, so that nobody waits for its effect."""

from collections.abc import Iterator, Sequence

from data.answers.plan import IgnoredField, Strategy
from data.answers.what_if import BudgetChanged, Change
from data.month import Month
from data.portfolio.portfolio import Portfolio

SENTENCES = {
    "minimums_only": (
        "Under minimum_only the budget only says whether the minimums are covered; "
        "above them nothing is paid but lump sums."
    ),
    "custom_only": "Only the custom strategy follows an order.",
    "optimal_only": "Only the optimal strategy takes offers; each has its verdict where offers are asked for.",
    "after_debt_free": "Nothing is owed any more: the plan is debt-free in {debt_free}.",
}


def ignored_fields(portfolio: Portfolio, strategy: Strategy, debt_free: Month | None) -> list[IgnoredField]:
    """The fields of a portfolio that make no difference to its plan by this strategy, which ends in `debt_free`."""
    return list(_ignored(portfolio, strategy, debt_free))


def ignored_changes(changes: Sequence[Change], strategy: Strategy) -> list[IgnoredField]:
    """The changes that a plan by this strategy does not look at."""
    if strategy is not Strategy.MINIMUM_ONLY:
        return []
    places = [place for place, change in enumerate(changes) if isinstance(change, BudgetChanged)]
    return [_field(f"changes.{place}", "minimums_only") for place in places]


def _ignored(portfolio: Portfolio, strategy: Strategy, debt_free: Month | None) -> Iterator[IgnoredField]:
    budget = portfolio.budget
    if budget is not None and strategy is Strategy.MINIMUM_ONLY:
        yield _field("budget", "minimums_only")
    for place, lump in enumerate(budget.lump_sums if budget is not None else ()):
        if debt_free is not None and lump.month > debt_free:
            yield _field(f"budget.lump_sums.{place}", "after_debt_free", debt_free=debt_free)
    if portfolio.offers and strategy is not Strategy.OPTIMAL:
        yield _field("offers", "optimal_only")
    if portfolio.custom_order and strategy is not Strategy.CUSTOM:
        yield _field("custom_order", "custom_only")


def _field(path: str, code: str, **params: str) -> IgnoredField:
    return IgnoredField(path=path, code=code, params=params, detail=SENTENCES[code].format(**params))
