"""The outcomes of many scenarios under one strategy: each one's end, what all owe month by month, and quantiles.

A quantile is the smallest value that at least so many scenarios do not exceed: numpy's `inverted_cdf`, without its
floats. What never ends counts as more than any amount.
"""

from dataclasses import dataclass

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.arrays.simulation import simulate_owed
from agents.planner.kernel.layout import HORIZON, PAID_OFF
from data.answers.plan import Strategy
from data.arrays import Floats, Ints

PERCENTS = (5, 25, 50, 75, 95)
ENDLESS = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of scenarios, one entry each; months, interest and paid are `ENDLESS` where a plan never ends.

    Units: minor units. Shapes: (scenario,), owed (month, scenario).
    """

    months: Ints
    interest: Ints
    paid: Ints
    missed: Ints
    owed: Ints


def room_for(scenarios: int, months: int) -> Outcomes:
    """Outcomes that are to be filled in."""
    ends, interest, paid, missed = (np.empty(scenarios, np.int64) for _ in range(4))
    return Outcomes(ends, interest, paid, missed, np.empty((months, scenarios), np.int64))


def keep(outcomes: Outcomes, first: int, arrays: PortfolioArrays, strategy: Strategy) -> None:
    """Play each scenario to its end, and fill in its outcome, from place `first` on."""
    results, owed = simulate_owed(arrays, strategy, len(outcomes.owed), horizon=HORIZON)
    here, ended = slice(first, first + len(results)), results["status"] == PAID_OFF
    for kept, field in ((outcomes.months, "months"), (outcomes.interest, "interest"), (outcomes.paid, "paid")):
        kept[here] = np.where(ended, results[field].astype(np.int64), ENDLESS)
    outcomes.missed[here] = results["missed"]
    for stopped in np.flatnonzero(~ended & (results["months"] < owed.shape[1])):  # past what can be reckoned
        owed[stopped, results["months"][stopped] :] = results["owed"][stopped]
    # By month, as quantiles are taken: the scenarios of a month lie side by side.
    outcomes.owed[:, here] = owed.T


def quantiles(values: Ints) -> Ints:
    """The five quantiles along the last axis, whose values it puts into another order.

    Shapes: (…, scenario) to (…, 5).
    """
    scenarios = values.shape[-1]
    places = [-(-percent * scenarios // 100) - 1 for percent in PERCENTS]
    # Only these places are put in order: much less work than sorting all.
    values.partition(places, axis=-1)
    return values[..., places]


def debt_free_shares(ends: Ints, months: int) -> Floats:
    """The share of scenarios that owe nothing at the end of month 1, 2, 3 …, from the months each takes.

    Shapes: ends (scenario,) to (month,).
    """
    counts = np.bincount(np.clip(ends, 1, months + 1), minlength=months + 2)
    return np.cumsum(counts[1 : months + 1]) / len(ends)
