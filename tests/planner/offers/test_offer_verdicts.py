"""Offers are judged by plans: never recommended where they cost more, and no amount that one can think of is better."""

from decimal import Decimal
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate
from agents.planner.kernel.layout import PAID_OFF
from agents.planner.offers.taking import Move, Taking, take
from agents.planner.offers.trials import Trials
from agents.planner.plans.planning import plan
from agents.planner.what_if.offer_verdicts import judge_moves, judge_offers
from agents.planner.what_if.promo_end import promo_end
from data.answers.plan import Strategy
from data.errors import InvalidPortfolio
from data.portfolio.portfolio import Portfolio
from tests.planner.cases import cases
from tests.sample_offers import TRANSFER

ORDERS = [Strategy.AVALANCHE, Strategy.SNOWBALL, Strategy.MINIMUM_ONLY, Strategy.BALANCE_MATCHING]
SOME = st.sampled_from(ORDERS)
FIXED = {"type": "fixed", "amount": "100"}


@given(data=st.data())
def test_a_trial_is_what_taking_the_offers_and_simulating_comes_to(portfolios, offered, data):
    portfolio = data.draw(offered.offered(portfolios.portfolios(most=4)))
    if not portfolio.offers:
        return
    drawn = [data.draw(offered.moves_of(portfolio)) for _ in range(3)]
    order = {offer.name: place for place, offer in enumerate(portfolio.offers)}
    drawn = [sorted(moves, key=lambda move: order[move.offer]) for moves in drawn]
    trials = Trials(Taking(portfolio))
    tried = trials.simulate(np.stack([amounts_of(portfolio, moves) for moves in drawn]), ORDERS)
    taken = simulate(from_portfolios([take(portfolio, moves) for moves in drawn]), ORDERS)
    assert (tried["status"] == taken["status"]).all()
    ended = (
        tried["status"] == PAID_OFF
    )  # what never ends is stopped where that is certain, which may be sooner or later
    for field in ("paid", "interest", "fees", "months", "missed"):
        assert (tried[field][ended] == taken[field][ended]).all(), field


def amounts_of(portfolio: Portfolio, moves: list[Move]) -> Any:
    amounts = np.zeros((len(portfolio.offers), len(portfolio.debts)), np.int64)
    offers = [offer.name for offer in portfolio.offers]
    debts = [debt.name for debt in portfolio.debts]
    for move in moves:
        amounts[offers.index(move.offer), debts.index(move.debt)] = move.amount
    return amounts


@cases(15)
@given(data=st.data(), strategy=SOME)
def test_what_is_recommended_costs_less_than_the_debts_as_they_are(portfolios, offered, data, strategy):
    portfolio = data.draw(offered.offered(portfolios.portfolios(most=2)))
    answer = judge_offers(portfolio, strategy)
    before = plan(portfolio, strategy)
    assert answer.before.total_paid == before.total_paid
    for taken in (*answer.offers, answer.best):
        if taken.take and before.months is not None:
            assert taken.plan.total_paid < before.total_paid
            assert taken.saved == before.total_paid - taken.plan.total_paid
            assert taken.break_even is not None
        if taken.take:
            assert taken.plan.months is not None
            assert len(taken.plan.missed) <= len(before.missed)
            assert {one.debt for one in taken.plan.missed}.isdisjoint({"settled"})
            assert taken.plan.offers_taken == taken.moves != []


@cases(15)
@given(data=st.data(), strategy=SOME)
def test_the_best_together_is_no_worse_than_each_by_itself(portfolios, offered, data, strategy):
    answer = judge_offers(data.draw(offered.offered(portfolios.portfolios(most=2))), strategy)
    worth = [verdict.plan.total_paid for verdict in answer.offers if verdict.take]
    if worth:
        assert answer.best.take
        assert answer.best.plan.total_paid <= min(worth)


CARDS = [
    {"name": "A", "balance": "40", "apr": "0.36", "minimum": {"type": "fixed", "amount": "3"}},
    {"name": "B", "balance": "30", "apr": "0.12", "minimum": {"type": "fixed", "amount": "2"}},
]


@pytest.mark.parametrize("fee", ["0.02", "0.05", "0.2"])
@pytest.mark.parametrize("strategy", [Strategy.AVALANCHE, Strategy.SNOWBALL])
def test_no_whole_amounts_are_better_than_those_found_by_more_than_next_to_nothing(fee, strategy):
    offer = {
        "type": "balance_transfer",
        "name": "0%",
        "limit": "35",
        "fee_rate": fee,
        "promo": {"apr": 0, "months": 4},
        "apr": "0.24",
        "minimum": {"type": "fixed", "amount": "3"},
    }
    portfolio = portfolio_of(CARDS, [offer], "9")
    best = judge_offers(portfolio, strategy).best.plan.total_paid
    least = min(
        plan(take(portfolio, [Move("0%", "A", 100 * a), Move("0%", "B", 100 * b)]), strategy).total_paid
        for a, b in product(range(36), range(31))
        if a + b <= 35
    )
    assert best <= least * Decimal("1.0002")


def test_a_transfer_breaks_even_when_the_interest_saved_has_paid_its_fee():
    offer = transfer(fee_rate="0.05", promo={"apr": 0, "months": 12}, minimum=FIXED)
    portfolio = portfolio_of([{"name": "Visa", "balance": "3000", "apr": "0.24", "minimum": FIXED}], [offer], "300")
    taken = judge_moves(portfolio, Strategy.AVALANCHE, [Move("0%", "Visa", 300_000)])
    # 3,000 at 2 % a month, 300 paid: interest 60.00 + 55.20 + 50.30, so that the fee of 150.00 is earned in month three
    assert taken.take
    assert taken.break_even == "2027-02"
    assert taken.plan.total_paid == 3150


def test_what_is_paid_off_before_the_fee_is_earned_is_not_moved():
    offer = transfer(fee_rate="0.05", promo={"apr": 0, "months": 12}, minimum=FIXED)
    portfolio = portfolio_of([{"name": "Visa", "balance": "3000", "apr": "0.24", "minimum": FIXED}], [offer], "300")
    (verdict,) = judge_offers(portfolio).offers
    assert verdict.moves[0].amount == 2600  # the rest is gone in two months at 2 %
    assert verdict.plan.total_paid < 3150


def test_an_offer_that_costs_more_is_shown_to_its_limit_with_what_it_would_cost():
    offer = {"type": "consolidation", "name": "dear", "amount": "3000", "apr": "0.36", "months": 36}
    answer = judge_offers(portfolio_of([{"name": "Visa", "balance": "3000", "apr": "0.12"}], [offer], "200"))
    (verdict,) = answer.offers
    assert (verdict.take, verdict.moves[0].amount, verdict.break_even) == (False, 3000, None)
    assert verdict.saved is not None
    assert verdict.saved < 0
    assert (answer.best.take, answer.best.moves) == (False, [])
    assert answer.best.plan.total_paid == answer.before.total_paid


def test_what_goes_wrong_when_the_promotion_runs_out_is_told_in_numbers():
    offer = transfer(fee_rate="0", promo={"apr": 0, "months": 6}, apr="0.24", minimum=FIXED)
    debt = {"name": "Visa", "balance": "3000", "apr": "0.24", "minimum": FIXED}
    (verdict,) = judge_offers(portfolio_of([debt], [offer], "300")).offers
    ends = verdict.promo_end
    assert ends is not None
    assert (ends.month, ends.planned_balance) == ("2027-05", 1200)  # 6 x 300 paid
    assert (ends.minimums_balance, ends.monthly_interest) == (2400, 48)  # 6 x 100 paid, then 2 % of the rest
    alone = plan(portfolio_of([{**debt, "balance": "2400"}], [], "100"), Strategy.AVALANCHE)
    assert (ends.interest_after, ends.months_after) == (alone.total_interest, alone.months)


def test_a_transfer_whose_minimums_never_pay_it_off_says_so():
    offer = transfer(promo={"apr": 0, "months": 2}, apr="0.3", minimum={"type": "fixed", "amount": "10"})
    portfolio = portfolio_of([{"name": "Visa", "balance": "3000", "apr": "0.24"}], [offer], "300")
    moves = [Move("0%", "Visa", 300_000)]
    ends = promo_end(portfolio, moves, plan(take(portfolio, moves), Strategy.AVALANCHE))
    assert ends is not None
    assert (ends.interest_after, ends.months_after) == (None, None)
    assert promo_end(portfolio, [], plan(portfolio, Strategy.AVALANCHE)) is None


SETTLEMENT = {"type": "settlement", "name": "half", "debt": "Store", "share": "0.5", "by": "2027-03"}
TWO = [
    {"name": "Visa", "balance": "4000", "apr": "0.24", "minimum": FIXED},
    {"name": "Store", "balance": "2000", "apr": "0.12", "minimum": {"type": "fixed", "amount": "50"}},
]


def test_a_settlement_is_paid_first_where_the_strategy_would_come_too_late():
    answer = judge_offers(portfolio_of(TWO, [SETTLEMENT], "400"))
    (verdict,) = answer.offers
    assert verdict.take
    assert (verdict.plan.strategy, verdict.plan.missed) == ("custom", [])
    assert next(debt.paid for debt in verdict.plan.debts if debt.name == "half") == 1000
    assert next(debt.paid_off for debt in verdict.plan.debts if debt.name == "half") <= "2027-03"
    assert verdict.break_even == "2026-12"  # the forgiven half counts from the start


def test_a_settlement_that_the_money_cannot_meet_is_not_recommended():
    (verdict,) = judge_offers(portfolio_of(TWO, [SETTLEMENT], "260")).offers
    assert (verdict.take, verdict.saved, verdict.break_even) == (False, None, None)
    assert "half" in {missed.debt for missed in verdict.plan.missed}


def test_a_missed_settlement_lapses_into_what_was_owed_at_the_old_rate():
    portfolio = portfolio_of(TWO, [SETTLEMENT], "150")
    rows = plan(take(portfolio, [Move("half", "Store", 200_000)]), Strategy.AVALANCHE).schedule
    months = [row for row in rows if row.debt == "half"]
    assert [(row.fees, row.interest) for row in months[:4]] == [(0, 0)] * 4
    assert (months[3].minimum, months[3].payment) == (1000, 50)  # what the other minimum leaves of 150.00
    assert (months[4].fees, months[4].interest) == (1000, Decimal("9.50"))  # 12 % a year on 950.00


STEPS = [[Move("half", "Store", 200_000)], [Move("0%", "Visa", 100_000), Move("half", "Store", 200_000)]]


@pytest.mark.parametrize("moves", STEPS, ids=["alone", "with a transfer"])
def test_the_optimal_plan_after_a_settlement_meets_it_and_is_no_dearer_than_an_order(moves):
    portfolio = portfolio_of(TWO, [SETTLEMENT, transfer(promo={"apr": 0, "months": 6})], "400")
    optimal, order = (judge_moves(portfolio, strategy, moves) for strategy in (Strategy.OPTIMAL, Strategy.AVALANCHE))
    assert optimal.take
    assert optimal.plan.missed == []
    assert optimal.plan.strategy == "optimal"
    assert optimal.plan.total_paid <= order.plan.total_paid


def test_the_optimal_strategy_judges_offers_no_worse_than_an_order():
    portfolio = portfolio_of(TWO, [SETTLEMENT, transfer(promo={"apr": 0, "months": 6})], "400")
    optimal, order = (judge_offers(portfolio, strategy) for strategy in (Strategy.OPTIMAL, Strategy.AVALANCHE))
    assert optimal.best.take
    assert optimal.best.plan.total_paid <= order.best.plan.total_paid


def test_cents_are_not_moved_for_their_roundings():
    offer = {
        "type": "consolidation",
        "name": "loan",
        "amount": "5000",
        "apr": "0.0999",
        "months": 36,
        "fee_rate": "0.02",
    }
    debts = [{"name": "Visa", "balance": "5200", "apr": "0.2499"}, {"name": "Car", "balance": "9000", "apr": "0.069"}]
    moves = judge_offers(portfolio_of(debts, [offer], "700")).best.moves
    assert [move.debt for move in moves] == ["Visa"]
    assert moves[0].amount % 1 == 0


def test_moves_that_come_from_elsewhere_are_judged_alike():
    portfolio = portfolio_of(TWO, [transfer(promo={"apr": 0, "months": 12})], "400")
    found = judge_offers(portfolio).best
    moves = [Move(move.name, move.debt, int(move.amount * 100)) for move in found.moves]
    assert judge_moves(portfolio, Strategy.AVALANCHE, moves) == found


def test_no_offers_are_no_error_and_a_portfolio_needs_a_start():
    answer = judge_offers(portfolio_of(TWO, [], "400"))
    assert (answer.offers, answer.best.take, answer.best.plan) == ([], False, answer.before)
    with pytest.raises(InvalidPortfolio) as refused:
        judge_offers(portfolio_of(TWO, [SETTLEMENT], "400").model_copy(update={"start": None}))
    assert [error.path for error in refused.value.errors] == ["start"]


def test_more_offers_than_sets_are_tried_of_end_too():
    offers = [transfer(name=f"card {place}", limit="600", promo={"apr": 0, "months": 6 + place}) for place in range(8)]
    answer = judge_offers(portfolio_of(TWO, offers, "400"))
    assert answer.best.take
    assert answer.best.plan.total_paid <= min(verdict.plan.total_paid for verdict in answer.offers)


def transfer(**fields: Any) -> dict[str, Any]:
    return TRANSFER | {"name": "0%"} | fields


def portfolio_of(debts: list[dict[str, Any]], offers: list[dict[str, Any]], monthly: str) -> Portfolio:
    return Portfolio.model_validate(
        {"start": "2026-12", "budget": {"monthly": monthly}, "debts": debts, "offers": offers}
    )
