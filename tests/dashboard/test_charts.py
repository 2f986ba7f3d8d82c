"""Charts and tables: the same numbers as the plan, told apart by everybody, in the reader's words."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard import charts, findings, tables
from dashboard.text import Words
from data.debt import Portfolio
from data.health import HealthWarning
from data.plan import Plan
from tests.dashboard.planning_loop import NAMES, compare, plan
from tests.dashboard.scripted_api import portfolio

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
    assert shown == {"&lt;b>Visa&lt;/b>", "A &amp; B", "x" * 27 + "…"}


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
    amounts = {name: Decimal(100) for name in ("minimum", "interest", "balance", "budget", "minimums", "income")}
    rates = {"before": 0.0, "after": 0.2499, "utilisation": 0.9}
    for code in ("minimum_below_interest", "promo_ends", "high_utilisation", "budget_below_minimums", "no_income_left"):
        warning = HealthWarning(code=code, debt="Visa", month="2027-05", amounts=amounts, rates=rates)
        sentence = findings.of_warning(warning, "USD", words)
        assert code not in sentence
        assert len(sentence) > 10


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_chart_is_titled_by_what_it_shows(own: Plan, words: Words):
    asked = Portfolio.model_validate(portfolio())
    plans = [plan(asked, name) for name in NAMES]
    assert words.month(own.debt_free) in findings.of_balances(own, words)
    assert words.t("strategy.avalanche") in findings.of_interest(plans, "avalanche", words)
    assert "Visa" in findings.of_payoffs(own, words) or "Store card" in findings.of_payoffs(own, words)
