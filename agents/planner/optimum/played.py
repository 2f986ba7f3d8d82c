"""Plans as the kernel plays them, and the way between them and a solution of the equations."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.equations.least_cost import LeastCost
from agents.planner.kernel.layout import CLOSE, CLOSING, MINIMUM, OPENING, PAID_OFF, PAYMENT
from data.answers.plan import Strategy
from data.arrays import Flags, Floats, Ints

PROVED_GAP = 1e-4
NO_ROWS = np.empty((0, 0, 6), np.int64)


@dataclass(frozen=True)
class Played:
    """A plan as the kernel played it: its `layout.RESULT` record and its rows (month, debt, 6).

    `none_missed` says that it counts for nothing if it misses a minimum.
    """

    result: Any
    rows: Ints
    none_missed: bool = False

    @property
    def ends(self) -> bool:
        """True where everything is paid off, without what may not be missed."""
        return int(self.result["status"]) == PAID_OFF and not (self.none_missed and self.result["missed"])

    @property
    def worth(self) -> tuple[int, int, int]:
        """The least is best: what ends before what does not, then what is paid (or still owed), then the months."""
        if self.ends:
            return 0, int(self.result["paid"]), int(self.result["months"])
        return 1, int(self.result["owed"]), 0


@dataclass(frozen=True)
class Optimum:
    """The best plan found, and what is known of all others.

    Attributes:
        bound: no plan that pays all debts off pays less in total, in minor units.
        gap: (total paid - bound) / total paid; None where the plan never ends.
        proved: the gap is at most 0.01 %, or what roundings can explain.
        value: what the cheapest solution of the equations costs, before it is played; infinite where none was found.
        cents: by how much roundings to minor units may move what a solution costs, either way.
    """

    played: Played
    bound: int
    gap: float | None
    proved: bool
    value: float = np.inf
    cents: float = 0.0

    def with_bound(self, bound: float, cents: float) -> "Optimum":
        """The same plan against another bound."""
        return against(self.played, bound, cents)


def against(best: Played, bound: float, cents: float, value: float = np.inf) -> Optimum:
    """A plan against a bound, roundings having moved that by so much at most."""
    if not best.ends:
        return Optimum(best, max(ceil(bound), 0), None, proved=False)
    paid = int(best.result["paid"])
    # No bound may lie above a plan that was played: roundings alone could put it there.
    whole = min(max(ceil(bound), 0), paid)
    proved = bool(paid - whole <= max(PROVED_GAP * paid, 2 * cents))
    return Optimum(best, whole, (paid - whole) / paid if paid else 0.0, proved, value, 2 * cents)


def best_strategy(arrays: PortfolioArrays, strategies: Sequence[Strategy], *, none_missed: bool = False) -> Played:
    """The plan of the best strategy."""
    results = simulate(arrays, strategies)[0]
    ranked = [(Played(result, NO_ROWS, none_missed).worth, place) for place, result in enumerate(results)]
    place = min(ranked)[1]
    rows = simulate_rows(arrays, strategies[place], int(results[place]["months"]))
    return Played(results[place], rows, none_missed)


@dataclass(frozen=True)
class Wanted:
    """What a solution wants paid, in minor units.

    Attributes:
        paid: amounts (month, debt).
        missed: where a minimum is missed (month, debt).
        closed: where nothing is owed after the month (month, debt).
    """

    paid: Floats
    missed: Flags
    closed: Flags

    @property
    def targets(self) -> Ints:
        """As the kernel takes them (month, debt)."""
        paid = np.rint(self.paid).astype(np.int64)
        return np.where(self.closed, CLOSE, np.where(self.missed, -1 - paid, paid))


def wanted_by(equations: LeastCost, values: Floats) -> Wanted:
    """What a solution of the equations wants paid."""
    left = values[equations.b[1:]] * equations.unit
    decided = equations.costs_while_open() & (values[equations.z[1:]] < 0.5)
    closed = np.logical_or.accumulate((left < 1.0) | decided, axis=0)
    return Wanted(values[equations.p] * equations.unit, values[equations.m] > 0.5, closed)


def start_of(equations: LeastCost, rows: Ints) -> Floats:
    """A plan that was played, as the whole columns of the equations; the solver finds the others."""
    months, count = equations.p.shape
    # Months after the last row are closed and cost nothing.
    values = np.zeros(equations.model.count)
    known = np.zeros((months, count, 6), np.int64)
    known[: len(rows)] = rows[:months]
    values[equations.z[0]] = known[0, :, OPENING] > 0
    values[equations.z[1:]] = known[:, :, CLOSING] > 0
    missed = known[:, :, PAYMENT] < known[:, :, MINIMUM]
    values[equations.m] = missed
    values[equations.s] = missed.any(axis=1) & (not equations.reading.misses_free)
    return values
