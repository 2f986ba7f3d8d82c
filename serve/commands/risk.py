"""`risk`: what may come of a plan when things go wrong, with no server."""

from typing import Annotated, Any

import typer
from pydantic import ValidationError

from agents.planner.risk.monte_carlo import risk as weigh
from data.answers.plan import Strategy
from data.answers.risk import DEFAULT_SCENARIOS, RiskQuestion
from data.answers.risk_report import RiskReport
from data.errors import InvalidPortfolio
from data.portfolio.errors_of_fields import field_errors
from data.portfolio.portfolio import Portfolio
from data.wording.sentence import say
from serve.commands.plan import BudgetOption
from serve.commands.shared.about_portfolio import about_portfolio
from serve.commands.shared.input import with_budget
from serve.commands.shared.options import known_strategies, parse_strategies
from serve.commands.shared.risk_tables import risk_parts

Assumed = Annotated[
    list[str] | None,
    typer.Option(
        "--assume", metavar="FIELD=VALUE", help="Another assumption, as income_loss.probability=0.02; may be repeated."
    ),
]


@about_portfolio(risk_parts)
def risk(  # noqa: PLR0913 (a command's options are its parameters)
    portfolio: Portfolio,
    *,
    scenarios: Annotated[int, typer.Option(help="How many courses of events to draw.")] = DEFAULT_SCENARIOS,
    seed: Annotated[int, typer.Option(help="The same seed draws the same ones.")] = 1,
    months: Annotated[int | None, typer.Option(help="For how many months things may go wrong.")] = None,
    by: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Debt-free by when; default: as planned without risk.")
    ] = None,
    strategies: Annotated[
        str, typer.Option(metavar="A,B", callback=known_strategies, help="The orders in which debts are paid.")
    ] = "avalanche",
    assume: Assumed = None,
    budget: BudgetOption = None,
) -> RiskReport:
    """What may come of a plan: lost income, unexpected bills, moving rates."""
    fields = {
        "strategies": parse_strategies(strategies) or [Strategy.AVALANCHE],
        "scenarios": scenarios,
        "seed": seed,
        "months": months,
        "by": by,
        "assumptions": parse_assumptions(assume or []),
    }
    return weigh(_question(fields | {"portfolio": with_budget(portfolio, budget)}))


def parse_assumptions(texts: list[str]) -> dict[str, Any]:
    """Assumptions as `part.field=value`, nested as the HTTP endpoint takes them; a list is separated by commas."""
    nested: dict[str, Any] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        *parts, field = path.strip().split(".")
        if not equals or len(parts) > 1:
            raise typer.BadParameter(f'"{text}" is not FIELD=VALUE', param_hint="--assume")
        names = [name.strip() for name in value.split(",") if name.strip()]
        where = nested.setdefault(parts[0], {}) if parts else nested
        where[field] = names if field == "debts" else value.strip()
    return nested


def _question(fields: dict[str, Any]) -> RiskQuestion:
    try:
        return RiskQuestion.model_validate(fields)
    except ValidationError as error:
        errors = field_errors(error)
        raise InvalidPortfolio(say("at_field", path=errors[0].path, said=errors[0].said), errors) from None
