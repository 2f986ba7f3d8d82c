"""`health`: what a portfolio weighs today, with no server."""

from agents.planner.measures.health import health as measure
from data.debt import Portfolio
from data.health import Health
from serve.commands.about_portfolio import about_portfolio
from serve.commands.tables import health_parts


@about_portfolio(health_parts)
def health(portfolio: Portfolio) -> Health:
    """What a portfolio weighs today, and what to act on."""
    return measure(portfolio)
