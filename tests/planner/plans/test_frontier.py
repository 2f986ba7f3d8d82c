"""The frontier: every point is a plan, its ends are what they say, and more money is never later where that holds."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agents.planner.plans.flat_budgets import with_flat_budget
from agents.planner.plans.frontier import frontier
from agents.planner.plans.planning import plan
from data.answers.plan import ORDERS, Strategy
from data.money import to_minor
from data.portfolio.portfolio import Portfolio
from tests.planner.cases import cases

EACH = st.sampled_from(ORDERS)


@cases(30)
@given(data=st.data(), strategy=EACH)
def test_each_point_is_the_plan_of_its_budget(portfolios, data, strategy):
    portfolio = data.draw(portfolios.portfolios(most=3))
    points = frontier(portfolio, strategy, points=3).points
    for point in (points[0], points[len(points) // 2], points[-1]):
        made = plan(with_flat_budget(portfolio, to_minor(point.monthly, portfolio.currency)), strategy, schedule=False)
        assert (point.months, point.debt_free) == (made.months, made.debt_free)
        assert (point.interest, point.fees) == (made.total_interest, made.total_fees)
        assert point.total_paid == made.total_paid
        assert made.missed == []


@given(data=st.data())
def test_more_money_is_never_later_for_avalanche_where_only_interest_costs(portfolios, data):
    points = frontier(data.draw(portfolios.plain_portfolios())).points
    for less, more in pairwise(points):
        assert less.monthly < more.monthly
        assert (more.months or 9999) <= (less.months or 9999)


@given(data=st.data(), strategy=EACH)
def test_it_begins_with_the_least_that_covers_every_minimum_and_ends_soonest(portfolios, data, strategy):
    portfolio = data.draw(portfolios.portfolios(most=3))
    points = frontier(portfolio, strategy, points=5).points
    soonest = plan(with_flat_budget(portfolio, 10**16), strategy, schedule=False).months
    assert points[-1].months == soonest
    least = to_minor(points[0].monthly, portfolio.currency)
    if least > 1:
        assert plan(with_flat_budget(portfolio, least - 1), strategy, schedule=False).missed


VISA = {"name": "Visa", "balance": "1200", "apr": 0, "minimum": {"type": "fixed", "amount": "100"}}


def test_the_budgets_at_which_the_months_change_are_among_the_points():
    points = frontier(portfolio_of([VISA]), points=2).points
    assert [(int(point.monthly), point.months) for point in points] == [
        (100, 12), (109, 11), (120, 10), (133, 9), (150, 8), (171, 7),
        (200, 6), (240, 5), (300, 4), (400, 3), (600, 2), (1200, 1),
    ]  # fmt: skip


def test_what_takes_no_more_than_its_minimums_has_one_point():
    assert len(frontier(portfolio_of([VISA]), Strategy.MINIMUM_ONLY).points) == 1


def test_nothing_owed_is_one_point_of_nothing():
    (point,) = frontier(portfolio_of([{**VISA, "balance": 0}])).points
    assert (point.months, point.total_paid) == (0, 0)


def portfolio_of(debts: list[dict[str, Any]]) -> Portfolio:
    return Portfolio.model_validate({"start": "2026-12", "debts": debts})
