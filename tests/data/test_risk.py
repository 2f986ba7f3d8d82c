"""The default assumptions follow from the figures of their sources."""

import math

import pytest

from data.answers.risk import Assumptions

USUAL = Assumptions()


def test_a_months_layoffs_over_employment_are_the_probability_of_a_loss():
    assert USUAL.income_loss.probability == pytest.approx(1.8 / 159, abs=0.0005)


def test_a_loss_lasts_the_mean_duration_of_unemployment():
    assert USUAL.income_loss.months == pytest.approx(21.2 * 7 * 12 / 365.25, abs=0.05)


def test_the_share_lost_is_that_with_and_without_insurance_in_their_proportion():
    assert USUAL.income_loss.share == pytest.approx(0.73 * 0.46 + 0.27 * 0.16, abs=0.005)


def test_bills_that_nothing_covers_are_so_many_of_those_that_four_in_ten_have():
    assert USUAL.expenses.per_month == pytest.approx(-math.log(0.6) / 12 * 0.37, abs=0.0005)


def test_a_quarter_of_an_income_is_the_median_of_bills_of_1500_dollars_in_the_mean():
    income = 1826 / 0.46
    mean = income / 4 * math.exp(USUAL.expenses.sigma**2 / 2)
    assert mean == pytest.approx(1500, rel=0.1)


def test_rates_may_move_as_far_as_three_deviations_of_where_they_settle():
    settled = USUAL.rates.volatility / math.sqrt(2 * USUAL.rates.reversion)
    assert USUAL.rates.most == pytest.approx(3 * settled, rel=0.01)
