"""`required-budget` and `frontier`: how much money a month, and what more of it brings, with no server."""

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from agents.planner.budget_by import budget_by
from agents.planner.frontier import frontier as draw
from data.budget_answer import Frontier, RequiredBudget
from data.files.cell_text import visible_text
from data.month import parse_month
from data.plan import Strategy
from serve.commands.input import read_one
from serve.commands.options import AsJson, File, Lang, Order, Start, WhichPortfolio
from serve.commands.tables import NONE, answer, money_in, new_table, plan_parts, show
from serve.commands.words import Language, reason_in, word


def required_budget(  # noqa: PLR0913 (a command's options are its parameters)
    file: File,
    *,
    by: Annotated[str, typer.Option("--by", metavar="YYYY-MM", help="The month by which nothing shall be owed.")],
    strategy: Order = Strategy.AVALANCHE,
    portfolio: WhichPortfolio = None,
    start: Start = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """The smallest monthly budget that is debt-free by a date, to the cent: with one cent less it is not."""
    found = budget_by(read_one(file, portfolio, start), _month(by), strategy)
    if as_json:
        answer(found)
    else:
        show(*budget_parts(found, lang))


def frontier(  # noqa: PLR0913 (a command's options are its parameters)
    file: File,
    *,
    points: Annotated[int, typer.Option(min=2, max=200, help="Evenly spaced budgets to show.")] = 12,
    strategy: Order = Strategy.AVALANCHE,
    portfolio: WhichPortfolio = None,
    start: Start = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """What more money a month brings: from the least that covers every minimum to payoff at once."""
    found = draw(read_one(file, portfolio, start), strategy, points=points)
    if as_json:
        answer(found)
    else:
        show(*frontier_parts(found, lang))


def _month(text: str) -> str:
    try:
        return parse_month(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--by") from None


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
    table = new_table((), ("monthly", "months", "debt_free", "interest", "fees", "total_paid"), language)
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
