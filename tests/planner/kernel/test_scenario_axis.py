"""Scenarios as portfolios of their own over the same debts: each as if it were planned alone, and by the reference."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate, simulate_owed, simulate_rows
from agents.planner.kernel.layout import DATED, MINIMUM
from agents.planner.plans.planning import plan
from agents.planner.risk.draws import draw
from agents.planner.risk.events import rate_shifts
from agents.planner.risk.monte_carlo import play
from agents.planner.risk.outcomes import keep, room_for
from agents.planner.risk.scenarios import course_of, dated, money_by_month, scenarios, variable_debts
from data.answers.plan import ORDERS, Strategy
from data.answers.risk import Assumptions
from data.month import month_at, month_index

MONTHS = 36
EACH = st.sampled_from(ORDERS)
ROUGH = Assumptions.model_validate(
    {
        "income_loss": {"probability": 0.08, "months": 3, "share": 0.6},
        "expenses": {"per_month": 0.2, "median": "400"},
        "rates": {"volatility": 0.05},
    }
)
WAYS = st.dictionaries(st.integers(0, 40), st.integers(-300, 300), max_size=6)  # hundredths of a percent
MONEY = st.dictionaries(st.integers(1, 40), st.integers(0, 400_000), max_size=6)


def entries(path):
    return np.array([(value, month, -1) for month, value in sorted(path.items())], DATED)


def with_course(portfolio, money, shifts, variable):
    arrays = from_portfolios([portfolio])
    debts, records = arrays.debts.copy(), arrays.portfolios.copy()
    debts["variable"] = [place in variable for place in range(len(debts))]
    records["extra"], records["budgets"], records["shifts"] = 0, len(money), len(shifts)
    records["last_event"] = max([int(records["last_event"][0]), *money, *shifts])
    return replace(arrays, portfolios=records, debts=debts, budgets=entries(money), shifts=entries(shifts))


@given(data=st.data(), strategy=EACH, ways=WAYS, money=MONEY, first=st.integers(0, 400_000))
def test_kernel_equals_the_reference_with_shifts_and_changing_money(
    reference, portfolios, data, strategy, ways, money, first
):
    portfolio = data.draw(portfolios.portfolios().filter(lambda one: one.budget is not None))
    variable = data.draw(st.sets(st.integers(0, len(portfolio.debts) - 1)))
    start = month_index(portfolio.start)
    money = {start: first, **{start + month: amount for month, amount in money.items()}}
    shifts = {start + month: hundredths * 10**8 for month, hundredths in ways.items()}
    arrays = with_course(portfolio, money, shifts, variable)
    result = simulate(arrays, [strategy], horizon=MONTHS)[0, 0]
    rows = simulate_rows(arrays, strategy, MONTHS)
    shares = {month: Fraction(shift, 10**12) for month, shift in shifts.items()}
    course = reference.Course(money, shares, frozenset(variable))
    expected = reference.Reference(portfolio, strategy, course).run(int(result["months"]))
    found = [
        reference.Row(start + t, i, *(int(value) for value in row))
        for t in range(int(result["months"]))
        for i, row in enumerate(rows[t])
        if row[0] > 0
    ]
    assert found == sorted(expected.rows, key=lambda row: (row.month, row.place))
    assert (int(result["missed"]), int(result["owed"])) == (len(expected.missed), expected.owed)


def test_a_shift_of_the_first_month_is_in_the_first_instalment(portfolios):
    debt = {"name": "Home", "balance": 1000, "apr": "0.06", "minimum": {"type": "level", "months": 12}}
    fields = {"start": "2026-11", "budget": {"monthly": 0}, "debts": [debt]}
    portfolio = portfolios.Portfolio.model_validate(fields)
    start = month_index("2026-11")
    shifted = with_course(portfolio, {start: 0}, {start: 6 * 10**10}, {0})
    dearer = portfolio.debts[0].model_copy(update={"apr": Decimal("0.12")})
    told = from_portfolios([portfolio.model_copy(update={"debts": [dearer]})])
    found, expected = (simulate_rows(each, Strategy.AVALANCHE, 3) for each in (shifted, told))
    assert np.array_equal(found, expected)
    assert found[0, 0, MINIMUM] == 8885


@given(data=st.data(), strategy=EACH, seed=st.integers(0, 2**32))
def test_each_scenario_comes_to_the_same_alone_as_among_others(portfolios, data, strategy, seed):
    course = course_of(data.draw(portfolios.portfolios(most=3)), MONTHS)
    draws = next(draw(seed, 6, MONTHS, 6))
    together = scenarios(course, draws, ROUGH)
    results, owed = simulate_owed(together, strategy, MONTHS, horizon=200)
    for place in range(6):
        alone = replace(together, portfolios=together.portfolios[place : place + 1].copy())
        result, owes = simulate_owed(alone, strategy, MONTHS, horizon=200)
        assert result[0] == results[place]
        assert np.array_equal(owes[0], owed[place])


@given(data=st.data(), strategy=EACH, seed=st.integers(0, 2**32))
def test_a_scenario_is_the_plan_of_a_portfolio_with_such_budget_changes_and_rate_steps(
    portfolios, data, strategy, seed
):
    plain = data.draw(portfolios.plain_portfolios(most=3)).model_copy(update={"custom_order": ["debt 0"]})
    course = course_of(plain, MONTHS)
    every = [debt.name for debt in plain.debts]
    assumptions = ROUGH.model_copy(update={"rates": ROUGH.rates.model_copy(update={"debts": every})})
    draws = next(draw(seed, 2, MONTHS, 2))
    results, _ = simulate_owed(scenarios(course, draws, assumptions), strategy, MONTHS, horizon=1200)
    money = money_by_month(course, draws, assumptions)
    moves = rate_shifts(draws.moves, assumptions.rates)
    for place in range(2):
        told = told_as_a_portfolio(plain, money[place], moves[place])
        made = plan(told, strategy, schedule=False)
        result = results[place]
        assert (made.months is None) == bool(result["status"])
        if made.months is not None:
            totals = (made.months, made.total_interest * 100, made.total_paid * 100, len(made.missed))
            assert totals == tuple(int(result[name]) for name in ("months", "interest", "paid", "missed"))


def told_as_a_portfolio(plain, money, moves):
    """The scenario in the client's own words: a budget that changes each month, and rates that step each month."""
    start = month_index(plain.start)
    document = plain.model_dump(mode="json", by_alias=True)
    amounts = [f"{int(cents) // 100}.{int(cents) % 100:02d}" for cents in money]
    changes = [{"from": month_at(start + t), "monthly": amount} for t, amount in enumerate(amounts)]
    back = {"from": month_at(start + len(amounts)), "monthly": str(plain.budget.monthly)}
    document["budget"] = {"monthly": amounts[0], "changes": [*changes, back]}
    for debt, planned in zip(document["debts"], plain.debts, strict=True):
        rates = [max(planned.apr + Decimal(int(move)).scaleb(-12), Decimal(0)) for move in moves]
        debt["apr"] = str(planned.apr)
        debt["rate_steps"] = [{"from": month_at(start + t), "apr": str(rate)} for t, rate in enumerate(rates)]
    return type(plain).model_validate(document)


@given(data=st.data(), strategy=EACH, seed=st.integers(0, 2**32))
def test_the_order_and_the_blocks_of_scenarios_do_not_matter(portfolios, data, strategy, seed):
    course = course_of(data.draw(portfolios.portfolios(most=3)), MONTHS)
    (whole,) = play(course, ROUGH, [strategy], draw(seed, 12, MONTHS, 12), 12)
    (cut,) = play(course, ROUGH, [strategy], draw(seed, 12, MONTHS, 5), 12)
    (fewer,) = play(course, ROUGH, [strategy], draw(seed, 7, MONTHS, 7), 7)
    arrays = scenarios(course, next(draw(seed, 12, MONTHS, 12)), ROUGH)
    backwards = replace(arrays, portfolios=arrays.portfolios[::-1].copy())
    turned = room_for(12, MONTHS)
    keep(turned, 0, backwards, strategy if course.has_budget else Strategy.MINIMUM_ONLY)
    for name in ("months", "interest", "paid", "missed", "owed"):
        expected = getattr(whole, name)
        assert np.array_equal(getattr(cut, name), expected)
        assert np.array_equal(getattr(fewer, name), expected[..., :7])
        assert np.array_equal(getattr(turned, name), expected[..., ::-1])


@given(data=st.data())
def test_the_money_of_a_scenario_without_events_is_that_of_the_plan_in_every_month(portfolios, data):
    portfolio = data.draw(portfolios.portfolios(most=2).filter(lambda one: one.budget is not None))
    course = course_of(portfolio, MONTHS)
    calm = Assumptions.model_validate(
        {"income_loss": {"probability": 0}, "expenses": {"per_month": 0}, "rates": {"volatility": 0}}
    )
    draws = next(draw(1, 2, MONTHS, 2))
    money = money_by_month(course, draws, calm)
    assert (money == course.money).all()
    arrays = scenarios(course, draws, calm)
    assert len(arrays.shifts) == 0
    assert arrays.portfolios["last_event"].min() >= course.start + MONTHS


def test_dated_entries_hold_each_row_from_its_changes_on():
    values = np.array([[5, 5, 7], [1, 2, 2]])
    found, first, counts = dated(values, np.array([10, 11, 12]))
    assert found["value"].tolist() == [5, 7, 1, 2]
    assert found["month"].tolist() == [10, 12, 10, 11]
    assert (first.tolist(), counts.tolist()) == ([0, 2], [2, 2])


def test_cards_lines_and_mortgages_with_steps_are_variable_where_no_debt_is_named(portfolios):
    kinds = ["credit_card", "line_of_credit", "mortgage", "mortgage", "auto_loan", "other"]
    debts = [{"name": f"{place}", "kind": kind, "balance": 100, "apr": 0.1} for place, kind in enumerate(kinds)]
    debts[3]["rate_steps"] = [{"from": "2027-01", "apr": 0.12}]
    portfolio = portfolios.Portfolio.model_validate({"start": "2026-11", "debts": debts})
    assert variable_debts(portfolio, Assumptions()) == [True, True, False, True, False, False]
    named = Assumptions.model_validate({"rates": {"debts": ["4"]}})
    assert variable_debts(portfolio, named) == [False] * 4 + [True, False]
