"""Each warning names what to do: the amount it tells is enough, and a cent less is not."""

from decimal import Decimal

import pytest

from agents.planner.measures.health import health
from agents.planner.plans.planning import plan
from data.answers.plan import Strategy
from data.portfolio.portfolio import Portfolio
from tests.every_warning import CODES, every_warning

CENT = Decimal("0.01")
CARD = {"name": "Card", "kind": "credit_card", "balance": 4000, "apr": 0.24, "minimum": {"type": "fixed", "amount": 50}}
PROMO = {**CARD, "minimum": {"type": "fixed", "amount": 25}, "promo": {"apr": 0, "until": "2027-06"}}


def portfolio(*debts, **rest):
    return Portfolio.model_validate({"start": "2027-01", "debts": debts, **rest})


def of(code, *debts, **rest):
    found = health(portfolio(*debts, **rest))
    return next((warning for warning in found.warnings if warning.code == code), None)


def paying(debt, monthly, **rest):
    return plan(portfolio(debt, budget={"monthly": str(monthly)}, **rest), Strategy.AVALANCHE).schedule


def test_one_portfolio_can_show_every_warning():
    assert {warning.code for warning in every_warning()} == CODES


def test_below_its_interest_the_needed_payment_is_the_least_that_makes_the_debt_fall():
    needed = of("minimum_below_interest", CARD).amounts["needed"]
    assert needed == Decimal("80.01")
    assert paying(CARD, needed)[0].closing < 4000 <= paying(CARD, needed - CENT)[0].closing


def test_the_needed_payment_covers_fees_and_prepayment_charges_too():
    dear = {**CARD, "fees": {"monthly": 5}, "prepayment": {"rate": 0.02}}
    needed = of("minimum_below_interest", dear).amounts["needed"]
    assert paying(dear, needed)[0].closing < 4000 <= paying(dear, needed - CENT)[0].closing


def test_before_a_promotion_ends_the_monthly_payment_just_clears_the_debt():
    monthly = of("promo_ends", PROMO).amounts["monthly"]
    assert monthly == Decimal("666.67")
    assert paying(PROMO, monthly)[-1].month == "2027-06"
    assert paying(PROMO, monthly - CENT)[-1].month > "2027-06"


def test_a_deferred_promotion_tells_the_interest_that_is_charged_at_once():
    deferred = {**PROMO, "promo": {"apr": 0, "until": "2027-06", "deferred_interest": True}}
    rows = plan(portfolio(deferred), Strategy.MINIMUM_ONLY).schedule
    put_off = sum(row.opening for row in rows[:6]) * Decimal("0.02")  # 24 % / 12 on each opening balance
    assert of("promo_ends", deferred).amounts["deferred"] == put_off
    assert rows[6].interest == put_off + rows[6].opening * Decimal("0.02")


def test_a_deferred_promotion_that_minimums_clear_puts_nothing_off():
    cleared = {
        **PROMO,
        "minimum": {"type": "fixed", "amount": 700},
        "promo": {"apr": 0, "until": "2027-06", "deferred_interest": True},
    }
    assert "deferred" not in of("promo_ends", cleared).amounts


@pytest.mark.parametrize(
    ("debt", "currency", "cap", "rate"),
    [
        ({"kind": "private", "apr": 0.13, "agreed": "2024-11-01"}, "CNY", "cn_private_lending_lpr", 0.124),
        ({"kind": "private", "apr": 0.13, "agreed": "2020-08-20"}, "CNY", None, 0.154),
        ({"kind": "private", "apr": 0.37, "agreed": "2019-05-01"}, "CNY", "cn_private_lending_36", 0.36),
        ({"kind": "private", "apr": 0.25, "agreed": "2019-05-01"}, "CNY", "cn_private_lending_24", 0.24),
        ({"kind": "credit_card", "apr": 0.1825, "agreed": "2020-05-01"}, "CNY", None, 0.1825),
        ({"kind": "personal_loan", "apr": 4.0}, "USD", "us_mla", 0.36),
        ({"kind": "personal_loan", "apr": 4.0}, "GBP", "gb_hcstc_daily", 2.92),
        ({"kind": "credit_card", "apr": 0.4}, "GBP", None, 0),
        ({"kind": "personal_loan", "apr": 0.19, "balance": 500_000}, "JPY", "jp_under_1m", 0.18),
        ({"kind": "personal_loan", "apr": 9.0}, "EUR", None, 0),
    ],
)
def test_a_rate_above_the_cap_of_its_place_and_day_is_warned_of(debt, currency, cap, rate):
    found = of("rate_above_cap", {**CARD, **debt}, currency=currency)
    if cap is None:
        assert found is None
        return
    assert found.cap.id == cap
    assert found.rates == {"apr": debt["apr"], "cap": pytest.approx(rate)}
    assert found.cap.source.title


def test_a_rate_just_at_its_cap_is_not_above_it():
    private = {**CARD, "kind": "private", "apr": 0.124, "agreed": "2024-11-01"}
    assert of("rate_above_cap", private, currency="CNY") is None


def test_a_flat_fee_is_held_against_the_cap_by_its_true_rate():
    rule = {"type": "flat_fee", "principal": 12_000, "months": 12, "fee_rate": 0.012}
    instalment = {"name": "F", "kind": "instalment", "balance": 12_000, "apr": 0, "minimum": rule}
    found = of("rate_above_cap", instalment, currency="CNY")
    assert found.cap.id == "cn_financial_24"
    assert 0.25 < found.rates["apr"] < 0.26  # 1.2 % a month looks like 14.4 % a year


def test_a_promotion_does_not_hide_a_rate_above_its_cap():
    found = of("rate_above_cap", {**PROMO, "kind": "personal_loan", "apr": 0.5}, currency="USD")
    assert found.rates["apr"] == 0.5


def test_a_balloon_is_told_with_its_month_and_what_to_set_aside():
    loan = {
        "name": "Loan",
        "balance": 12_000,
        "apr": 0.06,
        "minimum": {"type": "interest_only", "until": "2028-12"},
    }
    found = of("balloon_ahead", loan)
    assert found.month == "2028-12"
    assert found.amounts == {"balloon": 12_060, "monthly": Decimal("502.50")}  # 12,000 and its last interest, 24 months
    assert plan(portfolio(loan), Strategy.MINIMUM_ONLY).schedule[-1].payment == 12_060


def test_an_interest_only_debt_that_goes_on_by_another_rule_has_no_balloon():
    rule = {"type": "interest_only", "until": "2028-12", "then": {"type": "level", "months": 60}}
    assert of("balloon_ahead", {**CARD, "minimum": rule}) is None


def test_high_utilisation_tells_what_brings_it_to_80_percent():
    found = of("high_utilisation", {**CARD, "credit_limit": 4500})
    assert found.amounts["to_pay"] == 400
    assert of("high_utilisation", {**CARD, "balance": 3600, "credit_limit": 4500}) is None


def test_a_budget_below_the_minimums_tells_what_is_missing():
    found = of("budget_below_minimums", CARD, budget={"monthly": 20})
    assert found.amounts == {"budget": 20, "minimums": 50, "missing": 30}


def test_a_debt_of_nothing_is_warned_of_by_nothing():
    assert health(portfolio({**PROMO, "balance": 0, "credit_limit": 1})).warnings == []
