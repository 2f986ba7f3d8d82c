"""`what-if` and `offers`: what some changes come to, and which offers to take, with no server."""

import shlex
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ValidationError

from agents.planner.optimum.limits import SearchLimits
from agents.planner.what_if.offer_verdicts import judge_offers
from agents.planner.what_if.what_if import what_if as ask
from data.answers.offer_result import OfferAnswer
from data.answers.plan import Strategy
from data.answers.what_if import Change, Changes, WhatIf
from data.errors import InvalidPortfolio
from data.files.portfolio_json import parse_json
from data.portfolio.errors_of_fields import field_errors
from data.portfolio.portfolio import Portfolio
from data.wording.sentence import say
from serve.commands.shared.about_portfolio import about_portfolio
from serve.commands.shared.options import DEFAULT_SEARCH, HowToPay, Order, TimeLimitOption
from serve.commands.shared.what_if_tables import offer_parts, what_if_parts

SaidChanges = Annotated[
    list[str],
    typer.Option(
        "--change",
        metavar="CHANGE",
        help="'budget by=200', 'lump_sum month=2027-03 amount=2000', 'rate debt=Visa apr=0.2', 'drop_debt debt=Car', "
        "'take_offer offer=\"0% card\"', 'prepay debt=Car month=2027-03 amount=5000 mode=lower_payment', or JSON. "
        "Repeat it for several, made in turn.",
    ),
]


class _Said(BaseModel):
    changes: Changes


@about_portfolio(what_if_parts)
def what_if(
    portfolio: Portfolio,
    *,
    change: SaidChanges,
    strategy: HowToPay = Strategy.AVALANCHE,
    time_limit_s: TimeLimitOption = DEFAULT_SEARCH.time_limit_s,
) -> WhatIf:
    """What some changes come to, one after another: the plan before, the plan after, and the difference."""
    return ask(portfolio, changes_of(change), strategy, search=SearchLimits(time_limit_s=time_limit_s))


@about_portfolio(offer_parts)
def offers(portfolio: Portfolio, *, strategy: Order = Strategy.AVALANCHE) -> OfferAnswer:
    """Which offers of the portfolio to take, how much of each, from which debts, and what it saves."""
    return judge_offers(portfolio, strategy)


def changes_of(said: list[str]) -> list[Change]:
    """The changes as they are written on the command line: words with `name=value`, or JSON.

    Raises:
        InvalidPortfolio: naming every change and field that is wrong.

    >>> changes_of(["budget by=200"])[0].type
    'budget'
    """
    written: list[Any] = []
    for text in said:
        one = parse_json(text.encode()) if text.lstrip()[:1] in ("{", "[") else _in_words(text)
        written += one if isinstance(one, list) else [one]
    try:
        return _Said.model_validate({"changes": written}).changes
    except ValidationError as error:
        errors = field_errors(error)
        raise InvalidPortfolio(say("changes_unreadable", path=errors[0].path, said=errors[0].said), errors) from None


def _in_words(text: str) -> dict[str, Any]:
    try:
        kind, *fields = shlex.split(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text}: {error}", param_hint="--change") from None
    change: dict[str, Any] = {"type": kind}
    for field in fields:
        name, sign, value = field.partition("=")
        if not sign:
            raise typer.BadParameter(f'"{field}" is no name=value', param_hint="--change")
        change[name] = parse_json(value.encode()) if value[:1] in ("{", "[") else value
    if kind == "take_offer" and isinstance(change.get("from"), str):
        change["from"] = change["from"].split(",")
    return change
