"""`required-budget` and `frontier`: how much money a month, and what more of it brings, with no server."""

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from agents.planner.plans.budget_by import budget_by
from agents.planner.plans.frontier import frontier as draw
from data.answers.budget_answer import Frontier, RequiredBudget
from data.answers.plan import Strategy
from data.files.cells.text import visible_text
from data.month import parse_month
from data.portfolio.portfolio import Portfolio
from data.wording.words import Language
from serve.commands.shared.about_portfolio import about_portfolio
from serve.commands.shared.options import Order
from serve.commands.shared.tables import NONE, money_in, new_table, plan_parts
from serve.commands.shared.words import reason_in, word

By = Annotated[str, typer.Option("--by", metavar="YYYY-MM", help="The month by which nothing shall be owed.")]
Points = Annotated[int, typer.Option(min=2, max=200, help="Evenly spaced budgets to show.")]


def budget_parts(found: RequiredBudget, language: Language) -> Iterable[RenderableType]:
    """The budget and how sure it is, or why there is none; then the plan with it."""
    money = money_in(found.currency, language)
    if found.monthly is None:
        told = word("no_budget", language).format(by=found.by, earliest=found.earliest or word("never", language))
        yield Text(told, style="bold red")
        yield Text(visible_text(reason_in(found.reason or "", language)), style="red")
    else:
        yield Text(word("smallest_budget", language).format(by=found.by, monthly=money(found.monthly)), style="bold")
        key = "is_proved" if found.proved else "is_tried"
        sure = {"unit": word("cent", language), "bound": money(found.lower_bound), "tried": money(found.tried_from)}
        yield Text(word(key, language).format(**sure), style="dim")
    yield from plan_parts(found.plan, language, with_schedule=False)


def frontier_parts(found: Frontier, language: Language) -> Iterable[RenderableType]:
    """A row a budget."""
    money = money_in(found.currency, language)
    table = new_table((), ("monthly", "months", "debt_free_month", "interest", "fees", "total_paid"), language)
    for point in found.points:
        table.add_row(
            money(point.monthly),
            NONE if point.months is None else str(point.months),
            point.debt_free or word("never", language),
            money(point.interest),
            money(point.fees),
            money(point.total_paid),
        )
    yield table


@about_portfolio(budget_parts)
def required_budget(portfolio: Portfolio, *, by: By, strategy: Order = Strategy.AVALANCHE) -> RequiredBudget:
    """The smallest monthly budget that is debt-free by a date, to the cent: with one cent less it is not."""
    return budget_by(portfolio, _month(by), strategy)


@about_portfolio(frontier_parts)
def frontier(portfolio: Portfolio, *, points: Points = 12, strategy: Order = Strategy.AVALANCHE) -> Frontier:
    """What more money a month brings: from the least that covers every minimum to payoff at once."""
    return draw(portfolio, strategy, points=points)


def _month(text: str) -> str:
    try:
        return parse_month(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--by") from None
