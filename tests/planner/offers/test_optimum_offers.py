"""The optimum with offers: what each type needs decided, and that its bound is near."""

import pytest

from agents.planner.offers.taking import Move, take
from agents.planner.optimum.limits import SearchLimits
from agents.planner.plans.planning import plan
from data.answers.plan import Strategy
from data.portfolio.portfolio import Portfolio

PERCENT = {"type": "percent", "rate": 0.02, "floor": 25}
CARDS = [
    {"name": "card", "balance": "3969", "apr": 0.2199, "minimum": PERCENT},
    {"name": "other", "balance": "4500", "apr": 0.1799, "minimum": PERCENT},
    {"name": "loan", "balance": "6000", "apr": 0.09, "minimum": {"type": "level", "months": 36}},
]
WHOLE = SearchLimits(time_limit_s=30)  # so that a busy machine proves it too


def with_offer(monthly, **offer):
    budget = {"monthly": str(monthly)}
    content = {"start": "2027-01", "debts": CARDS, "budget": budget, "offers": [{"name": "offer", **offer}]}
    return Portfolio.model_validate(content)


def settlement(monthly):
    return with_offer(monthly, type="settlement", debt="card", share="0.51", by="2027-10")


def test_a_settlement_that_takes_all_the_money_is_met_to_the_cent_and_proved():
    best = plan(settlement(483), Strategy.OPTIMAL, search=WHOLE)
    assert [one.name for one in best.offers_taken] == ["offer"]
    assert not best.missed
    assert best.proved


def test_a_settlement_that_the_money_cannot_meet_is_proved_not_to_be_worth_it():
    best = plan(settlement(420), Strategy.OPTIMAL, search=WHOLE)
    assert not best.offers_taken
    assert best.proved


@pytest.mark.parametrize("refundable", [False, True])
def test_instalments_on_a_part_of_a_debt_are_proved(refundable):
    terms = {"debt": "card", "limit": "3000", "months": 18, "fee_rate": "0.004", "refundable": refundable}
    best = plan(with_offer(520, type="instalment", **terms), Strategy.OPTIMAL, search=WHOLE)
    assert [one.name for one in best.offers_taken] == ["offer"]
    assert best.proved


def test_a_loan_that_recasts_and_has_a_fee_is_proved_not_to_be_worth_it():
    terms = {"debt": "other", "apr": 0.17, "months": 36, "fee": "150", "recast": True}
    best = plan(with_offer(520, type="refinance", **terms), Strategy.OPTIMAL, search=WHOLE)
    assert not best.offers_taken
    assert best.proved


def test_what_an_old_lender_charges_for_what_is_moved_is_part_of_the_bound():
    debts = [{**CARDS[0], "prepayment": {"rate": 0.05}}, *CARDS[1:]]
    offer = {"name": "offer", "type": "consolidation", "amount": "3969", "apr": 0.12, "months": 36}
    content = {"start": "2027-01", "debts": debts, "budget": {"monthly": "520"}, "offers": [offer]}
    best = plan(Portfolio.model_validate(content), Strategy.OPTIMAL, search=WHOLE)
    assert best.gap <= 0.002  # the charge on prepaying what stays is not known to the cent


def test_a_loan_that_repays_a_high_charge_of_the_old_lender_is_found_and_bounded():
    card = {"name": "card", "balance": "10000", "apr": 0.36, "prepayment": {"rate": 0.2}}
    offer = {"name": "offer", "type": "consolidation", "amount": "10000", "apr": 0.05, "months": 36}
    content = {"start": "2027-01", "debts": [card], "budget": {"monthly": "375"}, "offers": [offer]}
    portfolio = Portfolio.model_validate(content)
    best = plan(portfolio, Strategy.OPTIMAL, search=WHOLE)
    moved = take(portfolio, [Move("offer", "card", 1_000_000)])
    assert best.bound <= best.total_paid <= plan(moved, Strategy.AVALANCHE).total_paid
    assert best.gap <= 0.002
