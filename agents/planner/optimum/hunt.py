"""The least-cost plan of a portfolio, with a proved lower bound on what any plan costs.

The best strategy is the start; the relaxation of the equations gives a bound; where whole numbers matter HiGHS
branches; and what cents spoil is repaired. Never worse than any strategy. The only clock is the solver's own.
"""

from collections.abc import Sequence
from dataclasses import replace

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.optimum.limits import SearchLimits
from agents.planner.optimum.misses import choose_misses
from agents.planner.optimum.played import Optimum, against, best_strategy
from agents.planner.optimum.posed import Asked
from agents.planner.optimum.state import Hunt, Known
from data.answers.plan import Strategy

STARTING = 0.15  # of the time, where misses are free, for the plan to start from
AGAINST = (-1.0, -0.25)  # how far roundings go against the client in a repair
FROM_STARTS = {f"mip_heuristic_run_{name}": False for name in ("rins", "rens", "root_reduced_cost")}


def optimum(
    arrays: PortfolioArrays, strategies: Sequence[Strategy], search: SearchLimits, known: Known | None = None
) -> Optimum:
    """The least-cost plan of a single portfolio, never worse than any of the strategies."""
    best = best_strategy(arrays, strategies, none_missed=search.none_missed)
    if int(arrays.portfolios["budgets"][0]) == 0 or len(best.rows) == 0:  # minimums only: there is nothing to choose
        return against(best, float(best.result["paid"] if best.ends else arrays.debts["balance"].sum()), 0.0)
    if search.misses_free:  # a plan that misses only what it must is the best start
        first = replace(search, misses_free=False, time_limit_s=search.time_limit_s * STARTING)
        search = replace(search, time_limit_s=search.time_limit_s * (1 - STARTING))
        best = optimum(arrays, strategies, first).played
    hunt = Hunt(Asked(arrays, search), best, known)
    _run(hunt)
    if hunt.best.ends and not best.ends:  # it ends after all: now its cost is the ceiling
        hunt = Hunt(Asked(arrays, search), hunt.best, known)
        _run(hunt)
    return against(hunt.best, hunt.bound, hunt.cents, hunt.value)


def _run(hunt: Hunt) -> None:
    """Relax; branch where that is not near enough; and repair what cents spoil."""
    relaxed = hunt.relax()
    is_open = None if hunt.known is None else hunt.known.is_open
    if is_open is not None and not hunt.posed.terms.short.any() and not hunt.is_near():
        hunt.begin(is_open)
    if hunt.goes_on() and not hunt.posed.model.whole.any():
        hunt.keep(relaxed.values)
    elif hunt.goes_on() and hunt.posed.terms.short.any():
        choose_misses(hunt, relaxed)
    elif hunt.goes_on():
        _branch(hunt)
    _repair(hunt)


def _branch(hunt: Hunt) -> None:
    """Branch from the best plan so far, again over more months where what is found needs them."""
    while hunt.left_s > 0:
        hunt.branch(hunt.left_s, options=FROM_STARTS)
        if not hunt.posed.leaves(hunt.values) or not hunt.lengthen():
            return


def _repair(hunt: Hunt) -> None:
    """Branch once more with roundings against the client, while what is played is not what was found."""
    for rounding in AGAINST:
        if hunt.values is None or hunt.keeps_its_word() or not hunt.goes_on():
            return
        strict = hunt.posed.equations_at(rounding)
        found = hunt.solved(strict.model.assembled(), hunt.values, hunt.left_s, options=FROM_STARTS)
        hunt.play(strict, found.values)
