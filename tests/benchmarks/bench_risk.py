"""How fast risk is: 10,000 scenarios of 5 debts, each part of the time, and beside it a NumPy loop of a plain rule.

`pytest -m bench tests/benchmarks/bench_risk.py -s`. Prints; asserts no time. One core: no part starts a thread.
"""
# ruff: noqa: T201 (a benchmark prints)

import time

import numpy as np
import pytest

from agents.planner.arrays.simulation import simulate_owed
from agents.planner.kernel.layout import HORIZON
from agents.planner.risk.draws import draw
from agents.planner.risk.events import bills, lost_months, rate_shifts
from agents.planner.risk.monte_carlo import BLOCK, in_force, play, risk
from agents.planner.risk.outcomes import quantiles
from agents.planner.risk.scenarios import course_of, money_by_month, scenarios
from data.answers.plan import Strategy
from data.answers.risk import RiskQuestion
from data.portfolio.portfolio import Portfolio

pytestmark = pytest.mark.bench

SCENARIOS, MONTHS = 10_000, 120
CARDS = ((3000, 0.15), (4000, 0.18), (5000, 0.21), (6000, 0.24), (7000, 0.27))


def portfolio(extra=None):
    debts = [
        {"name": f"Card {place}", "kind": "credit_card", "balance": balance, "apr": apr, **(extra or {})}
        for place, (balance, apr) in enumerate(CARDS)
    ]
    fields = {"start": "2026-12", "income": "5000", "budget": {"monthly": "700"}, "debts": debts}
    return Portfolio.model_validate(fields)


def best_of(times, work):
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def question(one, **fields):
    return RiskQuestion(portfolio=one, scenarios=SCENARIOS, months=MONTHS, **fields)


FEES = {"fees": {"late": 35, "annual": 60}, "penalty_apr": 0.2999, "accrual": "daily"}


@pytest.mark.parametrize("extra", [None, FEES], ids=["plain cards", "daily interest, fees, penalty rates"])
def test_the_whole_of_a_question(extra):
    one = portfolio(extra)
    report = risk(question(one))
    (found,) = report.strategies
    whole = best_of(7, lambda: risk(question(one, tornado=False)))
    with_tornado = best_of(5, lambda: risk(question(one)))
    wire = best_of(5, report.model_dump_json)
    print(f"\n{SCENARIOS:,} scenarios x {len(CARDS)} debts x up to {MONTHS} months, one core")
    print(f"median {found.months.p50} months, {found.missed_minimum:.0%} miss a minimum")
    print(f"whole, from question to report   {whole * 1e3:7.1f} ms")
    print(f"with the tornado                 {with_tornado * 1e3:7.1f} ms")
    print(f"report to JSON                   {wire * 1e3:7.1f} ms")


def test_each_part_of_the_time():
    course = course_of(portfolio(), MONTHS)
    assumptions = in_force(course, question(course.portfolio).assumptions)
    size = BLOCK // MONTHS
    blocks = list(draw(1, SCENARIOS, MONTHS, size))
    arrays = [scenarios(course, block, assumptions) for block in blocks]
    (whole,) = play(course, assumptions, [Strategy.AVALANCHE], blocks, SCENARIOS)
    parts = {
        "random words and normal numbers": lambda: list(draw(1, SCENARIOS, MONTHS, size)),
        "losses": lambda: [lost_months(one.losses, assumptions.income_loss) for one in blocks],
        "bills": lambda: [bills(one.bills, assumptions.expenses, 125_000) for one in blocks],
        "rates": lambda: [rate_shifts(one.moves, assumptions.rates) for one in blocks],
        "money, losses and bills included": lambda: [money_by_month(course, one, assumptions) for one in blocks],
        "scenarios, money and rates included": lambda: [scenarios(course, one, assumptions) for one in blocks],
        "the kernel": lambda: [simulate_owed(one, Strategy.AVALANCHE, MONTHS, horizon=HORIZON) for one in arrays],
        "quantiles of what is owed": lambda: quantiles(whole.owed.copy()),
    }
    print()
    for name, work in parts.items():
        print(f"{name:36} {best_of(7, work) * 1e3:7.1f} ms")


def test_beside_a_numpy_loop_of_a_plain_rule():
    """All scenarios a month at a time in floats: interest, 2 % minimums of at least 25, the dearest first; no cents,
    no fees, no re-ranking, no missed minimums told: the least that any simulation must do."""
    course = course_of(portfolio(), MONTHS)
    assumptions = in_force(course, question(course.portfolio).assumptions)
    block = next(draw(1, SCENARIOS, MONTHS, SCENARIOS))
    money = money_by_month(course, block, assumptions) / 100
    shifts = rate_shifts(block.moves, assumptions.rates) / 1e12
    arrays = scenarios(course, block, assumptions)

    def plain():
        balances = [np.full(SCENARIOS, float(balance)) for balance, _ in reversed(CARDS)]
        rates = [apr for _, apr in reversed(CARDS)]
        for month in range(MONTHS):
            left = money[:, month].copy()
            for place, apr in enumerate(rates):
                statement = balances[place] * (1 + (apr + shifts[:, month]) / 12)
                minimum = np.minimum(np.minimum(statement, np.maximum(25, 0.02 * statement)), left)
                balances[place] = statement - minimum
                left -= minimum
            for balance in balances:
                paid = np.minimum(left, balance)
                balance -= paid
                left -= paid
            if not any(balance.any() for balance in balances):
                break
        return sum(balances)

    loop = best_of(3, plain)
    kernel = best_of(7, lambda: simulate_owed(arrays, Strategy.AVALANCHE, MONTHS))
    print(f"\nNumPy, plain rule in floats  {loop * 1e3:7.1f} ms")
    print(f"kernel, whole rule in cents  {kernel * 1e3:7.1f} ms   {loop / kernel:5.1f} x")
