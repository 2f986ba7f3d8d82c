"""Issuers' minimum payments as the kernel reckons them."""

from decimal import Decimal

import pytest

from agents.planner.measures.health import health
from agents.planner.plans.planning import plan
from data.answers.plan import Strategy
from data.portfolio.portfolio import Portfolio
from data.rules.issuer_minimum import issuer_minimums, minimum_of_issuer


def card(rule, balance="3000.00", apr="0.24"):
    debt = {"name": "Card", "kind": "credit_card", "balance": balance, "apr": apr, "minimum": rule.minimum}
    return Portfolio.model_validate({"start": "2027-01", "currency": rule.currency, "debts": [debt]})


@pytest.mark.parametrize("rule", issuer_minimums(), ids=lambda rule: rule.id)
def test_every_issuers_minimum_makes_a_card_fall_until_its_floor_ends_it(rule):
    found = health(card(rule))
    assert found.monthly_interest < found.monthly_minimums < 400
    has_floor = rule.id != "cn_cmb"  # a tenth of the last four fen is none
    assert (found.minimum_months is not None) == has_floor


@pytest.mark.parametrize("rule", issuer_minimums(), ids=lambda rule: rule.id)
def test_a_balance_below_the_floor_is_due_whole(rule):
    rows = plan(card(rule, balance="1.00"), Strategy.MINIMUM_ONLY).schedule
    if rule.id == "cn_cmb":  # has no floor
        assert rows[0].minimum == Decimal("0.12")
    else:
        assert (len(rows), rows[0].closing) == (1, 0)


def test_american_express_own_example_comes_out():
    """American Express, Payment basics (July 2012): a balance of $3,000 of which $29.57 is interest has $59.27 due."""
    debt = {
        "name": "Jill",
        "balance": "2970.43",
        "apr": "0.119457",
        "minimum": {"type": "interest_plus", "rate": "0.01"},
    }
    found = health(Portfolio.model_validate({"start": "2027-01", "debts": [debt]}))
    assert (found.monthly_interest, found.monthly_minimums) == (Decimal("29.57"), Decimal("59.27"))


def test_the_greater_of_30_dollars_and_one_percent_comes_with_interest_at_us_bank():
    rule = minimum_of_issuer("US Bank")
    assert health(card(rule)).monthly_minimums == 30 + 60  # 1 % of 3,000 is 30, too
    assert health(card(rule, balance="5000.00")).monthly_minimums == 50 + 100
    assert health(card(rule, balance="1000.00")).monthly_minimums == 30 + 20
