"""The functions a model may call: compact, exact, and only about the client's own portfolio."""

import inspect
import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic_ai import ModelRetry

from agents.case import digest
from agents.case.case import Case
from agents.case.first_payments import payments
from agents.planner.plans.planning import compare, plan
from agents.running.tools import FUNCTIONS, amount, tools
from agents.telling.script import Returned, budgets, next_calls, round_sum
from data.answers.plan import Strategy
from tests.agents.cases import NEVER_PAID_OFF, NO_BUDGET, SHORTFALL, SIX_DEBTS, STORIES, YEN, card, portfolio
from tests.agents.recorder import task


def case(values: dict[str, Any]) -> Case:
    return Case.of(task(values))


def floats(value: Any) -> list[str]:
    """The names of everything that is held as a float."""
    if isinstance(value, dict):
        return [name for key, item in value.items() for name in ([key] if isinstance(item, float) else floats(item))]
    return [name for item in value for name in floats(item)] if isinstance(value, list) else []


def test_a_model_can_send_neither_debts_nor_computed_money() -> None:
    sent = {name for function in FUNCTIONS for name in inspect.signature(function).parameters} - {"ctx"}
    assert sent == {"strategy", "months", "monthly"}
    assert [*tools()] == [function.__name__ for function in FUNCTIONS]


@pytest.mark.parametrize("story", STORIES)
def test_amounts_are_strings_and_only_rates_are_fractions(story: str) -> None:
    about = case(STORIES[story])
    chosen = about.plan(about.recommended())
    found = [digest.debts(about), digest.comparison(about), digest.details(about, chosen), payments(chosen, 3)]
    found.append(digest.what_if(about, Decimal("1000"), Strategy.AVALANCHE))
    told = [one.model_dump(mode="json") for one in found]
    assert {name for one in told for name in floats(one)} <= {
        "apr",
        "apr_now",
        "yearly_raise",
        "monthly_rate",
        "true_apr",
    }
    assert all(one["currency"] == STORIES[story]["currency"] for one in told)


def test_a_hundred_debts_without_end_stay_readable_for_a_model() -> None:
    many = [card(f"Card {place}", "5000", 0.3, minimum={"type": "fixed", "amount": "10"}) for place in range(100)]
    about = case(portfolio(*many, budget={"monthly": "1200"}))
    chosen = about.plan(about.recommended())
    of_plan = (digest.details(about, chosen), payments(chosen, 12))
    for told in (digest.debts(about), digest.health(about), digest.comparison(about), *of_plan):
        assert len(json.dumps(told.model_dump(mode="json"))) < 40_000
    assert payments(chosen, 12).shown_months == 1


def test_the_figures_are_the_planners() -> None:
    about = case(SIX_DEBTS)
    compared = compare(about.debts)
    told = digest.comparison(about).model_dump(mode="json")
    assert told["best"] == compared.best
    assert [row["total_paid"] for row in told["strategies"]] == [str(one.total_paid) for one in compared.plans]
    best = next(one for one in compared.plans if one.strategy == compared.best)
    over = [None if one.months is None else str(one.total_paid - best.total_paid) for one in compared.plans]
    assert [row["more_than_best"] for row in told["strategies"]] == over


def test_another_budget_replaces_the_old_one_and_is_planned_again() -> None:
    about = case(SIX_DEBTS)
    told = digest.what_if(about, Decimal("2000.00"), Strategy.SNOWBALL).model_dump(mode="json")
    again = plan(case({**SIX_DEBTS, "budget": {"monthly": "2000"}}).debts, Strategy.SNOWBALL)
    assert told["after"]["total_interest"] == str(again.total_interest)
    before = about.plan(Strategy.SNOWBALL)
    assert told["difference"]["interest_less"] == str(before.total_interest - again.total_interest)
    assert told["difference"]["months_sooner"] == (before.months or 0) - (again.months or 0) > 0


def test_lump_sums_stay_when_the_budget_is_replaced() -> None:
    replanned = case(YEN).plan(Strategy.AVALANCHE, Decimal(60000))
    paid = {
        month: sum(row.payment for row in replanned.schedule if row.month == month) for month in ("2027-02", "2027-03")
    }
    assert paid == {"2027-02": 60000, "2027-03": 160000}


@pytest.mark.parametrize("values", [NEVER_PAID_OFF, NO_BUDGET, SHORTFALL])
def test_minimums_only_is_never_recommended(values: dict[str, Any]) -> None:
    assert case(values).recommended() is not Strategy.MINIMUM_ONLY


@pytest.mark.parametrize("text", ["lots", "", "NaN", "Infinity", "0", "-5", "1e13", "10.005"])
def test_a_bad_amount_is_sent_back_with_words(text: str) -> None:
    with pytest.raises(ModelRetry, match="monthly"):
        amount(text, "USD")


@pytest.mark.parametrize(
    ("text", "currency", "value"),
    [("1500", "USD", "1500.00"), (" 1500.50 ", "USD", "1500.50"), ("9000", "JPY", "9000")],
)
def test_a_good_amount_is_exact(text: str, currency: str, value: str) -> None:
    assert str(amount(text, currency)) == value


@pytest.mark.parametrize(
    ("exact", "named"), [("912.40", "920"), ("1512.34", "1600"), ("7", "7"), ("0.40", "1"), ("100", "100")]
)
def test_a_sum_is_named_as_people_name_it(exact: str, named: str) -> None:
    assert round_sum(Decimal(exact)) == Decimal(named)


def test_the_offline_model_asks_first_for_the_facts_and_ends_when_it_has_them() -> None:
    about = case(SIX_DEBTS)
    first = next_calls(Returned([]), "")
    assert [call.tool for call in first] == ["list_debts", "portfolio_health", "compare_strategies"]
    known = [
        ("list_debts", digest.debts(about).model_dump(mode="json")),
        ("portfolio_health", about.health().model_dump(mode="json")),
        ("compare_strategies", digest.comparison(about).model_dump(mode="json")),
    ]
    second = next_calls(Returned(known), "我每月还2000元呢？")
    assert [call.tool for call in second] == ["plan_details", "first_payments", "what_if_budget", "what_if_budget"]
    assert second[2].arguments["monthly"] == "2000"
    details = digest.details(about, about.plan(Strategy.AVALANCHE)).model_dump(mode="json")
    assert next_calls(Returned([*known, ("plan_details", details)]), "") == []


def test_with_a_shortfall_the_smallest_budget_that_works_is_shown() -> None:
    about = case(SHORTFALL)
    told = digest.debts(about), about.health(), digest.comparison(about)
    assert budgets(*(one.model_dump(mode="json") for one in told)) == [about.plan(Strategy.AVALANCHE).required_budget]
