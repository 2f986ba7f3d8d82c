"""The questions that a notebook may ask of one portfolio: the planner's own, to the cent as the HTTP endpoint answers.

A source is whatever `read` takes, or one of the portfolios it returned. What a question's options mean stands in the
contract: they have its names and its defaults.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from pydantic import ValidationError

from agents.notebooks.answers import (
    BudgetTables,
    HealthTables,
    PlanTables,
    RiskTables,
    comparison_table,
    frontier_table,
)
from agents.notebooks.sources import AnyMonth, PortfolioSource, month_of, one_portfolio
from agents.planner.measures import health as planner_health
from agents.planner.optimum.limits import SearchLimits
from agents.planner.plans import budget_by, planning
from agents.planner.plans import frontier as planner_frontier
from agents.planner.risk import monte_carlo
from data.answers.plan import ORDERS, Strategy
from data.answers.risk import DEFAULT_SCENARIOS, RiskQuestion
from data.errors import BadInput, FieldError
from data.portfolio.errors_of_fields import field_errors
from data.wording.sentence import Sentence, say

DEFAULT = SearchLimits()


def compare(  # noqa: PLR0913 (a question's options are its parameters)
    source: PortfolioSource,
    *,
    strategies: Sequence[str] | None = None,
    portfolio: str | None = None,
    start: AnyMonth | None = None,
    budget: object = None,
    time_limit_s: float = DEFAULT.time_limit_s,
    protect_secured: bool = DEFAULT.protect_secured,
) -> pd.DataFrame:
    """Every strategy on the same portfolio, a row each; `attrs` names the `best` and the `recommended` one.

    Args:
        source: a file, a data frame, a dict, or a portfolio of `read`.
        strategies: only these; default: all that apply.
        portfolio: which one, where the source holds several.
        start: the first month, where the portfolio names none; default: this month.
        budget: money a month for all debts, in place of the portfolio's own.
        time_limit_s: seconds to search for the optimal plan.
        protect_secured: where the money falls short, secured debts' minimums are missed last.
    """
    asked = None if strategies is None else [_strategy(name, "strategies") for name in strategies]
    search = SearchLimits(time_limit_s=time_limit_s, protect_secured=protect_secured)
    return comparison_table(planning.compare(one_portfolio(source, portfolio, start, budget), asked, search=search))


def plan(  # noqa: PLR0913 (as above)
    source: PortfolioSource,
    strategy: str = Strategy.AVALANCHE,
    *,
    portfolio: str | None = None,
    start: AnyMonth | None = None,
    budget: object = None,
    time_limit_s: float = DEFAULT.time_limit_s,
    protect_secured: bool = DEFAULT.protect_secured,
) -> PlanTables:
    """One plan: its summary, its schedule month by month, each debt, what is missed, the offers that it takes.

    Args:
        source: a file, a data frame, a dict, or a portfolio of `read`.
        strategy: how debts are paid: an order such as `snowball`, or `optimal`.
        portfolio: which one, where the source holds several.
        start: the first month, where the portfolio names none; default: this month.
        budget: money a month for all debts, in place of the portfolio's own.
        time_limit_s: seconds to search for the optimal plan.
        protect_secured: where the money falls short, secured debts' minimums are missed last.
    """
    chosen = _strategy(strategy, "strategy")
    search = SearchLimits(time_limit_s=time_limit_s, protect_secured=protect_secured)
    return PlanTables.of(planning.plan(one_portfolio(source, portfolio, start, budget), chosen, search=search))


def optimal(source: PortfolioSource, **options: Any) -> PlanTables:
    """The plan that costs least in total, with its proved bound: `plan` with the strategy `optimal`."""
    return plan(source, Strategy.OPTIMAL, **options)


def required_budget(
    source: PortfolioSource,
    by: AnyMonth,
    *,
    strategy: str = Strategy.AVALANCHE,
    portfolio: str | None = None,
    start: AnyMonth | None = None,
) -> BudgetTables:
    """The smallest monthly budget that is debt-free by a month, to the cent: with one cent less it is not.

    Args:
        source: a file, a data frame, a dict, or a portfolio of `read`.
        by: the month by which nothing shall be owed.
        strategy: the order in which debts are paid.
        portfolio: which one, where the source holds several.
        start: the first month, where the portfolio names none; default: this month.
    """
    order, month = _order(strategy), month_of(by, "by")
    return BudgetTables.of(budget_by.budget_by(one_portfolio(source, portfolio, start, None), month, order))


def frontier(
    source: PortfolioSource,
    *,
    points: int = 24,
    strategy: str = Strategy.AVALANCHE,
    portfolio: str | None = None,
    start: AnyMonth | None = None,
) -> pd.DataFrame:
    """What more money a month brings, a row a budget: from the least that covers every minimum to payoff at once.

    Args:
        source: a file, a data frame, a dict, or a portfolio of `read`.
        points: how many evenly spaced budgets to show.
        strategy: the order in which debts are paid.
        portfolio: which one, where the source holds several.
        start: the first month, where the portfolio names none; default: this month.
    """
    order, asked = _order(strategy), one_portfolio(source, portfolio, start, None)
    return frontier_table(planner_frontier.frontier(asked, order, points=points))


def risk(  # noqa: PLR0913 (as above)
    source: PortfolioSource,
    *,
    strategies: Sequence[str] = (Strategy.AVALANCHE,),
    scenarios: int = DEFAULT_SCENARIOS,
    seed: int = 1,
    months: int | None = None,
    by: AnyMonth | None = None,
    assumptions: Mapping[str, Any] | None = None,
    portfolio: str | None = None,
    start: AnyMonth | None = None,
    budget: object = None,
) -> RiskTables:
    """What may come of a plan when things go wrong: lost income, unexpected bills, moving rates.

    Args:
        source: a file, a data frame, a dict, or a portfolio of `read`.
        strategies: the orders in which debts are paid.
        scenarios: how many courses of events to draw.
        seed: the same one draws the same ones.
        months: for how many months things may go wrong.
        by: debt-free by when; default: as planned without risk.
        assumptions: others than the contract's, as `{"income_loss": {"probability": 0.02}}`.
        portfolio: which one, where the source holds several.
        start: the first month, where the portfolio names none; default: this month.
        budget: money a month for all debts, in place of the portfolio's own.
    """
    fields = {
        "portfolio": one_portfolio(source, portfolio, start, budget),
        "strategies": list(strategies),
        "scenarios": scenarios,
        "seed": seed,
        "months": months,
        "by": None if by is None else month_of(by, "by"),
        "assumptions": assumptions or {},
    }
    try:
        question = RiskQuestion.model_validate(fields)
    except ValidationError as error:
        errors = field_errors(error)
        raise BadInput(say("at_field", path=errors[0].path, said=errors[0].said), errors) from None
    return RiskTables.of(monte_carlo.risk(question))


def health(
    source: PortfolioSource, *, portfolio: str | None = None, start: AnyMonth | None = None, budget: object = None
) -> HealthTables:
    """What a portfolio weighs today: totals and ratios, what each debt costs at its minimums, what to act on.

    Args:
        source: a file, a data frame, a dict, or a portfolio of `read`.
        portfolio: which one, where the source holds several.
        start: the first month, where the portfolio names none; default: this month.
        budget: money a month for all debts, in place of the portfolio's own.
    """
    return HealthTables.of(planner_health.health(one_portfolio(source, portfolio, start, budget)))


def _strategy(name: str, field: str) -> Strategy:
    if name not in set(Strategy):
        raise _refused(field, say("no_such_strategy", strategies=list(Strategy)), name)
    return Strategy(name)


def _order(name: str) -> Strategy:
    strategy = _strategy(name, "strategy")
    if strategy not in ORDERS:
        raise _refused("strategy", say("order_needed", orders=list(ORDERS)), name)
    return strategy


def _refused(field: str, said: Sentence, value: str) -> BadInput:
    return BadInput(say("at_field", path=field, said=said), [FieldError(field, said, value)])
