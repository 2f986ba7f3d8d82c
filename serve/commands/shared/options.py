"""Arguments and options that several commands share, as they are shown in --help."""

from typing import Annotated

import typer

from agents.planner.optimum.limits import SearchLimits
from data.answers.plan import ORDERS, Strategy
from data.wording.words import Language

MOST_SEARCH_S = 60.0

File = Annotated[str, typer.Argument(metavar="FILE", help="Portfolio as JSON, CSV or Excel; - is standard input.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, as the HTTP endpoint does.")]
WhichPortfolio = Annotated[
    str | None, typer.Option("--portfolio", metavar="ID", help="Which one, where the file holds several.")
]
Start = Annotated[
    str | None, typer.Option("--start", metavar="YYYY-MM", help="First month, where the file names none; default: now.")
]
HowToPay = Annotated[
    Strategy, typer.Option("--strategy", help="How debts are paid: in an order, or, optimal, as costs least in all.")
]


def _seconds(value: float) -> float:
    if not 0 < value <= MOST_SEARCH_S:
        raise typer.BadParameter(f"a search takes more than 0 and at most {MOST_SEARCH_S:g} seconds")
    return value


def _an_order(strategy: Strategy) -> Strategy:
    if strategy not in ORDERS:
        raise typer.BadParameter(f"an order is needed here, not the optimal plan: one of {', '.join(ORDERS)}")
    return strategy


TimeLimitOption = Annotated[
    float, typer.Option("--time-limit-s", callback=_seconds, help="Seconds to search for the optimal plan, at most 60.")
]
ProtectSecured = Annotated[
    bool,
    typer.Option(
        "--protect-secured/--no-protect-secured",
        help="Where the money falls short, the optimal plan misses secured debts' minimums last.",
    ),
]
Order = Annotated[
    Strategy, typer.Option("--strategy", metavar="ORDER", callback=_an_order, help=f"One of {', '.join(ORDERS)}.")
]
DEFAULT_SEARCH = SearchLimits()
Lang = Annotated[Language, typer.Option("--lang", help="Language of the tables.")]


def known_strategies(text: str | None) -> str | None:
    """The text, once its strategies are known: wrong usage is told before any file is read."""
    parse_strategies(text)
    return text


def parse_strategies(text: str | None) -> list[Strategy] | None:
    """The strategies of a comma-separated list; wrong usage where one is unknown."""
    if text is None:
        return None
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Strategy)]
    if unknown or not names:
        known = ", ".join(Strategy)
        raise typer.BadParameter(f'"{", ".join(unknown)}" is no strategy; there are {known}', param_hint="--strategies")
    return [Strategy(name) for name in names]
