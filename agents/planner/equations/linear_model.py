"""Linear and mixed-integer models written as equations over arrays, solved by HiGHS.

Columns are arrays of places; a call of `rows` states one equation for every element of the arrays it is given.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from data.arrays import Flags, Floats, Ints

INFINITY = highspy.kHighsInf
OPTIMAL = highspy.HighsModelStatus.kOptimal
INFEASIBLE = highspy.HighsModelStatus.kInfeasible


class Solver(highspy.Highs):
    """HiGHS without its callbacks: setting them up prints a banner on standard output."""

    def enableCallbacks(self) -> None:  # noqa: N802 (the name is HiGHS's)
        """None are used."""


@dataclass(frozen=True)
class Solution:
    """What a solver found.

    Attributes:
        values: of every column, None where none was found.
        bound: no solution costs less; minus infinity where that is all that is known.
        is_optimal: true where the solver has proved it, within its tolerances.
        took_s: by the solver's clock.
        multipliers: of every row, where the solution is of a relaxation.
    """

    values: Floats | None
    bound: float
    is_optimal: bool
    took_s: float
    multipliers: Floats | None = None


NOTHING = Solution(None, -INFINITY, is_optimal=False, took_s=0.0)


@dataclass
class LinearModel:
    """min cost x, row_lower <= A x <= row_upper, lower <= x <= upper, some of x whole."""

    count: int = 0
    lower: list[Floats] = field(default_factory=list[Floats])
    upper: list[Floats] = field(default_factory=list[Floats])
    cost: list[Floats] = field(default_factory=list[Floats])
    whole: list[Floats] = field(default_factory=list[Floats])
    row_count: int = 0
    row_lower: list[Floats] = field(default_factory=list[Floats])
    row_upper: list[Floats] = field(default_factory=list[Floats])
    entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list[tuple[Ints, Ints, Floats]])

    def columns(
        self, shape: tuple[int, ...], *, lower: Any = 0.0, upper: Any = 1.0, cost: Any = 0.0, whole: Any = False
    ) -> Ints:
        """New columns of that shape, as the places they have in x."""
        places = np.arange(self.count, self.count + int(np.prod(shape, dtype=np.int64))).reshape(shape)
        self.count += places.size
        for kept, value in ((self.lower, lower), (self.upper, upper), (self.cost, cost), (self.whole, whole)):
            kept.append(np.broadcast_to(value, shape).astype(float).ravel())
        return places

    def rows(self, *terms: tuple[Any, Ints], lower: Any = -INFINITY, upper: Any = INFINITY) -> None:
        """State lower <= sum of coefficient x column <= upper, once for each element of the arrays."""
        shape = np.broadcast_shapes(
            *(np.shape(part) for term in terms for part in term), np.shape(lower), np.shape(upper)
        )
        size = int(np.prod(shape, dtype=np.int64))
        places = np.arange(self.row_count, self.row_count + size)
        self.row_count += size
        self.row_lower.append(np.broadcast_to(lower, shape).astype(float).ravel())
        self.row_upper.append(np.broadcast_to(upper, shape).astype(float).ravel())
        for coefficient, columns in terms:
            values = np.broadcast_to(coefficient, shape).astype(float).ravel()
            used = values != 0.0
            self.entries.append((places[used], np.broadcast_to(columns, shape).ravel()[used], values[used]))

    def sums(self, coefficient: Any, columns: Ints, *, lower: Any = -INFINITY, upper: Any = INFINITY) -> Ints:
        """State lower <= sum along the last axis of coefficient x column <= upper, once for each of the others.

        Gives the places of the rows.
        """
        size, width = columns.shape[0], columns.shape[1]
        rows = np.arange(self.row_count, self.row_count + size)
        self.row_count += size
        self.row_lower.append(np.broadcast_to(lower, size).astype(float))
        self.row_upper.append(np.broadcast_to(upper, size).astype(float))
        values = np.broadcast_to(coefficient, columns.shape).astype(float).ravel()
        used = values != 0.0
        self.entries.append((np.repeat(rows, width)[used], columns.ravel()[used], values[used]))
        return rows

    def assembled(self) -> "Assembled":
        """The model as one matrix; what stands twice at one place is added up."""
        rows, columns, values = (np.concatenate(parts) for parts in zip(*self.entries, strict=True))
        # Column by column, as the solver stores it; one key for both makes a single sort do.
        key, inverse = np.unique(columns * self.row_count + rows, return_inverse=True)
        return Assembled(
            cost=np.concatenate(self.cost),
            lower=np.concatenate(self.lower),
            upper=np.concatenate(self.upper),
            whole=np.concatenate(self.whole) > 0,
            row_lower=np.concatenate(self.row_lower),
            row_upper=np.concatenate(self.row_upper),
            rows=(key % self.row_count).astype(np.int32),
            columns=(key // self.row_count).astype(np.int32),
            values=np.bincount(inverse, values).astype(float, copy=False),
        )


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """A model as arrays; entries by column.

    Shapes: cost, lower, upper, whole (column,), row_lower, row_upper (row,), rows, columns, values (entry,).
    """

    cost: Floats
    lower: Floats
    upper: Floats
    whole: Flags
    row_lower: Floats
    row_upper: Floats
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    values: Floats

    def with_fixed(self, places: Flags, values: Floats) -> "Assembled":
        """The same model with the columns at `places` (a mask) held at these values."""
        return replace(self, lower=np.where(places, values, self.lower), upper=np.where(places, values, self.upper))

    def with_less(self, rows: Ints, less: float) -> "Assembled":
        """The same model with the upper sides of these rows lowered."""
        upper = self.row_upper.copy()
        upper[rows] -= less
        return replace(self, row_upper=upper)

    def with_lacking(self, rows: Ints, cost: float) -> "Assembled":
        """The same model with a last column for each of these rows, by which its upper side may be passed at a cost."""
        size = len(rows)
        return replace(
            self,
            cost=np.append(self.cost, np.full(size, cost)),
            lower=np.append(self.lower, np.zeros(size)),
            upper=np.append(self.upper, np.full(size, INFINITY)),
            whole=np.append(self.whole, np.zeros(size, bool)),
            rows=np.append(self.rows, rows).astype(np.int32),
            columns=np.append(self.columns, len(self.cost) + np.arange(size)).astype(np.int32),
            values=np.append(self.values, np.full(size, -1.0)),
        )

    def relaxation(self, *, time_limit_s: float = 60.0) -> Solution:
        """The model without its whole numbers; the bound holds whatever the solver's rounding (see `dual_bound`)."""
        solver = self._solver(relaxed=True, options={"time_limit": time_limit_s})
        if solver is None:
            return NOTHING
        solver.run()
        status = solver.getModelStatus()
        if status == INFEASIBLE:
            return Solution(None, INFINITY, is_optimal=True, took_s=solver.getRunTime())
        found = solver.getSolution()
        multipliers = np.array(found.row_dual) if found.dual_valid else None
        bound = -INFINITY if multipliers is None else self.dual_bound(multipliers)
        values = np.array(found.col_value) if status == OPTIMAL else None
        return Solution(values, bound, status == OPTIMAL, solver.getRunTime(), multipliers)

    def dual_bound(self, multipliers: Floats) -> float:
        """A lower bound from any row multipliers y: sum of y times the row's side, and what is left at its cheapest.

        y_r >= 0 is weighed with the row's lower side, y_r < 0 with its upper; the reduced cost c - A'y of each column
        with the side of its box that makes it least. It holds for every y, so a solver's tolerances cannot spoil it.

        Source: Neumaier and Shcherbina 2004, "Safe bounds in linear and mixed-integer linear programming".
        """
        side = np.where(multipliers > 0, self.row_lower, self.row_upper)
        # A side that is infinite cannot be weighed: its multiplier is dropped, which the theorem allows.
        sure = np.where(np.isfinite(side), multipliers, 0.0)
        priced = np.bincount(self.columns, self.values * sure[self.rows], len(self.cost))
        reduced = self.cost - priced
        box = np.where(reduced > 0, self.lower, self.upper)
        return float(sure @ np.where(np.isfinite(side), side, 0.0) + reduced @ np.where(reduced == 0, 0.0, box))

    def solve(
        self, start: Floats | None, *, time_limit_s: float, gap: float, cutoff: float = INFINITY, options: Any = None
    ) -> Solution:
        """The model with its whole numbers, from a start (NaN where not known): the best found, and the bound.

        What costs more than `cutoff` is not looked for, and the bound is no higher.
        """
        # Restarts would forget the start that is given; the cutoff ends branches that cannot be better.
        usual = {"time_limit": time_limit_s, "mip_rel_gap": gap, "mip_allow_restart": False, "objective_bound": cutoff}
        solver = self._solver(relaxed=False, options=usual | (options or {}))
        if solver is None:
            return NOTHING
        if start is not None:
            # Only whole numbers that are known: the solver finds the others.
            places = np.flatnonzero(self.whole & ~np.isnan(start))
            solver.setSolution(len(places), places.astype(np.int32), start[places])
        solver.run()
        status = solver.getModelStatus()
        # Infeasible below the cutoff: so nothing costs less than that.
        if status == INFEASIBLE:
            return Solution(None, cutoff, is_optimal=True, took_s=solver.getRunTime())
        info = solver.getInfo()
        has_values = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        values = np.array(solver.getSolution().col_value) if has_values else None
        bound = min(float(info.mip_dual_bound), cutoff)
        return Solution(values, bound, is_optimal=status == OPTIMAL, took_s=solver.getRunTime())

    def _solver(self, *, relaxed: bool, options: dict[str, Any]) -> Any:
        solver = Solver()
        # One thread and a fixed seed: the same question gives the same answer.
        for name, value in {"output_flag": False, "threads": 1, "random_seed": 0, **options}.items():
            solver.setOptionValue(name, value)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self.cost), len(self.row_lower)
        program.col_cost_, program.col_lower_, program.col_upper_ = self.cost, self.lower, self.upper
        program.row_lower_, program.row_upper_ = self.row_lower, self.row_upper
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kColwise
        matrix.start_ = np.searchsorted(self.columns, np.arange(len(self.cost) + 1)).astype(np.int32)
        matrix.index_, matrix.value_ = self.rows, self.values
        if not relaxed and self.whole.any():
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            program.integrality_ = [kinds[int(one)] for one in self.whole]
        if solver.passModel(program) == highspy.HighsStatus.kError:
            return None  # a number in it is beyond what the solver takes
        return solver
