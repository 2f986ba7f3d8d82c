"""`plan` and `compare`: what the planner says of one portfolio, with no server."""

from typing import Annotated

import typer

from agents.planner.optimum.limits import SearchLimits
from agents.planner.plans.planning import compare as plan_each
from agents.planner.plans.planning import plan as plan_one
from data.answers.plan import Comparison, Strategy
from data.portfolio.portfolio import Portfolio
from serve.commands.shared.about_portfolio import about_portfolio
from serve.commands.shared.input import read_one, with_budget
from serve.commands.shared.options import (
    DEFAULT_SEARCH,
    AsJson,
    File,
    HowToPay,
    Lang,
    ProtectSecured,
    Start,
    TimeLimitOption,
    WhichPortfolio,
    known_strategies,
    parse_strategies,
)
from serve.commands.shared.tables import answer, comparison_parts, plan_parts, show

BudgetOption = Annotated[
    str | None, typer.Option("--budget", metavar="AMOUNT", help="Money a month for all debts, instead of the file's.")
]


def plan(  # noqa: PLR0913 (a command's options are its parameters)
    file: File,
    *,
    strategy: HowToPay = Strategy.AVALANCHE,
    budget: BudgetOption = None,
    time_limit_s: TimeLimitOption = DEFAULT_SEARCH.time_limit_s,
    protect_secured: ProtectSecured = DEFAULT_SEARCH.protect_secured,
    schedule: Annotated[bool, typer.Option("--schedule", help="Show each month; JSON always holds them.")] = False,
    portfolio: WhichPortfolio = None,
    start: Start = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """One plan for one portfolio: what to pay, to whom, in which month."""
    search = SearchLimits(time_limit_s=time_limit_s, protect_secured=protect_secured)
    found = plan_one(with_budget(read_one(file, portfolio, start), budget), strategy, search=search)
    if as_json:
        answer(found)
    else:
        show(*plan_parts(found, lang, with_schedule=schedule))


@about_portfolio(comparison_parts)
def compare(
    portfolio: Portfolio,
    *,
    strategies: Annotated[
        str | None, typer.Option(metavar="A,B", callback=known_strategies, help="Only these; default: all that apply.")
    ] = None,
    budget: BudgetOption = None,
    time_limit_s: TimeLimitOption = DEFAULT_SEARCH.time_limit_s,
    protect_secured: ProtectSecured = DEFAULT_SEARCH.protect_secured,
) -> Comparison:
    """Every strategy on the same portfolio: the least total paid is marked, and what each pays above the optimum."""
    chosen = parse_strategies(strategies)
    search = SearchLimits(time_limit_s=time_limit_s, protect_secured=protect_secured)
    return plan_each(with_budget(portfolio, budget), chosen, search=search)
