"""Paying the minimum only, the 36-month payment, persistent debt, and what a flat fee truly costs."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.measures.disclosures import flat_fee_rate, payment_36
from agents.planner.measures.health import health
from agents.planner.plans.planning import plan
from data.answers.plan import PlanStatus, Strategy
from data.portfolio.portfolio import Portfolio

CENT = Decimal("0.01")


def portfolio(*debts, **rest):
    return Portfolio.model_validate({"start": "2027-01", "debts": list(debts), **rest})


def card(name="Card", balance="5200.00", apr="0.2499", **rest):
    minimum = {"type": "interest_plus", "rate": "0.01", "floor": "35.00"}
    return {"name": name, "kind": "credit_card", "balance": balance, "apr": apr, "minimum": minimum, **rest}


def test_a_british_banks_example_of_paying_the_minimum_comes_out():
    """Bank of Scotland, Minimum payments: 3,000 at 24 % effective, 1 % of the balance with interest, £5 at least.

    "Starting at £84 … 28 years and 3 months. Interest paid: £5,214. Total paid: £8,214."
    """
    nominal = round(12 * (Decimal("1.24") ** (Decimal(1) / 12) - 1), 12)
    rule = {"type": "interest_plus", "rate": "0.01", "floor": "5.00"}
    found = health(portfolio(card(balance="3000.00", apr=nominal, minimum=rule), currency="GBP"))
    assert int(found.monthly_minimums) == 84
    assert found.minimum_months == 28 * 12 + 3
    assert found.minimum_total is not None
    assert int(found.minimum_total) == 8214


def test_the_36_month_payment_is_that_of_appendix_m2():
    """12 CFR 1026, Appendix M2: 500 at 0 % for 6 months and then 17 %, 250 at 17 %, 250 at 21 %."""
    balances = portfolio(
        card("A", "500.00", "0.17", promo={"apr": 0, "until": "2027-06"}),
        card("B", "250.00", "0.17"),
        card("C", "250.00", "0.21"),
    )
    promotional = 6 / 36 * 0 + (1 - 6 / 36) * 0.17 / 12
    i = (500 * promotional + 250 * 0.17 / 12 + 250 * 0.21 / 12) / 1000
    assert payment_36(balances.debts, "2027-01", "USD") == round(Decimal(1000 * i / (1 - (1 + i) ** -36)), 2)


def test_a_level_payment_over_36_months_is_the_same_as_the_disclosure():
    level = portfolio(card(minimum={"type": "level", "months": 36}))
    first = plan(level, Strategy.MINIMUM_ONLY).schedule[0]
    assert payment_36(level.debts, "2027-01", "USD") == first.minimum
    assert payment_36(portfolio(card(apr=0, balance="3600.00")).debts, "2027-01", "USD") == 100


@given(balance=st.integers(100, 10**6), apr=st.integers(0, 9000), more=st.integers(1, 1000))
def test_the_36_month_payment_grows_with_the_rate_and_the_balance(balance, apr, more):
    def of(cents, rate):
        debt = card(balance=str(Decimal(cents) / 100), apr=str(Decimal(rate) / 10_000))
        return payment_36(portfolio(debt).debts, "2027-01", "USD")

    found = of(balance, apr)
    assert of(balance + more, apr) >= found
    assert of(balance, apr + more) >= found
    assert found * 36 >= Decimal(balance) / 100 - 36 * CENT / 2


@given(data=st.data())
def test_paying_minimums_only_is_the_plan_of_that_name(portfolios, data):
    asked = data.draw(portfolios.portfolios()).model_copy(update={"budget": None, "offers": [], "custom_order": None})
    found, made = health(asked), plan(asked, Strategy.MINIMUM_ONLY, schedule=False)
    if made.status is PlanStatus.PAID_OFF:
        assert (found.minimum_months, found.minimum_total) == (made.months, made.total_paid)
    else:
        assert (found.minimum_months, found.minimum_total, found.savings_36) == (None, None, None)
    assert [each.debt for each in found.repayments] == [debt.name for debt in asked.debts if debt.balance]


def test_one_debt_that_never_ends_leaves_the_others_their_end():
    found = health(portfolio(card("Ends"), card("Never", minimum={"type": "fixed", "amount": "20.00"})))
    ends, never = found.repayments
    assert (ends.minimum_months, never.minimum_months) == (207, None)
    assert ends.savings_36 is not None
    assert (found.minimum_months, found.minimum_total, found.savings_36) == (None, None, None)


def test_fees_are_charged_on_both_sides_of_the_savings():
    plain, (dear,) = health(portfolio(card())), health(portfolio(card(fees={"monthly": "3.00"}))).repayments
    assert dear.payment_36 == plain.payment_36
    assert dear.total_36 == dear.payment_36 * 36 + 36 * 3
    assert dear.savings_36 == dear.minimum_total - dear.total_36


def test_nothing_owed_is_paid_off_at_once():
    found = health(portfolio(card(balance=0)))
    assert (found.minimum_months, found.minimum_total, found.payment_36, found.savings_36) == (0, 0, 0, 0)
    assert found.repayments == []


@pytest.mark.parametrize(
    ("fee_rate", "months", "told"),
    [("0.006", 12, 13.03), ("0.0075", 12, 16.22), ("0.0065", 24, 14.33), ("0", 12, 0.0)],
)
def test_a_flat_fee_costs_almost_twice_what_it_says(fee_rate, months, told):
    """Bank pages tell an instalment fee of 0.6 % a month over 12 months as about 13 % a year (IRR × 12)."""
    assert round(flat_fee_rate(Decimal(fee_rate), months).apr * 100, 2) == told


def test_the_true_rate_of_a_flat_fee_stands_beside_its_debt():
    rule = {"type": "flat_fee", "principal": "12000.00", "months": 12, "fee_rate": "0.006"}
    found = health(portfolio(card("F", "12000.00", 0, kind="instalment", minimum=rule), card(), currency="CNY"))
    assert [each.true_apr for each in found.repayments] == [pytest.approx(0.130342, abs=1e-6), None]


@given(fee=st.integers(1, 300), months=st.integers(2, 120))
def test_a_flat_fee_is_dearer_than_it_says(fee, months):
    rate = Decimal(fee) / 10_000
    assert flat_fee_rate(rate, months).apr > float(rate) * 12


def persistent(found):
    return next((warning for warning in found.warnings if warning.code == "persistent_debt"), None)


def test_a_debt_whose_cost_exceeds_what_it_repays_over_18_months_is_persistent():
    found = persistent(health(portfolio(card())))
    rows = plan(portfolio(card()), Strategy.MINIMUM_ONLY).schedule[:18]
    cost = sum(row.interest + row.fees for row in rows)
    assert found is not None
    assert (found.months, found.amounts["cost"]) == (18, cost)
    assert found.amounts["principal"] == sum(row.payment for row in rows) - cost < cost


def test_the_payment_that_ends_persistent_debt_is_the_smallest_to_the_cent():
    needed = persistent(health(portfolio(card()))).amounts["needed"]

    def principal_less_cost(monthly):
        paying = portfolio(card(), budget={"monthly": str(monthly)})
        rows = plan(paying, Strategy.AVALANCHE).schedule[:18]
        return sum(row.payment - 2 * (row.interest + row.fees) for row in rows)

    assert principal_less_cost(needed) >= 0 > principal_less_cost(needed - CENT)


@pytest.mark.parametrize(
    ("debt", "currency"),
    [
        (card(kind="personal_loan"), "USD"),  # the rule is about revolving credit
        (card(apr="0.05"), "USD"),
        (card(balance="210.00", minimum={"type": "fixed", "amount": "12.00"}), "GBP"),  # falls below 200 pounds
    ],
)
def test_a_debt_that_is_repaid_or_small_or_no_revolving_credit_is_not_persistent(debt, currency):
    assert persistent(health(portfolio(debt, currency=currency))) is None


def test_a_debt_that_only_grows_is_persistent_over_all_18_months():
    found = persistent(health(portfolio(card(minimum={"type": "fixed", "amount": "50.00"}))))
    assert found is not None
    assert found.amounts["principal"] == 0
    assert found.amounts["cost"] > 18 * Decimal("108.28")
