"""Charts and tables: the same numbers as the plan, told apart by everybody, in the reader's words."""

import re
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from agents.planner.measures.health import health
from dashboard.showing import charts, findings, tables
from dashboard.showing.show import shown_numbers
from dashboard.text import Words
from data.answers.plan import Comparison, Plan
from data.portfolio.portfolio import Portfolio
from tests.dashboard.planning_loop import NAMES, compare, plan
from tests.dashboard.scripted_api import portfolio
from tests.every_warning import PORTFOLIO as EVERYTHING
from tests.every_warning import every_warning

CONFIG = Path(__file__).resolve().parents[2] / "dashboard" / ".streamlit" / "config.toml"
ENGLISH, CHINESE = Words("en"), Words("zh")


@pytest.fixture
def own() -> Plan:
    return plan(Portfolio.model_validate(portfolio()), "avalanche")


@pytest.fixture
def endless() -> Plan:
    held = portfolio(budget="150.00")
    held["debts"] = held["debts"][:2]
    return plan(Portfolio.model_validate(held), "minimum_only")


def test_the_theme_and_the_charts_have_the_same_ten_colours():
    theme = tomllib.loads(CONFIG.read_text("utf-8"))["theme"]
    assert tuple(theme["chartCategoricalColors"]) == charts.PALETTE
    assert len(set(charts.PALETTE)) == 10


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    "name",
    [
        "textColor",
        "grayTextColor",
        "greenTextColor",
        "orangeTextColor",
        "redTextColor",
        "yellowTextColor",
        "primaryColor",
    ],
)
def test_every_text_colour_can_be_read_on_the_page(name: str):
    theme = tomllib.loads(CONFIG.read_text("utf-8"))["theme"]
    light, dark = luminance(theme["backgroundColor"]), luminance(theme[name])
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_stacked_balances_begin_with_what_is_owed_and_end_at_zero(own: Plan):
    figure = charts.stacked_balance(own, ENGLISH)
    assert sum(trace.y[0] for trace in figure.data) == pytest.approx(15400.0)
    assert sum(trace.y[-1] for trace in figure.data) == 0.0
    assert [trace.name for trace in figure.data] == ["Car loan", "Visa", "Store card"]


def test_the_tenth_colour_holds_all_small_debts_together():
    many = {
        **portfolio(),
        "debts": [
            {"name": f"D{n}", "balance": str(1000 - n), "apr": 0.1, "minimum": {"type": "fixed", "amount": "60"}}
            for n in range(12)
        ],
    }
    own = plan(Portfolio.model_validate(many), "avalanche")
    figure = charts.stacked_balance(own, ENGLISH)
    assert len(figure.data) == 10
    assert figure.data[-1].name == "3 smaller debts"
    assert sum(trace.y[0] for trace in figure.data) == pytest.approx(sum(1000 - n for n in range(12)))


def test_the_interest_lines_end_at_each_plans_own_interest_and_differ_in_colour_and_dash():
    asked = Portfolio.model_validate(portfolio())
    plans = [plan(asked, name) for name in NAMES]
    figure = charts.cumulative_interest(plans, ENGLISH, "avalanche")
    ends = {trace.name: trace.y[-1] for trace in figure.data}
    assert ends["Avalanche"] == pytest.approx(float(next(p for p in plans if p.strategy == "avalanche").total_interest))
    looks = {(trace.line.color, trace.line.dash) for trace in figure.data}
    assert len(looks) == len(plans)
    assert figure.data[-1].line.width > figure.data[0].line.width


def test_a_plan_that_never_ends_is_drawn_and_said(endless: Plan):
    assert endless.months is None
    figure = charts.payoff_timeline(endless, CHINESE)
    assert "未还清" in figure.data[0].text
    assert "永远不会归零" in findings.of_balances(endless, CHINESE)
    assert len(charts.stacked_balance(endless, CHINESE).data[0].x) <= charts.MOST_MONTHS + 1


def test_a_debts_name_is_no_markup_on_a_chart():
    names = ("<b>Visa</b>", "A & B", "x" * 60)
    own = plan(Portfolio.model_validate(portfolio(names=names)), "avalanche")
    shown = {trace.name for trace in charts.stacked_balance(own, ENGLISH).data}
    assert shown == {"&lt;b>Visa&lt;/b>", "A &amp; B", "x" * 12 + "…" + "x" * 15}


def test_the_tables_hold_the_numbers_of_the_charts(own: Plan):
    frame = tables.balances_frame(own, ENGLISH)
    assert frame["Visa"].iloc[0] == Decimal("5200.00")
    assert tables.payments_frame(own, ENGLISH)["Total"].sum() == own.total_paid
    assert len(tables.schedule_frame(own, CHINESE)) == len(own.schedule)


def test_the_cheapest_strategy_stands_first_and_those_that_never_end_last():
    compared = compare(Portfolio.model_validate(portfolio()))
    ranked = tables.ranked(compared)
    assert ranked[0].strategy == compared.best
    assert ranked[-1].strategy == "minimum_only"


def test_the_next_payments_come_by_due_day_and_a_31st_is_the_months_last_day(own: Plan):
    asked = Portfolio.model_validate({**portfolio(), "start": "2027-02"})
    feb = plan(asked, "avalanche")
    payments = tables.next_payments(feb, asked.debts, date(2027, 2, 6))
    assert [(each.day, each.debt) for each in payments[:2]] == [
        (date(2027, 2, 14), "Visa"),
        (date(2027, 2, 28), "Store card"),
    ]
    assert own.schedule


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_warning_of_the_planner_is_a_sentence(words: Words):
    for warning in every_warning():
        sentence = findings.of_warning(warning, "USD", words)
        assert warning.code not in sentence
        assert len(sentence) > 10
        assert all(words.money(amount, "USD") in sentence for amount in warning.amounts.values()), sentence
        assert warning.cap is None or warning.cap.source.title in sentence


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_what_minimums_only_come_to_is_told_with_what_is_sooner(words: Words):
    held = health(Portfolio.model_validate(EVERYTHING))
    assert findings.of_minimums_only(held.model_copy(update={"payment_36": None}), words) == ""
    never = findings.of_minimums_only(held, words)
    assert held.payment_36 is not None
    assert words.money(held.payment_36, "CNY") in never
    ends = held.model_copy(update={"minimum_months": 207, "minimum_total": Decimal("12345.67")})
    told = findings.of_minimums_only(ends, words)
    assert words.money("12345.67", "CNY") in told
    assert words.span(207) in told
    assert words.span(36) in told
    soon = held.model_copy(update={"minimum_months": 30, "minimum_total": Decimal("12345.67")})
    assert words.span(36) not in findings.of_minimums_only(soon, words)


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_chart_is_titled_by_what_it_shows(own: Plan, words: Words):
    asked = Portfolio.model_validate(portfolio())
    plans = [plan(asked, name) for name in NAMES]
    assert words.month(own.debt_free) in findings.of_balances(own, words)
    plans.append(own.model_copy(update={"strategy": "custom", "total_fees": own.total_fees + 100}))
    assert words.t("strategy.avalanche") in findings.of_interest(plans, "avalanche", words)
    assert "Visa" in findings.of_payoffs(own, words) or "Store card" in findings.of_payoffs(own, words)


def test_what_grows_is_told_in_the_plans_own_numbers_in_both_languages(endless: Plan):
    last = [row for row in endless.schedule if row.month == endless.schedule[-1].month]
    owed, paid = sum(row.closing for row in last), sum(row.payment for row in last)
    for words in (ENGLISH, CHINESE):
        told = findings.of_missing_money(endless, words)
        assert words.money(owed, "USD") in told
        assert words.money(paid, "USD") in told
        assert words.month(last[0].month) in told
    assert not re.search("[a-z]{2}", findings.of_missing_money(endless, CHINESE))


def test_what_falls_short_is_told_in_the_plans_own_numbers_in_both_languages():
    short = plan(Portfolio.model_validate(portfolio(budget="300.00")), "avalanche")
    first = [row for row in short.schedule if row.month == short.start]
    for words in (ENGLISH, CHINESE):
        told = findings.of_missing_money(short, words)
        assert words.money(sum(row.minimum for row in first), "USD") in told
        assert words.money(300, "USD") in told


def test_nothing_is_missing_from_a_plan_that_pays(own: Plan):
    assert findings.of_missing_money(own, ENGLISH) == ""


def test_no_strategy_is_called_the_cheapest_where_none_ends():
    held = portfolio(budget=None)
    held["debts"] = [{"name": "Card", "balance": "1000.00", "apr": 0.36, "minimum": {"type": "fixed", "amount": "5"}}]
    compared = compare(Portfolio.model_validate(held))
    frame = tables.comparison_frame(compared, ENGLISH)
    assert not any("★" in name for name in frame["Strategy"])
    assert set(frame["Interest"]) == {None}
    assert findings.of_comparison(compared, ENGLISH) == "No strategy pays these debts off with this budget"


def test_strategies_that_do_not_differ_are_not_ranked_by_their_title():
    held = portfolio(budget="600.00")
    held["debts"] = held["debts"][2:]
    compared = compare(Portfolio.model_validate(held))
    active = [each for each in compared.plans if each.strategy != "minimum_only"]
    alike = compared.model_copy(update={"plans": active, "best": active[0].strategy})
    assert findings.of_comparison(alike, ENGLISH).startswith("Every strategy that ends costs the same")
    assert "with every strategy that ends" in findings.of_interest(active, active[0].strategy, ENGLISH)


def test_a_budget_below_the_minimums_is_no_reason_to_praise_a_strategy():
    asked = Portfolio.model_validate(portfolio(budget="300.00"))
    plans = [plan(asked, name) for name in NAMES if name != "minimum_only"]
    compared = Comparison(plans=plans, best=plans[0].strategy)
    assert findings.of_comparison(compared, ENGLISH) == "With this budget every strategy misses minimum payments"


@pytest.mark.parametrize(("amounts", "written"), [(["520000", "0"], "520,000"), (["5200.00", "0"], "5,200.00")])
def test_a_table_has_the_decimals_of_its_currency(amounts: list[str], written: str):
    frame = pd.DataFrame({"Visa": [Decimal(amount) for amount in amounts]}, dtype="object")
    assert shown_numbers(frame)["Visa"].iloc[0] == written


def test_long_names_that_begin_alike_stay_apart_on_a_chart():
    names = [f"International Bank Platinum Card Number {number} of the family's accounts" for number in range(20)]
    labels = charts.labels_of(names)
    assert len(set(labels.values())) == 20
    held = portfolio()
    held["debts"] = [{**held["debts"][0], "name": name} for name in names]
    held["budget"] = {"monthly": "9000.00"}
    timeline = charts.payoff_timeline(plan(Portfolio.model_validate(held), "avalanche"), ENGLISH)
    assert len(set(timeline.data[0].y)) == 20
