"""How near to the least cost the optimum comes where a portfolio has offers, and how fast, by the type of offer.

`make bench-planner`. Prints, and writes its section of docs/benchmarks.md; asserts no time. One process, one thread.
"""
# ruff: noqa: T201 (a benchmark prints)

import time

import numpy as np
import pytest

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.optimum.limits import SearchLimits
from agents.planner.optimum.optimal_plan import optimal_plan
from tests.benchmarks.drawn_offers import TYPES, type_of, with_offers
from tests.benchmarks.record import machine, table, write_section

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1_200)]

FIRST = 1_000  # the offers were worked on with seeds below 100
INSTANCES, LIMIT_S, NEAR = 100, 5.0, 1e-3


def measured(seed):
    """The gap, whether it is proved, and seconds of the processor."""
    portfolio = with_offers(seed)
    arrays, worked = from_portfolios([portfolio]), time.process_time()
    found = optimal_plan(portfolio, arrays, SearchLimits(time_limit_s=LIMIT_S)).optimum
    return np.inf if found.gap is None else found.gap, found.proved, time.process_time() - worked


def quantiles(values, shown):
    return [shown(float(np.quantile(values, q, method="higher"))) for q in (0.5, 0.95, 1.0)]


def test_optimum_with_offers():
    measured(INSTANCES)  # once, to be warm
    found = {seed: measured(seed) for seed in range(FIRST, FIRST + INSTANCES)}
    heads = ["an offer of", "gap: median", "p95", "most", f"≤ {NEAR:.1%}", "proved", "seconds: median", "p95", "most"]
    rows = []
    for kind in (*TYPES, "any type"):
        ones = [one for seed, one in found.items() if kind in (type_of(seed), "any type")]
        gaps, proved, times = zip(*ones, strict=True)
        near = f"{sum(gap <= NEAR for gap in gaps)} of {len(gaps)}"
        shown = quantiles(gaps, lambda value: f"{value:.4%}"), quantiles(times, lambda value: f"{value:.2f}")
        rows.append([kind, *shown[0], near, sum(proved), *shown[1]])
    text = table(heads, rows)
    print("", text, machine(), sep="\n\n")
    write_section("offers", SECTION.format(machine=machine(), limit=LIMIT_S, table=text))


SECTION = """
## The optimum with offers
`make bench-planner` on {machine}. The solver has {limit:.0f} s by the clock in all; seconds are the processor's. Each
portfolio has 3 to 6 of the typical debts above, 5 to 70 % more money than the first minimums, and one offer of the type
named, half of them with one or two others beside it (`tests/benchmarks/drawn_offers.py`): transfers of 1,500 to 12,000
at 0 to 5 % with 6 to 21 months at 0 or 2.99 %, loans for a fifth to four fifths of what is owed, one debt refinanced at
40 to 95 % of its rate, settlements of 40 to 90 % within 2 to 17 months, instalments (分期) over 6 to 24 months at 0.1
to 0.9 % a month, two in five of them refundable.

{table} """
