"""What holds for every report of risk, whatever the portfolio, the seed and the assumptions."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.plans.planning import plan
from agents.planner.risk.monte_carlo import risk
from agents.planner.risk.outcomes import ENDLESS, PERCENTS, quantiles
from data.answers.plan import ORDERS, Strategy
from data.answers.risk import RiskQuestion
from data.errors import InvalidPortfolio
from data.portfolio.budget import BudgetChange
from data.portfolio.minimum_rule import NoMinimum
from data.portfolio.portfolio import Portfolio
from tests.planner.cases import cases

EACH = st.sampled_from(ORDERS)
SEEDS = st.integers(0, 2**63 - 1)
CALM = {"income_loss": {"probability": 0}, "expenses": {"per_month": 0}, "rates": {"volatility": 0}}
NAMES = ("p5", "p25", "p50", "p75", "p95")


def ask(portfolio, **fields):
    return risk(RiskQuestion(portfolio=portfolio, **{"scenarios": 40, "tornado": False, **fields}))


def rough():
    share = st.floats(0, 1)
    return st.fixed_dictionaries(
        {},
        optional={
            "income_loss": st.fixed_dictionaries({"probability": share, "months": st.floats(1, 9), "share": share}),
            "expenses": st.fixed_dictionaries({"per_month": st.floats(0, 3), "median": st.integers(0, 5000)}),
            "rates": st.fixed_dictionaries({"volatility": st.floats(0, 0.2), "reversion": st.floats(0, 2)}),
            "savings": st.integers(0, 3000),
        },
    )


@given(data=st.data(), strategy=EACH)
def test_where_nothing_goes_wrong_every_scenario_is_the_plan_to_the_cent(portfolios, data, strategy):
    portfolio = data.draw(portfolios.portfolios())
    made = plan(portfolio, strategy, schedule=False)
    report = ask(portfolio, strategies=[strategy], scenarios=3, assumptions=CALM)
    (found,) = report.strategies
    for name in NAMES:
        assert getattr(found.months, name) == made.months
        ends = made.months is not None
        assert getattr(found.interest, name) == (made.total_interest if ends else None)
        assert getattr(found.total_paid, name) == (made.total_paid if ends else None)
    assert found.never_paid_off == (made.months is None)
    assert found.missed_minimum == bool(made.missed)
    if made.months is not None:
        assert (report.by, found.debt_free_by, found.minimums_missed) == (made.debt_free, 1.0, len(made.missed))


@given(data=st.data(), seed=SEEDS, assumptions=rough())
@cases(25)
def test_the_same_seed_gives_the_same_bytes(portfolios, data, seed, assumptions):
    question = {"seed": seed, "assumptions": assumptions, "tornado": True, "months": 24}
    portfolio = data.draw(portfolios.portfolios(most=2))
    first, second = (ask(portfolio, **question).model_dump_json() for _ in range(2))
    assert first == second


def test_another_seed_gives_other_scenarios(household):
    first, second = (ask(household, seed=seed, scenarios=200).strategies[0] for seed in (1, 2))
    assert first.interest != second.interest


@given(data=st.data(), strategy=EACH, seed=SEEDS, assumptions=rough())
def test_quantiles_rise_and_probabilities_are_from_none_to_all(portfolios, data, strategy, seed, assumptions):
    report = ask(data.draw(portfolios.portfolios(most=3)), strategies=[strategy], seed=seed, assumptions=assumptions)
    (found,) = report.strategies
    rising = [found.months, found.interest, found.total_paid, *(row.owed for row in found.fan)]
    for each in rising:
        values = [Decimal("Infinity") if (one := getattr(each, name)) is None else one for name in NAMES]
        assert all(low <= high for low, high in pairwise(values))
    shares = [row.debt_free for row in found.fan]
    assert all(earlier <= later for earlier, later in pairwise(shares))
    assert all(0 <= share <= 1 for share in [*shares, found.never_paid_off, found.missed_minimum])
    assert shares[-1] <= 1 - found.never_paid_off + 1e-12
    assert (found.minimums_missed > 0) == (found.missed_minimum > 0)


@given(
    data=st.data(),
    seed=SEEDS,
    assumptions=rough(),
    more=st.sampled_from(["probability", "length", "share", "per_month", "median", "less savings"]),
)
def test_more_risk_never_makes_a_single_plain_debt_free_sooner(portfolios, data, seed, assumptions, more):
    """One debt, interest on the balance at a constant rate: less money in a month never leaves less owed."""
    portfolio = data.draw(portfolios.plain_portfolios(most=1))
    filled = {
        "income_loss": {"probability": 0.1, "months": 2.0, "share": 0.3} | assumptions.get("income_loss", {}),
        "expenses": {"per_month": 0.2, "median": 300} | assumptions.get("expenses", {}),
        "rates": {"volatility": 0},
        "savings": 1000 + assumptions.get("savings", 0),
    }
    worse = {part: dict(value) if isinstance(value, dict) else value for part, value in filled.items()}
    loss, bills = worse["income_loss"], worse["expenses"]
    loss["probability"] = min(loss["probability"] * 1.5, 1) if more == "probability" else loss["probability"]
    loss["months"] = loss["months"] * 1.5 if more == "length" else loss["months"]
    loss["share"] = min(loss["share"] * 1.5, 1) if more == "share" else loss["share"]
    bills["per_month"] = bills["per_month"] * 1.5 if more == "per_month" else bills["per_month"]
    bills["median"] = bills["median"] * 2 if more == "median" else bills["median"]
    worse["savings"] = filled["savings"] - 700 if more == "less savings" else filled["savings"]
    usual, bad = (ask(portfolio, seed=seed, assumptions=each, months=36).strategies[0].fan for each in (filled, worse))
    for before, after in zip(usual, bad, strict=False):
        assert after.debt_free <= before.debt_free
        assert all(getattr(after.owed, name) >= getattr(before.owed, name) for name in NAMES)
    assert len(bad) >= len(usual)


@given(st.lists(st.integers(0, 50) | st.just(int(ENDLESS)), min_size=1, max_size=60))
def test_a_quantile_is_numpys_inverted_cdf(values):
    found = quantiles(np.array(values))
    expected = [np.sort(values)[max(-(-percent * len(values) // 100), 1) - 1] for percent in PERCENTS]
    assert found.tolist() == expected
    if ENDLESS not in values:
        exact = [np.quantile(values, percent / 100, method="inverted_cdf") for percent in PERCENTS]
        assert found.tolist() == exact or len(values) * 5 % 100 != 0  # floats of numpy's own may fall on either side


@pytest.fixture
def household():
    debts = [
        {"name": "Visa", "kind": "credit_card", "balance": "5200", "apr": "0.2499"},
        {"name": "Car", "kind": "auto_loan", "balance": "9000", "apr": "0.069"},
    ]
    fields = {"start": "2026-11", "income": "4800", "budget": {"monthly": "600"}, "debts": debts}
    return Portfolio.model_validate(fields)


def test_a_plan_that_never_ends_is_null_in_every_quantile_it_reaches():
    debt = {"name": "Visa", "balance": 1000, "apr": "0.24", "minimum": {"type": "fixed", "amount": 25}}
    portfolio = Portfolio.model_validate({"start": "2026-11", "budget": {"monthly": 25}, "debts": [debt]})
    bills = {**CALM, "expenses": {"per_month": 0.2, "median": 25, "sigma": 0}}
    (found,) = ask(portfolio, assumptions=bills, scenarios=400).strategies
    assert 0.2 < found.never_paid_off < 1
    assert (found.months.p95, found.interest.p95, found.total_paid.p95) == (None, None, None)
    assert found.months.p5 is not None
    assert found.fan[-1].owed.p95 > found.fan[0].owed.p95
    assert 0 < found.fan[-1].debt_free <= 1 - found.never_paid_off


def test_without_a_budget_events_take_from_the_first_minimums(household):
    portfolio = household.model_copy(update={"budget": None})
    for assumed in ({"income_loss": {"probability": 1}}, {"expenses": {"per_month": 9, "median": 5000}}):
        assert ask(portfolio, assumptions=CALM | assumed).strategies[0].missed_minimum == 1
    calm = ask(portfolio, assumptions=CALM).strategies[0]
    assert calm.missed_minimum == 0
    assert calm.without_risk.months == calm.months.p5 == calm.months.p95


def test_savings_make_up_for_what_goes_wrong_until_they_are_used_up(household):
    bills = {**CALM, "expenses": {"per_month": 0.3, "median": 500}}
    poor, some, rich = (
        ask(household, assumptions={**bills, "savings": savings}).strategies[0] for savings in (0, 2000, 10**9)
    )
    assert poor.interest.p50 > some.interest.p50 > rich.interest.p50
    assert rich.interest.p5 == rich.interest.p95 == rich.without_risk.total_interest


def test_an_income_loss_takes_its_share_of_the_income_else_of_the_budget(household):
    loss = {**CALM, "income_loss": {"probability": 1, "share": 0.1}}
    by_income = ask(household, assumptions=loss, months=60).strategies[0]
    smaller = household.model_copy(update={"budget": household.budget.model_copy(update={"monthly": Decimal(120)})})
    assert by_income.fan == ask(smaller, assumptions=CALM, months=60).strategies[0].fan
    alone = household.model_copy(update={"income": None})
    by_budget = ask(alone, assumptions=loss).strategies[0]
    smaller = household.model_copy(update={"budget": household.budget.model_copy(update={"monthly": Decimal(540)})})
    assert by_budget.months.p5 == plan(smaller, Strategy.AVALANCHE).months


def test_the_tornado_shows_the_widest_swing_first_and_leaves_out_what_cannot_change(household):
    report = ask(household, tornado=True, scenarios=200, assumptions={"expenses": {"per_month": 0}})
    bars = report.tornado.bars
    assert {"budget", "apr", "income_loss.probability", "savings"} <= {bar.input for bar in bars}
    assert "expenses.per_month" not in {bar.input for bar in bars}
    swings = [bar.swing_interest for bar in bars]
    assert swings == sorted(swings, reverse=True)
    assert (report.tornado.months, report.tornado.interest) == (
        report.strategies[0].months.p50,
        report.strategies[0].interest.p50,
    )
    (budget,) = (bar for bar in bars if bar.input == "budget")
    assert (budget.low.value, budget.high.value) == (0.9, 1.1)
    assert budget.low.interest > report.tornado.interest > budget.high.interest


@pytest.mark.parametrize(
    "path", ["income_loss.probability", "income_loss.months", "expenses.median", "rates.volatility"]
)
def test_an_end_of_a_bar_is_what_the_assumption_itself_comes_to(household, path):
    report = ask(household, tornado=True, scenarios=150)
    (bar,) = (one for one in report.tornado.bars if one.input == path)
    part, _, field = path.partition(".")
    for end in (bar.low, bar.high):
        (alone,) = ask(household, scenarios=150, assumptions={part: {field: end.value}}).strategies
        assert (end.months, end.interest) == (alone.months.p50, alone.interest.p50)


def test_the_bars_of_budget_and_rates_are_what_such_a_portfolio_comes_to(household):
    report = ask(household, tornado=True, scenarios=150, months=60)
    bars = {bar.input: bar for bar in report.tornado.bars}
    budget = household.budget.model_copy(update={"monthly": Decimal(540)})
    dearer = [debt.model_copy(update={"apr": debt.apr + Decimal("0.01")}) for debt in household.debts]
    for bar, changed in ((bars["budget"].low, {"budget": budget}), (bars["apr"].high, {"debts": dearer})):
        (alone,) = ask(household.model_copy(update=changed), scenarios=150, months=60).strategies
        assert (bar.months, bar.interest) == (alone.months.p50, alone.interest.p50)


def test_a_budget_that_changes_after_the_last_event_changes(household):
    change = BudgetChange(from_="2028-03", monthly=Decimal(1200))
    budget = household.budget.model_copy(update={"monthly": Decimal(400), "changes": [change]})
    portfolio = household.model_copy(update={"budget": budget})
    made = plan(portfolio, Strategy.AVALANCHE)
    (found,) = ask(portfolio, assumptions=CALM, months=6, scenarios=2).strategies
    assert (found.months.p5, found.total_paid.p95) == (made.months, made.total_paid)
    assert made.months > 16


def test_a_debt_past_all_reckoning_stays_in_the_fan():
    debt = {"name": "Visa", "balance": 10**9, "apr": 10, "minimum": {"type": "none"}}
    portfolio = Portfolio.model_validate({"start": "2026-11", "budget": {"monthly": 1}, "debts": [debt]})
    (found,) = ask(portfolio, scenarios=5, months=60).strategies
    assert found.never_paid_off == 1
    assert found.fan[-1].owed.p5 >= 10**16
    assert all(later.owed.p5 >= earlier.owed.p5 for earlier, later in pairwise(found.fan))


def test_a_month_for_the_end_may_be_asked_for(household):
    late, soon = (ask(household, by=by).strategies[0].debt_free_by for by in ("2040-01", "2027-01"))
    assert (late, soon) == (1.0, 0.0)


def test_contradictions_are_told_all_at_once_by_field(household):
    fields = {
        "portfolio": household,
        "strategies": ["custom", "custom"],
        "by": "2020-01",
        "months": 600,
        "scenarios": 100_000,
        "assumptions": {"rates": {"debts": ["Visa", "Boat"]}, "expenses": {"median": "1.234"}, "savings": "0.001"},
    }
    with pytest.raises(InvalidPortfolio) as refused:
        risk(RiskQuestion.model_validate(fields))
    assert {error.path for error in refused.value.errors} == {
        "portfolio.custom_order",
        "strategies.1",
        "by",
        "scenarios",
        "assumptions.rates.debts.1",
        "assumptions.expenses.median",
        "assumptions.savings",
    }


def test_a_scenario_without_money_for_years_is_not_taken_for_one_that_never_ends(household):
    """Between its events it stands still; it goes on when the income is back."""
    debts = [debt.model_copy(update={"apr": Decimal(0), "minimum": NoMinimum(type="none")}) for debt in household.debts]
    portfolio = household.model_copy(update={"debts": debts})
    lost = {**CALM, "income_loss": {"probability": 0.05, "months": 100, "share": 1}}
    (found,) = ask(portfolio, assumptions=lost, months=48, scenarios=200).strategies
    assert found.never_paid_off == 0
    assert found.months.p95 >= 48 + found.without_risk.months - 3
    assert found.total_paid.p5 == found.total_paid.p95 == found.without_risk.total_paid


def test_where_nothing_is_owed_nothing_can_go_wrong(household):
    debts = [debt.model_copy(update={"balance": Decimal(0)}) for debt in household.debts]
    (found,) = ask(household.model_copy(update={"debts": debts})).strategies
    assert (found.months.p95, found.debt_free_by, found.missed_minimum) == (0, 1, 0)
    assert [(row.owed.p95, row.debt_free) for row in found.fan] == [(0, 1)]


def test_as_many_scenarios_as_can_be_kept_and_no_more(household):
    usual = {"portfolio": household, "tornado": False, "months": 600}
    with pytest.raises(InvalidPortfolio, match="at most 40,000"):
        risk(RiskQuestion(scenarios=40_001, **usual))
    with pytest.raises(InvalidPortfolio, match="at most 20,000"):
        risk(RiskQuestion(scenarios=20_001, strategies=["avalanche", "snowball"], **usual))
