"""How near to the least cost the optimum comes, and how fast: typical and hard portfolios, beside a plain HiGHS model.

`make bench-planner`. Prints, and writes its section of docs/benchmarks.md; asserts no time. One process, one thread.
"""
# ruff: noqa: T201 (a benchmark prints)

import time
from contextlib import ExitStack
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np
import pytest

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate
from agents.planner.equations import columns, least_cost
from agents.planner.equations.linear_model import NOTHING, Assembled
from agents.planner.kernel.layout import PAID_OFF
from agents.planner.optimum import misses, state
from agents.planner.optimum.cents import InCents
from agents.planner.optimum.decomposition import Decomposed, Priced
from agents.planner.optimum.hunt import optimum
from agents.planner.optimum.limits import SearchLimits
from data.answers.plan import ORDERS, Strategy
from tests.benchmarks.drawn import hard, mild, typical
from tests.benchmarks.plain_milp import PlainModel
from tests.benchmarks.record import machine, table, write_section

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1_200)]

TYPICAL, TYPICAL_PEERS = 100, 2  # instances
FALLING_SHORT, SHORT_PEERS, PARTS = range(100, 110), 2, 2  # no instance that the search was tuned on
LIMIT_S, PARTS_LIMIT_S = 10.0, 4.0
WITHOUT_CUSTOM = [order for order in ORDERS if order is not Strategy.CUSTOM]


@dataclass
class One:
    """One instance: seconds by the clock and of the processor, the gap, what is saved of avalanche's cost."""

    took_s: float
    worked_s: float
    gap: float
    proved: bool
    saved: float | None


def measured(portfolio, *, misses_free=False, limit_s=None):
    arrays = from_portfolios([portfolio])
    search = SearchLimits(time_limit_s=limit_s or LIMIT_S, misses_free=misses_free)
    begun, worked = time.perf_counter(), time.process_time()
    found = optimum(arrays, WITHOUT_CUSTOM, search)
    took, worked = time.perf_counter() - begun, time.process_time() - worked
    usual, best = simulate(arrays, [Strategy.AVALANCHE])[0, 0], found.played.result
    both_end = usual["status"] == PAID_OFF == best["status"]
    cost, least = (int(one["interest"] + one["fees"]) for one in (usual, best))
    saved = (cost - least) / cost if both_end and cost else None
    return One(took, worked, np.inf if found.gap is None else found.gap, found.proved, saved)


def percent(value, digits=3):
    return "none" if not np.isfinite(value) else f"{value:.{digits}%}".replace("%", " %")


def saving(found):
    saved = [one.saved for one in found if one.saved is not None]
    return f"{percent(np.mean(saved), 1)}, {percent(max(saved), 1)}" if saved else ""


def quantiles(name, values, shown):
    return [name, *(shown(float(np.quantile(values, q, method="higher"))) for q in (0.5, 0.95, 1.0))]


def test_optimum_on_typical_and_hard_portfolios_and_beside_a_plain_model():
    measured(typical(0))  # once, to be warm
    texts = {"typical": typical_table(), "short": short_table(), "peers": peers_table(), "parts": parts_table()}
    print("", *texts.values(), machine(), sep="\n\n")
    write_section("optimum", SECTION.format(machine=machine(), limit=LIMIT_S, parts_limit=PARTS_LIMIT_S, **texts))


def typical_table():
    found = [measured(typical(seed)) for seed in range(TYPICAL)]
    ended = [one.gap for one in found if np.isfinite(one.gap)]
    heads = [f"typical, {TYPICAL} portfolios", "median", "p95", "most"]
    rows = [
        quantiles("seconds by the clock", [one.took_s for one in found], lambda value: f"{value:.3f}"),
        quantiles("seconds of the processor", [one.worked_s for one in found], lambda value: f"{value:.3f}"),
        quantiles("gap", ended, lambda value: percent(value, 4)),
    ]
    proved = sum(one.proved for one in found)
    told = f"Proved: {proved} of {len(ended)} that end. Saved of avalanche's interest and fees (mean, most):"
    return f"{table(heads, rows)}\n\n{told} {saving(found)}."


READINGS = (
    ("hard, missed only where the money falls short", hard, False, 1e-3),
    ("hard, missing is a free choice", hard, True, 1e-2),
    ("mild, missed only where the money falls short", mild, False, 1e-3),
    ("mild, missing is a free choice", mild, True, 1e-2),
)


def short_table():
    rows = []
    for name, drawn, misses_free, wanted in READINGS:
        found = [measured(drawn(seed), misses_free=misses_free) for seed in FALLING_SHORT]
        gaps, near = [one.gap for one in found], sum(one.gap <= wanted for one in found)
        within = f"{near} of {len(found)} ≤ {percent(wanted, 1)}"
        shown = (percent(np.median(gaps)), percent(np.mean(gaps)), percent(max(gaps)))
        took = f"{np.median([one.took_s for one in found]):.1f}, {np.median([one.worked_s for one in found]):.1f}"
        rows.append([name, within, *shown, took, saving(found)])
    heads = [
        "",
        "near",
        "median gap",
        "mean gap",
        "most",
        "clock, processor (s)",
        "saved of interest and fees (mean, most)",
    ]
    return table(heads, rows)


def peers_table():
    rows = []
    for name, drawn, misses_free, _ in (("typical", typical, False, 0), *READINGS):
        for seed in range(TYPICAL_PEERS) if drawn is typical else FALLING_SHORT[:SHORT_PEERS]:
            ours = measured(drawn(seed), misses_free=misses_free)
            peer = PlainModel(drawn(seed), misses_free=misses_free).solve(LIMIT_S)
            times = (f"{ours.took_s:.2f}", f"{peer.took_s:.2f}", f"{peer.took_s / ours.took_s:.1f}")
            narrower = f"{peer.gap / ours.gap:,.1f}" if np.isfinite(peer.gap) and ours.gap > 0 else "no plan"
            rows.append([f"{name}, {seed}", percent(ours.gap), percent(peer.gap), narrower, *times])
    heads = ["instance", "gap", "plain model's gap", "× narrower", "seconds", "plain model's", "× faster"]
    return table(heads, rows)


def no_caps(terms, pieces, opening, *, misses_free):
    """Nothing is known of the least that is owed, and all the money may go to each debt."""
    money = np.broadcast_to(terms.money[:, None], terms.rate.shape)
    return np.zeros(terms.rate.shape), money.copy(), np.zeros(terms.rate.shape)


def unpriced(equations, _relaxed, **_):
    """Nothing is known of what each debt costs by itself."""
    shape = equations.terms.rate.shape
    nothing_known = Priced(np.zeros(shape[0]), np.zeros(shape[1]), 0.0)
    return Decomposed(nothing_known, np.full(shape, 0.5), 0.0)


def nothing(*_):
    """State nothing."""


WITHOUT = {
    "all parts": [],
    "no branching: relaxation and orders only": [(Assembled, "solve", lambda *_, **__: NOTHING)],
    "no caps: what is least owed, what misses can add": [
        (columns, "least_owed", no_caps),
        (least_cost, "add_caps_after_misses", nothing),
    ],
    "no warm start": [(state.Hunt, "_start", lambda hunt: hunt.values)],
    "debts not priced by themselves": [
        (misses, "decompose", unpriced),
        (misses, "add_prices", nothing),
    ],
    "fates in short months not tried": [(misses, "cases_of", lambda *_, **__: [])],
    "no covers: what is not missed is paid": [(least_cost, "add_lacking", nothing)],
    "no polishing of closings": [(state, "CAREFULLY", ())],
    "nothing put right in cents": [(InCents, "_put_right", lambda played, wanted, _: played.played(wanted.targets))],
}


def parts_table():
    rows = []
    for name, changes in WITHOUT.items():
        with ExitStack() as changed:
            for owner, attribute, instead in changes:
                changed.enter_context(patch.object(owner, attribute, instead))
            short = [measured(drawn(seed), limit_s=PARTS_LIMIT_S) for drawn in (hard, mild) for seed in range(PARTS)]
            usual = [measured(typical(seed)) for seed in range(10 * PARTS)]
        gaps = [np.mean([one.gap for one in found if np.isfinite(one.gap)]) for found in (usual, short)]
        times = [np.mean([one.worked_s for one in found]) for found in (usual, short)]
        rows.append(
            [name, *(part for gap, s in zip(gaps, times, strict=True) for part in (percent(gap, 4), f"{s:.2f}"))]
        )
    heads = ["", "typical: mean gap", "processor (s)", "hard and mild: mean gap", "processor (s)"]
    return table(heads, rows)


SECTION = """
## The optimum
`make bench-planner` on {machine}. One process, the solver on one thread with a limit of {limit:.0f} s by the clock;
other work on the machine takes from what it does in that time, so that seconds of the processor stand beside those of
the clock. The gap is (total paid - bound) / total paid, of the plan as the kernel plays it in cents. The draws are
`tests/benchmarks/drawn.py`.

*Typical*: 3 to 10 debts, three in five plain credit cards (500 to 12,000 at 12 to 32 %; minimum 1 to 3 % of the
statement with a floor, or interest and 1 %), one in five a card in a promotion (0 or 2.99 % for 3 to 19 months), one
in five a loan (2,000 to 25,000 at 4 to 15 %, level over 24 to 83 months or a fixed 3 %); the money is 2 to 60 % above
the first month's minimums.

{typical}

*Hard*: 10 to 20 loans of 1,000 to 15,000 at 8 to 40 %, with fixed instalments that end in 12 to 47 months, late fees
of 15 to 45, and penalty rates 5 to 15 points above, half of them for 3 to 12 months and half for good. The income is
3 to 25 % above the instalments, but for two to four stretches of one to three months at 50 to 95 % of that. *Mild*:
the same loans, and one to three single months that low. The seeds are 100 to 109; what was tuned was tuned on others.
In the first reading a minimum may be missed only where the money does not cover them all; in the second in any month,
at its price (the reading of Rios-Solis, Saucedo-Espinosa and Caballero-Robledo 2017).

{short}

Beside it, in the same run and with the same limit, `tests/benchmarks/plain_milp.py`: the same months as one would
first write them for HiGHS, with a binary for each debt and month in which it is open and for each minimum that may be
missed, big constants of three times each balance, no start and no rounding. Its gap is its own; "none" is no plan
at all. Ours holds what roundings to cents may bring, the other does not: below 0.01 % the two do not compare.

{peers}

What each part brings: the mean over a few of the same instances, with {parts_limit:.0f} s.

{parts} """
