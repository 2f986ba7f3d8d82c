"""The least-cost plan of a portfolio, with a proved lower bound on what any plan costs.

The best strategy is the start; the relaxation of the equations gives a bound, and where whole numbers matter HiGHS
branches. What a solver finds are targets: the kernel plays them in cents, and only what it plays counts. Never worse
than any strategy. Knows nothing of the wire; the only clock is the solver's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.arrays.simulation import simulate, simulate_rows, simulate_targets
from agents.planner.equations.columns import Reading
from agents.planner.equations.least_cost import LeastCost
from agents.planner.equations.linear_model import Assembled, Solution
from agents.planner.equations.terms import terms_of
from agents.planner.kernel.layout import CLOSE, CLOSING, MINIMUM, OPENING, PAID_OFF, PAYMENT
from agents.planner.kernel.strategies import FREE_TARGETS, TARGETS, UNPROTECTED_TARGETS
from agents.planner.optimum.decomposition import add_prices, decompose
from agents.planner.optimum.limits import Search
from agents.planner.optimum.short_months import MOST_LACKING, Case, cases_of
from data.answers.plan import Strategy

Array = np.ndarray[Any, Any]
PROVED_GAP = 1e-4
SOLVER_GAP = 2e-5  # well below what is called proved
PRICING = 0.2  # of the time at most, where minimums may be missed
DECIDED = 0.02  # of a debt's ways: where fewer differ, the mix is decided on a miss
SLICE_S = 1.5
TRYING_S = 1.0
STARTING = 0.15  # of the time, where misses are free, for the plan to start from
KEPT_BACK = (0.5, 2.0)  # minor units a debt
SOLVER_ERROR = 1e-6  # of a bound found by branching: the solver's tolerances
MOST_CELLS = 6_000  # months x debts in one set of equations; later months are taken at their cheapest
LONG = 120  # months looked at where no strategy ends
NO_ROWS = np.empty((0, 0, 6), np.int64)
FAR_ABOVE = 100  # times what is owed: where no strategy ends, no plan of interest costs so much


@dataclass(frozen=True)
class Played:
    """A plan as the kernel played it: its `layout.RESULT` record and its rows (month, debt, 6).

    `none_missed` says that it does not count if it misses a minimum.
    """

    result: Any
    rows: Array
    none_missed: bool = False

    @property
    def worth(self) -> tuple[int, int, int]:
        """The least is best: what ends before what does not, then what is paid (or still owed), then the months."""
        if int(self.result["status"]) == PAID_OFF and not (self.none_missed and self.result["missed"]):
            return 0, int(self.result["paid"]), int(self.result["months"])
        return 1, int(self.result["owed"]), 0


@dataclass(frozen=True)
class Optimum:
    """The best plan found, and what is known of all others.

    Attributes:
        bound: no plan that pays all debts off pays less in total, in minor units.
        gap: (total paid - bound) / total paid; None where the plan never ends.
        proved: the gap is at most 0.01 %, or what roundings can explain.
    """

    played: Played
    bound: int
    gap: float | None
    proved: bool

    def with_bound(self, bound: float, cents: float) -> "Optimum":
        """The same plan against another bound."""
        return _optimum(self.played, bound, cents)


@dataclass(frozen=True)
class Known:
    """What is known before a search.

    Attributes:
        below: a plan; those that cost no less are not looked for.
        enough: a plan that costs no more, but for roundings, is good enough.
        is_open: which debts are open in a plan to begin with, as `LeastCost.z` (month + 1, debt).
    """

    below: Played
    enough: float
    is_open: Array | None = None


def optimum(
    arrays: PortfolioArrays, strategies: Sequence[Strategy], search: Search, known: Known | None = None
) -> Optimum:
    """The least-cost plan of a single portfolio, never worse than any of the strategies."""
    best = best_strategy(arrays, strategies, none_missed=search.none_missed)
    if int(arrays.portfolios["budgets"][0]) == 0 or len(best.rows) == 0:  # minimums only: there is nothing to choose
        return _optimum(best, float(best.result["paid"]) if best.worth[0] == 0 else _owed(arrays), 0.0)
    if search.misses_free:  # a plan that misses only what it must is the best start
        first = replace(search, misses_free=False, time_limit_s=search.time_limit_s * STARTING)
        search = replace(search, time_limit_s=search.time_limit_s * (1 - STARTING))
        best = optimum(arrays, strategies, first).played
    hunt = _Hunt(arrays, search, best, known)
    found = hunt.run()
    if best.worth[0] == 1 and hunt.best.worth[0] == 0:  # it ends after all: now its cost is the ceiling
        return _Hunt(arrays, search, hunt.best, known).run()
    return found


def best_strategy(arrays: PortfolioArrays, strategies: Sequence[Strategy], *, none_missed: bool = False) -> Played:
    """The plan of the best strategy."""
    results = simulate(arrays, strategies)[0]
    ranked = [(Played(result, NO_ROWS, none_missed).worth, place) for place, result in enumerate(results)]
    place = min(ranked)[1]
    rows = simulate_rows(arrays, strategies[place], int(results[place]["months"]))
    return Played(results[place], rows, none_missed)


def _owed(arrays: PortfolioArrays) -> float:
    return float(arrays.debts["balance"].sum())


def _optimum(best: Played, bound: float, cents: float) -> Optimum:
    if best.worth[0] == 1:
        return Optimum(best, max(ceil(bound), 0), None, proved=False)
    paid = int(best.result["paid"])
    whole = min(max(ceil(bound), 0), paid)
    proved = bool(paid - whole <= max(PROVED_GAP * paid, 2 * cents))
    return Optimum(best, whole, (paid - whole) / paid if paid else 0.0, proved=proved)


class _Hunt:
    """One search: the best plan so far and the best bound so far."""

    def __init__(self, arrays: PortfolioArrays, search: Search, best: Played, known: Known | None) -> None:
        self.arrays, self.search, self.best = arrays, search, best
        self.enough, self.is_open = (0.0, None) if known is None else (known.enough, known.is_open)
        self.values: Array | None = None  # the cheapest solution in whole numbers
        self.bound, self.cents = _owed(arrays), 0.0  # what is owed must be paid
        least = min(best, known.below if known else best, key=lambda played: played.worth)
        self.ends = ends = least.worth[0] == 0
        months = int(least.result["months"]) + 1 if ends else LONG
        self.months = max(min(months, MOST_CELLS // len(arrays.debts)), 1)
        self.ceiling = float(least.result["paid"]) if ends else _owed(arrays) * FAR_ABOVE

    def _reading(self, rounding: float = 1.0) -> Reading:
        free, protect = self.search.misses_free, self.search.protect_secured
        return Reading(rounding=rounding, misses_free=free, protect_secured=protect)

    def _code(self) -> int:
        """How the kernel plays targets."""
        if self.search.misses_free:
            return FREE_TARGETS
        return TARGETS if self.search.protect_secured else UNPROTECTED_TARGETS

    def run(self) -> Optimum:
        """Relax, and branch where that is not near enough."""
        free, none = self.search.misses_free, self.search.none_missed
        self.terms = terms_of(self.arrays, self.months, misses_free=free, none_missed=none)
        self.equations = LeastCost(self.arrays, self.terms, self.ceiling, self._reading())
        model = self.equations.model.assembled()
        relaxed = model.relaxation(time_limit_s=self.search.time_limit_s)
        self._learn(relaxed.bound * self.equations.unit * (1 - 1e-9))
        self.cents = self._cents(relaxed)
        self._play(self.equations, relaxed.values)
        if self.is_open is not None and not self.terms.short.any() and not self._is_near():
            self._play_decided(model, self._opened(self.is_open))
        left_s = self.search.time_limit_s - relaxed.took_s
        if self.ends and model.whole.any() and left_s > 0 and not self._is_near():
            if self.terms.short.any():
                self._choose_misses(relaxed, left_s)
            else:
                self._branch(model, left_s)
        return _optimum(self.best, self.bound, self.cents)

    def _opened(self, is_open: Array) -> Array:
        """A solution in which these debts are open, as far as it is known; only its whole numbers count."""
        values, z = np.zeros(self.equations.model.count), self.equations.z
        months = min(len(z), len(is_open))
        values[z[:months]] = is_open[:months]
        return values

    def _choose_misses(self, relaxed: Solution, left_s: float) -> None:
        """Price each debt by itself, which narrows the bound; branch on all misses, and on what that leaves open."""
        self.priced = decompose(self.equations, relaxed, time_limit_s=left_s * PRICING)
        self._learn(self.priced.best.bound * self.equations.unit * (1 - SOLVER_ERROR))
        add_prices(self.equations, self.priced.best)
        model = self.equations.model.assembled()
        left_s -= self.priced.took_s
        cases = [] if self.search.misses_free else cases_of(self.equations, most_s=left_s * PRICING)
        if cases:
            left_s -= self._choose_fates(cases, model, left_s)
        free = ((self._branch_undecided, 0.7), (self._missed_anew, 1.0))
        usual = ((self._branch, 0.75), (self._branch_undecided, 1.0))
        for step, share in free if self.search.misses_free else usual:
            if left_s > 0 and not self._is_near():
                left_s -= max(step(model, left_s * share), 0.01)

    def _choose_fates(self, cases: list[Case], model: Assembled, left_s: float) -> float:
        """Try what may become of the debts in the months that fall short, the cheapest first; the time it took."""
        took_s = 0.0
        for case in cases:
            took_s += case.price(self.priced.best.price) + case.choose(time_limit_s=max(left_s - took_s, 0.1))
        while took_s < left_s and not self._is_near():
            enough = self._paid() * (1 - SOLVER_GAP)
            open_cases = [case for case in cases if case.choice is not None and case.bound < enough]
            if not open_cases:
                break
            case = min(open_cases, key=lambda one: one.bound)
            took_s += self._try(case, model, min(left_s - took_s, TRYING_S))
            took_s += case.choose(time_limit_s=max(left_s - took_s, 0.1))
        lowest = min(min(case.bound, case.tried) for case in cases)
        self._learn(lowest * self.equations.unit * (1 - SOLVER_ERROR))
        return took_s

    def _try(self, case: Case, model: Assembled, left_s: float) -> float:
        """Play the best plan of the cheapest choice, and learn from its multipliers; the time it took."""
        e, chosen = self.equations, case.chosen(model)
        relaxed = chosen.with_lacking(e.of_money, MOST_LACKING).relaxation(time_limit_s=left_s)
        bound, took_s = relaxed.bound, relaxed.took_s
        if relaxed.values is not None and relaxed.values[model.whole.size :].max() > 1e-7:
            alone = chosen.relaxation(time_limit_s=left_s)
            bound, took_s = max(bound, alone.bound), took_s + alone.took_s
        elif bound < self._paid():
            branched = chosen.solve(None, time_limit_s=left_s, gap=SOLVER_GAP)
            self._keep(model, branched.values)
            bound, took_s = max(bound, branched.bound), took_s + branched.took_s
        case.learn(bound)
        if relaxed.multipliers is not None:
            price = -relaxed.multipliers[e.of_money]
            price[case.months] -= relaxed.multipliers[e.of_spending] * case.is_short
            took_s += case.price(price)
        return max(took_s, 0.01)

    def _paid(self) -> float:
        """What the best plan pays, in the equations' unit."""
        return float(self.best.result["paid"]) / self.equations.unit

    def _branch(self, model: Assembled, left_s: float) -> float:
        """Branch for so long at most, from the best plan so far; the time it took."""
        branched = model.solve(self._start(), time_limit_s=left_s, gap=SOLVER_GAP)
        self._learn(branched.bound * self.equations.unit * (1 - SOLVER_ERROR))
        self._keep(model, branched.values)
        return branched.took_s

    def _branch_undecided(self, model: Assembled, left_s: float) -> float:
        """Branch where the mix of all debts' cheapest ways misses a minimum in part; keep to it elsewhere."""
        e, missed = self.equations, self.priced.missed
        decided = e.m[(np.abs(missed - np.rint(missed)) <= DECIDED) & self.terms.short[:, None] & (e.due > 0)]
        values = np.zeros(model.whole.size)
        values[e.m] = np.rint(missed)
        held = np.isin(np.arange(model.whole.size), decided)
        found = model.with_fixed(held, values).solve(self.values, time_limit_s=left_s, gap=SOLVER_GAP)
        self._keep(model, found.values)
        return found.took_s

    def _missed_anew(self, model: Assembled, left_s: float) -> float:
        """Choose anew which minimums are missed, in one short month after another, until no month is bettered.

        All other months keep theirs; which debts are open, and all payments, are free.
        """
        e, short, took_s = self.equations, np.flatnonzero(self.terms.short), 0.0
        place, unbettered = 0, 0
        while self.values is not None and unbettered < len(short) and took_s < left_s and not self._is_near():
            t = short[place]
            others = np.concatenate([np.delete(e.m, t, 0).ravel(), np.delete(e.s, t)])
            held = np.isin(np.arange(model.whole.size), others)
            limit_s = min(left_s - took_s, SLICE_S)
            before = self.values
            found = model.with_fixed(held, np.rint(before)).solve(before, time_limit_s=limit_s, gap=SOLVER_GAP)
            took_s += max(found.took_s, 0.01)
            self._keep(model, found.values)
            place, unbettered = (place + 1) % len(short), 0 if self.values is not before else unbettered + 1
        return took_s

    def _start(self) -> Array | None:
        if self.values is not None:
            return self.values
        return start_of(self.equations, self.best.rows)

    def _keep(self, model: Assembled, values: Array | None) -> None:
        """Play what was found, and remember it where it is the cheapest yet."""
        if values is not None and (self.values is None or model.cost @ values < model.cost @ self.values - 1e-6):
            self.values = values
            self._polish(model, values)

    def _cents(self, relaxed: Solution) -> float:
        """By how much the bound would be higher if nothing were rounded; roundings cost a plan no more than that."""
        if relaxed.multipliers is None:
            return 0.0
        exact = LeastCost(self.arrays, self.terms, self.ceiling, self._reading(0.0))
        bound = exact.model.assembled().dual_bound(relaxed.multipliers)
        return max(bound - relaxed.bound, 0.0) * exact.unit

    def _learn(self, bound: float) -> None:
        """A plan beyond the equations' caps costs the ceiling at least."""
        self.bound = max(self.bound, min(bound, self.ceiling) - 1e-3)

    def _is_near(self) -> bool:
        paid = int(self.best.result["paid"])
        least = max(self.bound, self.enough)
        is_near = self.best.worth[0] == 0 and paid - least <= max(SOLVER_GAP * paid, 1.5 * self.cents)
        return is_near or (self.ends and self.bound >= self.ceiling * (1 - SOLVER_GAP))  # then none is cheaper

    def _play(self, equations: LeastCost, values: Array | None) -> None:
        if values is not None:
            result, rows = simulate_targets(self.arrays, targets_of(equations, values), self._code())
            self.best = min(self.best, Played(result, rows, self.search.none_missed), key=lambda played: played.worth)

    def _polish(self, model: Assembled, values: Array) -> None:
        """Play them; and the same decisions so that what closes in the equations does in cents."""
        self._play(self.equations, values)
        self._play_decided(model, values)

    def _play_decided(self, model: Assembled, values: Array) -> None:
        """Play what costs least with the whole numbers of a solution, every rounding against the client."""
        strict = LeastCost(self.arrays, self.terms, self.ceiling, self._reading(-1.0))
        fixed = strict.model.assembled().with_fixed(model.whole, np.rint(values))
        self._play(strict, fixed.relaxation(time_limit_s=self.search.time_limit_s).values)
        self._play_kept_back(model, values)

    def _play_kept_back(self, model: Assembled, values: Array) -> None:
        """Play the same decisions, roundings as they come, with a little of each month's money kept for them."""
        exact = LeastCost(self.arrays, self.terms, self.ceiling, self._reading(0.0))
        fixed = exact.model.assembled().with_fixed(model.whole, np.rint(values))
        for cents in KEPT_BACK:
            if self._is_near():
                break
            less = fixed.with_less(exact.of_money, cents * len(self.arrays.debts) / exact.unit)
            self._play(exact, less.relaxation(time_limit_s=self.search.time_limit_s).values)


def targets_of(equations: LeastCost, values: Array) -> Array:
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
