"""A portfolio that has something of everything to be warned of."""

from agents.planner.measures.health import health
from data.answers.health import HealthWarning
from data.portfolio.portfolio import Portfolio

PORTFOLIO = {
    "currency": "CNY",
    "start": "2027-01",
    "income": "900.00",
    "budget": {"monthly": "700.00"},
    "debts": [
        {
            "name": "Card",
            "kind": "credit_card",
            "balance": "4000.00",
            "apr": 0.24,
            "minimum": {"type": "fixed", "amount": "50.00"},
            "credit_limit": "4200.00",
        },
        {
            "name": "Sofa",
            "kind": "instalment",
            "balance": "2400.00",
            "apr": 0.12,
            "minimum": {"type": "fixed", "amount": "100.00"},
            "promo": {"apr": 0, "until": "2027-06", "deferred_interest": True},
        },
        {
            "name": "Cousin",
            "kind": "private",
            "balance": "30000.00",
            "apr": 0.36,
            "minimum": {"type": "interest_only", "until": "2028-12"},
            "agreed": "2024-11-01",
        },
    ],
}
CODES = {
    "minimum_below_interest",
    "promo_ends",
    "rate_above_cap",
    "persistent_debt",
    "balloon_ahead",
    "high_utilisation",
    "budget_below_minimums",
    "no_income_left",
}


def every_warning() -> list[HealthWarning]:
    """One warning at least of every code."""
    found = health(Portfolio.model_validate(PORTFOLIO)).warnings
    assert {warning.code for warning in found} == CODES
    return found
