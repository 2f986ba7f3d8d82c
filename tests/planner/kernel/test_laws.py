"""What holds for every portfolio, over generated ones that use all rules together."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.kernel.layout import CLOSING, FEES, INTEREST, MINIMUM, OPENING, PAID_OFF, PAYMENT
from agents.planner.plans.planning import compare, plan
from data.answers.plan import ORDERS, Strategy
from tests.planner.cases import cases

EACH = st.sampled_from(ORDERS)
MONTHS = 60


@cases(400)
@given(data=st.data(), strategy=EACH)
def test_books_balance_for_every_debt_and_month_and_for_the_plan(portfolios, data, strategy):
    made = plan(data.draw(portfolios.portfolios()), strategy)
    for row in made.schedule:
        assert row.opening + row.interest + row.fees == row.payment + row.closing
    for debt in made.debts:
        rows = [row for row in made.schedule if row.debt == debt.name]
        for before, after in pairwise(rows):
            assert before.closing == after.opening
        assert debt.paid == sum(row.payment for row in rows)
        assert debt.interest == sum(row.interest for row in rows)
        assert debt.fees == sum(row.fees for row in rows)
    assert made.total_paid == sum(debt.paid for debt in made.debts)
    assert made.total_interest == sum(debt.interest for debt in made.debts)
    assert made.total_fees == sum(debt.fees for debt in made.debts)


@cases(350)
@given(data=st.data(), strategy=EACH)
def test_no_amount_is_negative_and_no_payment_above_what_is_owed(portfolios, data, strategy):
    rows = simulate_rows(from_portfolios([data.draw(portfolios.portfolios())]), strategy, MONTHS)
    assert (rows >= 0).all()
    owed = rows[:, :, OPENING] + rows[:, :, INTEREST] + rows[:, :, FEES]
    assert (rows[:, :, PAYMENT] <= owed).all()
    assert (rows[:, :, PAYMENT] + rows[:, :, CLOSING] == owed).all()


@cases(350)
@given(data=st.data(), strategy=EACH)
def test_a_minimum_is_missed_only_where_the_money_does_not_cover_them_all(portfolios, data, strategy):
    rows = simulate_rows(from_portfolios([data.draw(portfolios.portfolios())]), strategy, MONTHS)
    short = (rows[:, :, PAYMENT] < rows[:, :, MINIMUM]).any(axis=1)  # (month,)
    above = (rows[:, :, PAYMENT] > rows[:, :, MINIMUM]).any(axis=1)
    assert not (short & above).any()


@cases(250)
@given(data=st.data())
def test_a_batch_equals_its_portfolios_one_by_one(portfolios, data):
    many = data.draw(st.lists(portfolios.portfolios(most=3), min_size=1, max_size=4))
    together = simulate(from_portfolios(many), ORDERS)
    alone = [simulate(from_portfolios([one]), ORDERS)[0] for one in many]
    for name in ("paid", "interest", "fees", "months", "missed", "status", "owed"):
        assert np.array_equal(together[name], np.stack(alone)[name])


@cases(150)
@given(data=st.data(), more=st.integers(1, 50_000))
def test_more_money_is_never_later_for_avalanche_at_constant_rates(portfolios, data, more):
    portfolio = data.draw(portfolios.plain_portfolios())
    before, after = plan_months(portfolio), plan_months(with_more(portfolio, more))
    assert after <= before


def plan_months(portfolio):
    result = simulate(from_portfolios([portfolio]), [Strategy.AVALANCHE])[0, 0]
    return int(result["months"]) if result["status"] == PAID_OFF else 10_000


def with_more(portfolio, cents):
    monthly = portfolio.budget.monthly + type(portfolio.budget.monthly)(cents) / 100
    return portfolio.model_copy(update={"budget": portfolio.budget.model_copy(update={"monthly": monthly})})


@cases(60)
@given(data=st.data())
def test_the_best_plan_ends_if_any_does_and_none_that_ends_costs_less(portfolios, data):
    compared = compare(data.draw(portfolios.portfolios(most=3)), ORDERS)
    best = next(made for made in compared.plans if made.strategy == compared.best)
    ended = [made for made in compared.plans if made.months is not None]
    assert (best.months is not None) == bool(ended)
    assert all((best.total_paid, best.months) <= (made.total_paid, made.months) for made in ended)


@cases(60)
@given(data=st.data())
def test_savings_are_the_difference_of_what_is_paid(portfolios, data):
    plans = {made.strategy: made for made in compare(data.draw(portfolios.portfolios(most=3)), ORDERS).plans}
    minimum = plans["minimum_only"]
    for made in plans.values():
        both_end = made.months is not None and minimum.months is not None
        assert made.saved_vs_minimum == (minimum.total_paid - made.total_paid if both_end else None)
