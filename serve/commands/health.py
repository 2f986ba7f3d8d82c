"""`health`: what a portfolio weighs today, with no server."""

from agents.planner.measures.health import health as measure
from data.answers.health import Health
from data.portfolio.portfolio import Portfolio
from serve.commands.shared.about_portfolio import about_portfolio
from serve.commands.shared.tables import health_parts


@about_portfolio(health_parts)
def health(portfolio: Portfolio) -> Health:
    """What a portfolio weighs today, and what to act on."""
    return measure(portfolio)
