"""Which minimums are missed: debts priced by themselves, fates in the short months tried, and branching on the rest.

The steps of a hunt where the money may not cover all minimums.
"""

import numpy as np

from agents.planner.equations.linear_model import Solution
from agents.planner.optimum.decomposition import Decomposed, add_prices, decompose
from agents.planner.optimum.short_months import MOST_LACKING, ShortMonthsCase, cases_of
from agents.planner.optimum.state import SOLVER_ERROR, SOLVER_GAP, Hunt

PRICING = 0.2  # of the time at most
DECIDED = 0.02  # of a debt's ways: where fewer differ, the mix is decided on a miss
SLICE_S = 1.5
TRYING_S = 1.0
EVERYTHING = 0.75  # of the time left, for branching on everything; the rest is for what pricing leaves open
UNDECIDED = 0.7  # of the time left, where misses are free, for what pricing leaves open
AT_LEAST_S = 0.01  # that a try is taken to need


def choose_misses(hunt: Hunt, relaxed: Solution) -> None:
    """Price each debt by itself, which narrows the bound; branch on all misses, and on what that leaves open."""
    priced = _price(hunt, relaxed)
    free = hunt.asked.search.misses_free
    cases = [] if free else cases_of(hunt.posed.equations, most_s=hunt.left_s * PRICING)
    if cases:
        _choose_fates(hunt, cases, priced)
    if free:
        _branch_undecided(hunt, priced, UNDECIDED)
        _miss_anew(hunt)
        return
    if hunt.goes_on():
        hunt.branch(hunt.left_s * EVERYTHING)
    _branch_undecided(hunt, priced, 1.0)


def _price(hunt: Hunt, relaxed: Solution) -> Decomposed:
    """Each debt by itself; what it costs at least at the best prices joins the equations."""
    equations = hunt.posed.equations
    priced = decompose(equations, relaxed, time_limit_s=hunt.left_s * PRICING)
    # A little less, past the solver's tolerances.
    hunt.learn(priced.best.bound * (1 - SOLVER_ERROR))
    hunt.left_s -= priced.took_s
    add_prices(equations, priced.best)
    hunt.posed = hunt.posed.knowing_more()
    return priced


def _choose_fates(hunt: Hunt, cases: list[ShortMonthsCase], priced: Decomposed) -> None:
    """Try what may become of the debts in the months that fall short, the cheapest first."""
    for case in cases:
        hunt.left_s -= case.price(priced.best.price)
        hunt.left_s -= case.choose(time_limit_s=max(hunt.left_s, 0.1))
    while hunt.goes_on():
        enough = _paid(hunt) * (1 - SOLVER_GAP)
        open_cases = [case for case in cases if case.choice is not None and case.bound < enough]
        if not open_cases:
            break
        case = min(open_cases, key=lambda one: one.bound)
        _try(hunt, case)
        hunt.left_s -= case.choose(time_limit_s=max(hunt.left_s, 0.1))
    hunt.learn(min(min(case.bound, case.tried) for case in cases) * (1 - SOLVER_ERROR))


def _try(hunt: Hunt, case: ShortMonthsCase) -> None:
    """Play the best plan of the cheapest choice, and learn from its multipliers."""
    e, model, limit_s = hunt.posed.equations, hunt.posed.model, min(hunt.left_s, TRYING_S)
    chosen = case.chosen(model)
    relaxed = chosen.with_lacking(e.of_money, MOST_LACKING).relaxation(time_limit_s=limit_s)
    bound, took_s = relaxed.bound, relaxed.took_s
    # Money is lacking in this choice: its own bound may be higher, up to infeasible.
    if relaxed.values is not None and relaxed.values[model.whole.size :].max() > 1e-7:
        alone = chosen.relaxation(time_limit_s=limit_s)
        bound, took_s = max(bound, alone.bound), took_s + alone.took_s
    elif bound < _paid(hunt):
        branched = chosen.solve(None, time_limit_s=limit_s, gap=SOLVER_GAP)
        hunt.keep(branched.values)
        bound, took_s = max(bound, branched.bound), took_s + branched.took_s
    case.learn(bound)
    if relaxed.multipliers is not None:
        # The solver's sign is that of its rows: a price is what a unit less money costs.
        price = -relaxed.multipliers[e.of_money]
        price[case.months] -= relaxed.multipliers[e.of_spending] * case.is_short
        took_s += case.price(price)
    hunt.left_s -= max(took_s, AT_LEAST_S)


def _paid(hunt: Hunt) -> float:
    """What the best plan pays, in the equations' unit."""
    return float(hunt.best.result["paid"]) / hunt.posed.equations.unit


def _branch_undecided(hunt: Hunt, priced: Decomposed, share: float) -> None:
    """Branch where the mix of all debts' cheapest ways misses a minimum in part; keep to it elsewhere."""
    if not hunt.goes_on():
        return
    e, model, missed = hunt.posed.equations, hunt.posed.model, priced.missed
    is_decided = np.abs(missed - np.rint(missed)) <= DECIDED
    decided = e.m[is_decided & hunt.posed.terms.short[:, None] & (e.due > 0)]
    values = np.zeros(model.whole.size)
    values[e.m] = np.rint(missed)
    held = np.isin(np.arange(model.whole.size), decided)
    found = hunt.solved(model.with_fixed(held, values), hunt.values, hunt.left_s * share)
    hunt.keep(found.values)


def _miss_anew(hunt: Hunt) -> None:
    """Choose anew which minimums are missed, in one short month after another, until no month is bettered.

    All other months keep theirs; which debts are open, and all payments, are free.
    """
    e, model, short = hunt.posed.equations, hunt.posed.model, np.flatnonzero(hunt.posed.terms.short)
    place, unbettered = 0, 0
    while hunt.values is not None and unbettered < len(short) and hunt.goes_on():
        t, before = short[place], hunt.values
        others = np.concatenate([np.delete(e.m, t, 0).ravel(), np.delete(e.s, t)])
        held = np.isin(np.arange(model.whole.size), others)
        began_s = hunt.left_s
        found = hunt.solved(model.with_fixed(held, np.rint(before)), before, min(hunt.left_s, SLICE_S))
        # A solver that says it took no time would never end the loop.
        hunt.left_s = min(hunt.left_s, began_s - AT_LEAST_S)
        hunt.keep(found.values)
        place, unbettered = (place + 1) % len(short), 0 if hunt.values is not before else unbettered + 1
