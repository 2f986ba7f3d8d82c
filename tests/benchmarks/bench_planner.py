"""How fast the planner is: the kernel against Python loops of the same rule, in one run, and one plan's latency.

`make bench-planner`. Prints, and writes its section of docs/benchmarks.md; asserts no time. One core.
"""
# ruff: noqa: T201 (a benchmark prints)

import time

import pytest

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate
from agents.planner.plans.planning import compare, plan
from data.answers.plan import ORDERS, Strategy
from data.money import to_minor
from tests.benchmarks.plain_python import Loop, plain_cards_only
from tests.benchmarks.populations import DEBTS, every_rule_on, plain_cards
from tests.benchmarks.record import machine, table, write_section

pytestmark = pytest.mark.bench

PORTFOLIOS, FEW = 1_000, 60
STRATEGIES = tuple(strategy for strategy in ORDERS if strategy is not Strategy.MINIMUM_ONLY)
POPULATIONS = {"plain cards": plain_cards, "every rule on": every_rule_on}


def best_of(times, work):
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def whole_rule(portfolios):
    """Seconds a portfolio of the Python loop with every rule, which must find what the kernel finds."""
    loops = [Loop(portfolio) for portfolio in portfolios]
    results = simulate(from_portfolios(portfolios), [Strategy.AVALANCHE])[:, 0]
    found = [tuple(int(result[name]) for name in ("months", "paid", "interest", "fees")) for result in results]
    assert [loop.run() for loop in loops] == found
    return best_of(3, lambda: [loop.run() for loop in loops]) / len(loops)


def stripped_rule(portfolios):
    """The same of the loop that has only what plain cards need."""
    cards = [
        (
            [to_minor(debt.balance, "USD") for debt in portfolio.debts],
            [float(debt.apr) for debt in portfolio.debts],
            to_minor(portfolio.budget.monthly, "USD"),
        )
        for portfolio in portfolios
    ]
    results = simulate(from_portfolios(portfolios), [Strategy.AVALANCHE])[:, 0]
    assert [plain_cards_only(*card)[0] for card in cards] == results["months"].tolist()
    return best_of(5, lambda: [plain_cards_only(*card) for card in cards]) / len(cards)


def test_kernel_against_python_loops_of_the_same_rule():
    parts = []
    for name, population in POPULATIONS.items():
        portfolios = population(PORTFOLIOS)
        arrays = from_portfolios(portfolios)
        months = simulate(arrays, [Strategy.AVALANCHE])["months"].mean()
        python = whole_rule(portfolios[:FEW])
        stripped = stripped_rule(portfolios[:FEW]) if name == "plain cards" else None
        rows = [["Python, the whole rule: avalanche", f"{1 / python:,.0f}", "1", ""]]
        if stripped:
            rows.append(["Python, only what these cards need: avalanche", f"{1 / stripped:,.0f}", "", "1"])
        for strategy in STRATEGIES:
            seconds = best_of(25, lambda one=strategy, many=arrays: simulate(many, [one])) / PORTFOLIOS
            ratio = f"{stripped / seconds:,.0f}" if stripped else ""
            rows.append([f"kernel: {strategy}", f"{1 / seconds:,.0f}", f"{python / seconds:,.0f}", ratio])
        heads = [f"{name}, {months:.0f} months", "portfolios/s", "× whole rule", "× stripped"]
        parts.append(table(heads, rows))
    latencies = table(["warm, in the process", "ms"], latency())
    print("", *parts, latencies, machine(), sep="\n")
    write_section("planner", SECTION.format(machine=machine(), few=FEW, tables="\n\n".join(parts), latencies=latencies))


def latency():
    """One plan of five plain cards: its milliseconds with and without rows, and a comparison of orders."""
    (portfolio,) = plain_cards(1)
    with_rows = best_of(100, lambda: plan(portfolio, Strategy.AVALANCHE))
    totals = best_of(100, lambda: plan(portfolio, Strategy.AVALANCHE, schedule=False))
    every_order = best_of(50, lambda: compare(portfolio, ORDERS))
    return [
        ["one plan with its schedule", f"{with_rows * 1e3:.2f}"],
        ["one plan, totals only", f"{totals * 1e3:.2f}"],
        [f"{len(ORDERS)} strategies compared, totals only", f"{every_order * 1e3:.2f}"],
    ]


SECTION = f"""
## The planner
`make bench-planner` on {{machine}}. Each portfolio has {DEBTS} debts; a row is one strategy, a number one portfolio
planned under it to the end. *Plain cards* have constant rates and percent minimums with a floor. *Every rule on*:
between them, the five debts of every portfolio have promotions (half with deferred interest), rate steps, daily and
compounded interest on each day basis, every kind of minimum rule, late, annual, monthly and opening fees, a penalty
rate, prepayment charges and credit limits; the budget is raised each January, has an aimed and a general lump sum,
and in one month does not cover the minimums.

The Python loops are `tests/benchmarks/plain_python.py`: the whole rule as one would write it, in whole cents, found
equal to the kernel in months, payments, interest and fees on {{few}} portfolios before it is timed; and for plain
cards a second one without all that they do not need.

{{tables}}

{{latencies}}
"""
