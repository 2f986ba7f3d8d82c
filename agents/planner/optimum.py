"""The least-cost plan of a portfolio, with a proved lower bound on what any plan costs.

The best strategy is the start; the equations' relaxation gives a bound, and where whole numbers matter HiGHS branches.
What a solver finds are targets: the kernel plays them in cents, and only what it plays counts. Never worse than any
strategy. Knows nothing of the wire.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.planner.arrays import PortfolioArrays
from agents.planner.layout import CLOSE, CLOSING, HORIZON, MINIMUM, OPENING, PAID_OFF, PAYMENT
from agents.planner.least_cost import LeastCost, Reading
from agents.planner.simulation import simulate, simulate_rows, simulate_targets
from agents.planner.strategies import FREE_TARGETS, TARGETS, UNPROTECTED_TARGETS
from agents.planner.terms import Terms, terms_of
from data.plan import Strategy

Array = np.ndarray[Any, Any]
HEURISTICS = tuple(Strategy)
GAP = 1e-4
MIP_GAP = 2e-5


def read_back(equations: LeastCost, values: Array) -> Array:
    """A solution as the kernel's targets, in minor units.

    Shapes: (month, debt).
    """
    paid = np.rint(values[equations.p] * equations.unit).astype(np.int64)
    left = values[equations.b[1:]] * equations.unit
    closes = np.logical_or.accumulate(left < 1.0, axis=0)
    missed = values[equations.m] > 0.5
    return np.where(closes, CLOSE, np.where(missed, -1 - paid, paid))


def start_of(equations: LeastCost, rows: Array) -> Array:
    """A plan that was played, as the whole columns of the equations; the solver finds the others."""
    months, count = equations.p.shape
    values = np.zeros(equations.model.count)
    known = np.zeros((months, count, 6), np.int64)
    known[: len(rows)] = rows[:months]
    values[equations.z[0]] = known[0, :, OPENING] > 0
    values[equations.z[1:]] = known[:, :, CLOSING] > 0
    missed = known[:, :, PAYMENT] < known[:, :, MINIMUM]
    values[equations.m] = missed
    values[equations.s] = missed.any(axis=1) & (not equations.reading.misses_free)
    return values
