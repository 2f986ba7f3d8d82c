"""How fast the planner is: the kernel against a plain Python loop of the same rule, in one run, and one plan's latency.

`pytest -m bench tests/benchmarks/bench_planner.py -s`. Prints; asserts no time. One core.
"""
# ruff: noqa: T201 (a benchmark prints)

import time

import numpy as np
import pytest

from agents.planner.columns import DebtColumns, from_columns
from agents.planner.layout import PERCENT
from agents.planner.planning import compare, plan
from agents.planner.simulation import simulate
from data.debt import Portfolio
from data.month import month_index
from data.plan import Strategy

pytestmark = pytest.mark.bench

DEBTS = 5
START = month_index("2026-12")
STRATEGIES = (
    Strategy.SNOWBALL,
    Strategy.AVALANCHE,
    Strategy.CASH_FLOW_INDEX,
    Strategy.HIGHEST_UTILISATION,
    Strategy.BALANCE_MATCHING,
)


def cards(portfolios):
    """Plain cards that take about 60 months: balances, rates and monthly budgets."""
    draw = np.random.default_rng(1)
    balances = draw.integers(100_000, 1_200_000, (portfolios, DEBTS))  # (portfolio, debt)
    rates = draw.integers(999, 2999, (portfolios, DEBTS)) / 10_000
    return balances, rates, (balances.sum(axis=1) * 0.027).astype(np.int64)


def arrays_of(balances, rates, budgets):
    count = balances.size
    columns = DebtColumns(
        portfolio=np.repeat(np.arange(len(balances)), DEBTS),
        balance=balances.ravel(),
        rate=np.rint(rates.ravel() * 1e12).astype(np.int64),
        minimum_kind=np.full(count, PERCENT),
        minimum_rate=np.full(count, 20_000_000_000),
        minimum_floor=np.full(count, 2_500),
    )
    return from_columns(columns, np.full(len(balances), START), budgets)


def plain_python(balances, rates, budget):
    """The same month for plain cards under avalanche, in whole cents, as one would write it in Python."""
    order = sorted(range(len(balances)), key=lambda i: (-rates[i], balances[i], i))
    balances, paid, months = list(balances), 0, 0
    while any(balances) and months < 1200:
        months += 1
        left = budget
        for i in range(len(balances)):
            if balances[i]:
                statement = balances[i] + int(balances[i] * rates[i] / 12 + 0.5)
                minimum = min(statement, max(2_500, int(statement * 0.02 + 0.5)))
                balances[i] = statement - minimum
                left -= minimum
                paid += minimum
        for i in order:
            extra = min(left, balances[i])
            balances[i] -= extra
            left -= extra
            paid += extra
    return months, paid


def best_of(times, work):
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def test_kernel_against_a_plain_python_loop():
    balances, rates, budgets = cards(4_000)
    arrays = arrays_of(balances, rates, budgets)
    found = simulate(arrays, [Strategy.AVALANCHE])[:, 0]
    few = range(100)
    python = best_of(3, lambda: [plain_python(balances[p].tolist(), rates[p].tolist(), int(budgets[p])) for p in few])
    per_python = python / len(few)
    agree = [plain_python(balances[p].tolist(), rates[p].tolist(), int(budgets[p])) for p in few]
    assert [months for months, _ in agree] == found["months"][few].tolist()

    print(f"\n{DEBTS} cards, {found['months'].mean():.0f} months in the mean, one core")
    print(f"plain Python   avalanche             {1 / per_python:12,.0f} portfolio-strategies/s")
    for strategy in STRATEGIES:
        seconds = best_of(10, lambda one=strategy: simulate(arrays, [one])) / len(balances)
        print(
            f"kernel         {strategy:20}  {1 / seconds:12,.0f} portfolio-strategies/s  {per_python / seconds:6.0f} x"
        )


def test_latency_of_one_plan_when_warm():
    balances, rates, budgets = cards(1)
    debts = [
        {
            "name": f"Card {i}",
            "kind": "credit_card",
            "balance": f"{balances[0, i] / 100:.2f}",
            "apr": float(rates[0, i]),
        }
        for i in range(DEBTS)
    ]
    portfolio = Portfolio.model_validate(
        {"start": "2026-12", "budget": {"monthly": f"{budgets[0] / 100:.2f}"}, "debts": debts}
    )
    with_rows = best_of(50, lambda: plan(portfolio, Strategy.AVALANCHE))
    totals = best_of(50, lambda: plan(portfolio, Strategy.AVALANCHE, schedule=False))
    all_of_them = best_of(50, lambda: compare(portfolio))
    print(f"\none plan with its schedule {with_rows * 1e3:.2f} ms, without {totals * 1e3:.2f} ms, ")
    print(f"comparison of six strategies {all_of_them * 1e3:.2f} ms")
