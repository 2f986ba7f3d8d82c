"""Measures and warnings of a portfolio."""

from decimal import Decimal

import pytest

from agents.planner.measures.health import health
from data.portfolio.portfolio import Portfolio

CARD = {"name": "Card", "kind": "credit_card", "balance": 4000, "apr": 0.24, "minimum": {"type": "fixed", "amount": 50}}
LOAN = {"name": "Loan", "balance": 12_000, "apr": 0.06, "minimum": {"type": "level", "months": 48}}


def of(*debts, **rest):
    return health(Portfolio.model_validate({"start": "2027-01", "debts": debts, **rest}))


def warnings(found):
    return {(warning.code, warning.debt) for warning in found.warnings}


def test_measures_are_those_of_the_first_planned_month():
    found = of(CARD, LOAN, income=3000)
    assert (found.total, found.monthly_interest, found.monthly_minimums) == (
        16_000,
        140,
        Decimal("331.82"),
    )
    assert found.weighted_apr == pytest.approx(0.105)
    assert found.interest_share == pytest.approx(140 / 331.82, abs=1e-4)
    assert found.debt_to_income == pytest.approx(331.82 / 3000, abs=1e-4)
    assert found.utilisation is None


def test_a_minimum_below_its_interest_is_warned_of():
    found = next(warning for warning in of(CARD, LOAN).warnings if warning.code == "minimum_below_interest")
    assert (found.debt, found.amounts["minimum"], found.amounts["interest"]) == ("Card", 50, 80)


def test_utilisation_counts_debts_with_a_limit_and_warns_above_80_percent():
    found = of({**CARD, "credit_limit": 4500}, LOAN)
    assert found.utilisation == pytest.approx(4000 / 4500)
    assert ("high_utilisation", "Card") in warnings(found)
    assert ("high_utilisation", "Card") not in warnings(of({**CARD, "credit_limit": 5000}))


@pytest.mark.parametrize(("until", "is_near"), [("2027-01", True), ("2027-12", True), ("2028-01", False)])
def test_promotions_that_end_within_a_year_are_warned_of(until, is_near):
    found = of({**CARD, "promo": {"apr": 0, "until": until}})
    assert (("promo_ends", "Card") in warnings(found)) is is_near


def test_a_promotion_that_ends_says_the_rates_before_and_after():
    steps = [{"from": "2027-04", "apr": 0.3}]
    found = of({**CARD, "promo": {"apr": 0.01, "until": "2027-06"}, "rate_steps": steps})
    ends = next(warning for warning in found.warnings if warning.code == "promo_ends")
    assert (ends.month, ends.rates) == ("2027-06", {"before": 0.01, "after": 0.3})


def test_a_budget_below_the_minimums_and_an_income_they_eat_are_warned_of():
    found = of(CARD, LOAN, income=300, budget={"monthly": 200})
    assert {("budget_below_minimums", None), ("no_income_left", None)} <= warnings(found)
    assert not {"budget_below_minimums", "no_income_left"} & {
        warning.code for warning in of(CARD, LOAN, income=3000, budget={"monthly": 400}).warnings
    }


def test_a_portfolio_that_owes_nothing_has_no_warnings():
    found = of({**CARD, "balance": 0})
    assert (found.total, found.weighted_apr, found.interest_share, found.warnings) == (0, 0.0, None, [])
