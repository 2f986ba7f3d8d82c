"""The optimal plan on the dashboard: its proof in words, what others pay above it, and the order that is as good."""

from decimal import Decimal

import pytest

from dashboard.showing import charts, findings, tables
from dashboard.text import LANGUAGES, Words
from data.answers.plan import Comparison, OfferTaken, Plan
from data.portfolio.portfolio import Portfolio
from tests.dashboard.conftest import OpenPage
from tests.dashboard.planning_loop import compare
from tests.dashboard.scripted_api import Script, portfolio
from tests.dashboard.test_pages import text_of


@pytest.fixture
def compared() -> Comparison:
    return compare(Portfolio.model_validate(portfolio()), ["optimal"])


def optimal_of(compared: Comparison) -> Plan:
    return next(plan for plan in compared.plans if plan.strategy == "optimal")


def with_optimal(compared: Comparison, **values: object) -> Comparison:
    plans = [one.model_copy(update=values) if one.strategy == "optimal" else one for one in compared.plans]
    return compared.model_copy(update={"plans": plans})


@pytest.mark.parametrize(("language", "said"), [("en", "Proved: no plan can pay less"), ("zh", "已证明")])
def test_the_page_says_what_no_plan_can_pay_less_than(
    open_page: OpenPage, compared: Comparison, language: str, said: str
):
    app = open_page("plans", lang=language)
    assert not app.exception
    assert said in text_of(app)
    column = Words(language).t("column.above_optimum")
    table = app.dataframe[0].value
    assert [value for value in table[column] if value == "0.00"]
    assert len(table) == len(compared.plans)
    gaps = {Words(language).percent(plan.gap) for plan in compared.plans if plan.gap is not None}
    assert gaps
    assert gaps <= set(table[Words(language).t("column.gap")])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_proof_names_the_bound_and_a_doubt_says_that_it_is_one(compared: Comparison, language: str):
    words, paid = Words(language), optimal_of(compared).total_paid
    near = findings.of_bound(compared, words)
    assert f"{paid:,}" in near
    assert f"{compared.bound:,}" in near
    exact = findings.of_bound(with_optimal(compared, gap=0.0, bound=paid), words)
    assert f"{paid:,}" in exact
    assert "%" not in exact
    doubtful = findings.of_bound(with_optimal(compared, proved=False, gap=0.0123), words)
    assert "1.230%" in doubtful
    assert ("not proved" if language == "en" else "尚未证明") in doubtful


def test_without_an_end_or_a_search_there_is_nothing_to_prove(compared: Comparison):
    words = Words("en")
    assert findings.of_bound(with_optimal(compared, months=None), words) == ""
    none = {"bound": None, "gap": None, "above_optimum": None}
    orders = [plan.model_copy(update=none) for plan in compared.plans if plan.strategy != "optimal"]
    assert findings.of_bound(Comparison(plans=orders, best=compared.best), words) == ""
    frame = tables.comparison_frame(Comparison(plans=orders, best=compared.best), words)
    assert words.t("column.above_optimum") not in frame.columns


@pytest.mark.parametrize(("language", "said"), [("en", "simple to keep"), ("zh", "简单易行")])
def test_an_order_that_costs_hardly_more_is_shown_and_recommended(compared: Comparison, language: str, said: str):
    cheaper = optimal_of(compared).total_paid - Decimal("0.01")
    near = with_optimal(compared, total_paid=cheaper).model_copy(update={"best": "optimal", "recommended": "avalanche"})
    plans = [
        one.model_copy(update={"above_optimum": Decimal("0.01")}) if one.strategy == "avalanche" else one
        for one in near.plans
    ]
    near = near.model_copy(update={"plans": plans})
    assert tables.recommended(near) == "avalanche"
    for text in (findings.of_simple_order(near, Words(language)), findings.of_choice(plans[2], near, Words(language))):
        assert said in text
        assert "0.01" in text
    assert findings.of_simple_order(near.model_copy(update={"recommended": "optimal"}), Words(language)) == ""


def test_where_nothing_ends_nothing_is_called_cheapest_or_recommended(open_page: OpenPage):
    held = portfolio(budget="50.00")
    endless = compare(Portfolio.model_validate(held))
    assert not tables.knows_optimum(endless)
    assert Words("en").t("column.above_optimum") not in tables.comparison_frame(endless, Words("en")).columns
    for plan in endless.plans:
        said = findings.of_choice(plan, endless.model_copy(update={"recommended": "avalanche"}), Words("en"))
        assert "cheapest" not in said
    app = open_page("plans")
    app.number_input[0].set_value(50.0).run()
    assert not [name for name in app.selectbox[1].options if "recommended" in name or "★" in name]


def test_the_optimal_plan_is_sought_once_for_all_pages(open_page: OpenPage, script: Script):
    app = open_page("plans")
    app.selectbox[1].select("optimal").run()
    assert "Month by month: Optimal plan" in text_of(app)
    compared = [body for path, body in script.received if path == "/v1/plans/compare"]
    assert [body["schedules"] for body in compared] == [["optimal"]]
    assert all(0 < body["time_limit_s"] <= 5 for body in compared)
    assert "optimal" not in {body["strategy"] for path, body in script.received if path == "/v1/plans"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_offers_that_a_plan_takes_up_stand_in_a_table(compared: Comparison, language: str):
    taken = OfferTaken(
        name="0% card",
        type="balance_transfer",
        debt="Visa",
        amount=Decimal("2000.00"),
        fee=Decimal("60.00"),
        charge=Decimal("1.50"),
        month="2026-12",
    )
    plan = optimal_of(compared).model_copy(update={"offers_taken": [taken]})
    frame = tables.offers_frame(plan, Words(language))
    assert frame.iloc[0].tolist() == ["0% card", "Visa", "2026-12", Decimal("2000.00"), Decimal("61.50")]


def test_the_optimal_plan_has_a_colour_of_its_own():
    assert len(set(charts.STRATEGY_COLOURS.values())) == len(charts.STRATEGIES)
    assert "optimal" in charts.DASHES
