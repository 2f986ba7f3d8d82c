"""Draws and events have the distributions that their descriptions name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.risk.draws import draw, further, normal
from agents.planner.risk.events import bills, lost_months, rate_shifts
from data.answers.risk import Expenses, IncomeLoss, RateMoves

SCENARIOS, MONTHS = 4000, 60


@pytest.fixture(scope="module")
def draws():
    return next(draw(3, SCENARIOS, MONTHS, SCENARIOS))


@given(seed=st.integers(0, 2**63 - 1), scenarios=st.integers(1, 30), block=st.integers(1, 30))
def test_blocks_of_any_size_hold_the_same_scenarios(seed, scenarios, block):
    blocks = list(draw(seed, scenarios, 7, block))
    whole = next(draw(seed, 30, 7, 30))
    for name in ("losses", "bills", "moves"):
        joined = np.concatenate([getattr(one, name) for one in blocks])
        assert np.array_equal(joined, getattr(whole, name)[:scenarios])


def test_further_numbers_are_splitmix64():
    """The first three outputs from state 1234567, as published on Rosetta Code (Splitmix64)."""
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    words = np.array([1234567], np.uint64)
    found = [float(further(words, nth)[0]) for nth in (1, 2, 3)]
    assert found == [(value >> 11) * 2.0**-53 + 2.0**-53 for value in expected]


def test_normal_numbers_have_mean_0_deviation_1_and_are_independent(draws):
    words = draws.bills.ravel()
    first, second = normal(words, 1), normal(words, 2)
    for values in (first, second):
        assert abs(values.mean()) < 0.01
        assert abs(values.std() - 1) < 0.01
        assert abs((values > 1.6449).mean() - 0.05) < 0.002
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.01


def test_losses_begin_at_their_probability_and_last_their_mean(draws):
    once = lost_months(draws.losses, IncomeLoss(probability=0.02, months=1))
    assert len(once) / draws.losses.size == pytest.approx(0.02, rel=0.05)
    starts = set(once.tolist())
    long = lost_months(draws.losses, IncomeLoss(probability=0.02, months=3))
    early = sum(1 for cell in once.tolist() if cell % MONTHS < 20)
    within = np.zeros(draws.losses.size, np.int64)
    np.add.at(within, long, 1)
    assert starts <= set(long.tolist())
    assert len(long) / len(once) == pytest.approx(3, rel=0.06)  # a little is cut off at the end
    assert early > 0


def test_a_loss_never_runs_on_into_the_next_scenario():
    words = np.full((2, 3), 2**64 - 1, np.uint64)
    words[0, 2] = 5
    assert lost_months(words, IncomeLoss(probability=0.5, months=100)).tolist() == [2]


@pytest.mark.parametrize("mean", [0.05, 0.7, 4.0])
def test_bills_are_poisson_times_log_normal(draws, mean):
    expenses = Expenses(per_month=mean, sigma=0.5)
    cells, amounts = bills(draws.bills, expenses, 100_000)
    cells, amounts = cells[amounts > 0], amounts[amounts > 0]
    each = 100_000 * np.exp(0.5**2 / 2)
    assert len(set(cells.tolist())) == len(cells)
    assert len(cells) / draws.bills.size == pytest.approx(1 - np.exp(-mean), rel=0.03)
    assert amounts.sum() / draws.bills.size == pytest.approx(mean * each, rel=0.03)
    variance = mean * 100_000**2 * np.exp(2 * 0.5**2)
    spread = np.zeros(draws.bills.size)
    spread[cells] = amounts
    assert spread.var() == pytest.approx(variance, rel=0.1)


@given(low=st.floats(0, 3), more=st.floats(0, 3))
def test_every_bill_is_still_there_where_more_are_expected(low, more):
    words = next(draw(1, 20, 10, 20)).bills
    few, many = (np.zeros(words.size), np.zeros(words.size))
    for mean, month in ((low, few), (low + more, many)):
        cells, amounts = bills(words, Expenses(per_month=mean), 1000)
        month[cells] = amounts
    assert (many >= few).all()


def test_rates_spread_as_the_yearly_process_does_and_stay_within_bounds(draws):
    rates = RateMoves(volatility=0.01, reversion=0.5, most=0.5)
    shifts = rate_shifts(draws.moves, rates) / 1e12
    assert (shifts[:, 0] == 0).all()
    for month in (12, 59):
        expected = 0.01 * np.sqrt((1 - np.exp(-2 * 0.5 * month / 12)) / (2 * 0.5))
        assert shifts[:, month].std() == pytest.approx(expected, rel=0.05)
    later = np.corrcoef(shifts[:, 40], shifts[:, 52])[0, 1]
    assert later == pytest.approx(np.exp(-0.5), abs=0.03)
    drawn_back = rate_shifts(draws.moves, RateMoves(volatility=0.01, reversion=6)) / 1e12
    assert drawn_back[:, 59].std() == pytest.approx(0.01 / np.sqrt(2 * 6), rel=0.05)
    held = rate_shifts(draws.moves, RateMoves(volatility=0.05, most=0.02))
    assert (np.abs(held).max(), held.max()) == (2 * 10**10, 2 * 10**10)
    wandering = rate_shifts(draws.moves, RateMoves(volatility=0.01, reversion=0, most=1)) / 1e12
    assert wandering[:, 48].std() == pytest.approx(0.01 * 2, rel=0.05)
