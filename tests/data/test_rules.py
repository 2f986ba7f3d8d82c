"""Caps and issuers' formulas: the files' shape and dates, and the rule that holds for a day, a debt, an issuer."""

import json
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from data.errors import NotFound
from data.money import is_currency
from data.portfolio.debt import Debt
from data.portfolio.minimum_rule import InterestPlus
from data.rules.issuer_minimum import issuer_minimums, minimum_of_issuer
from data.rules.rate_cap import JURISDICTIONS, caps_of, caps_on, lpr_1y, lpr_1y_on, rate_caps

RULES = Path(__file__).parents[2] / "data" / "rules"


def debt(kind, apr=0.3, balance=10_000, **rest):
    return Debt.model_validate({"name": "A", "kind": kind, "balance": balance, "apr": apr, **rest})


@pytest.mark.parametrize("file", sorted(RULES.glob("*.json")), ids=lambda file: file.name)
def test_each_file_of_rules_says_as_of_when_it_is_known(file):
    content = json.loads(file.read_text("utf-8"))
    assert date.fromisoformat(content["as_of"]) >= date(2026, 1, 1)


def test_every_cap_has_an_id_of_its_own_a_source_and_a_name_in_both_languages():
    caps = rate_caps()
    assert len({cap.id for cap in caps}) == len(caps) >= 20
    for cap in caps:
        assert len(cap.source.title) > 20
        assert cap.name.en.isascii()
        assert not cap.name.zh.isascii()
        assert cap.source.url is None or cap.source.url.startswith("https://")


def test_every_place_that_a_currency_means_has_caps():
    assert set(JURISDICTIONS.values()) <= {cap.jurisdiction for cap in rate_caps()}
    assert all(is_currency(currency) for currency in JURISDICTIONS)


def test_the_loan_prime_rate_is_a_history_of_changes():
    rates = lpr_1y()
    assert rates[0].from_ == date(2019, 8, 20)
    for before, after in pairwise(rates):
        assert before.from_ < after.from_
        assert before.rate != after.rate
        assert after.from_.weekday() < 5  # published on working days


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        ("2019-08-20", "0.0425"),
        ("2020-08-20", "0.0385"),
        ("2021-12-19", "0.0385"),
        ("2021-12-20", "0.038"),
        ("2023-08-21", "0.0345"),
        ("2026-02-24", "0.03"),
    ],
)
def test_the_loan_prime_rate_of_a_day_is_the_last_one_published(day, rate):
    assert lpr_1y_on(date.fromisoformat(day)) == Decimal(rate)
    assert lpr_1y_on(date(2019, 8, 19)) is None


@pytest.mark.parametrize(
    ("agreed", "caps"),
    [
        ("2015-08-31", {}),
        ("2019-05-01", {"cn_private_lending_24": "0.24", "cn_private_lending_36": "0.36"}),
        ("2020-08-19", {"cn_private_lending_24": "0.24", "cn_private_lending_36": "0.36"}),
        ("2020-08-20", {"cn_private_lending_lpr": "0.154"}),
        ("2024-11-01", {"cn_private_lending_lpr": "0.124"}),
    ],
)
def test_private_lending_in_china_is_capped_by_the_day_of_its_contract(agreed, caps):
    found = caps_of(debt("private", agreed=agreed), "CNY", date(2027, 1, 1))
    assert {cap.id: str(cap.apr) for cap in found} == caps


def test_without_the_day_of_its_contract_a_debt_is_capped_as_of_the_plans_first():
    found = caps_of(debt("private"), "CNY", date(2022, 9, 1))
    assert [cap.apr for cap in found] == [Decimal("0.146")]


def test_licensed_lenders_and_private_ones_have_caps_of_their_own():
    today = date(2026, 12, 1)
    assert [cap.id for cap in caps_of(debt("credit_card"), "CNY", today)] == ["cn_financial_24"]
    assert [cap.id for cap in caps_of(debt("private"), "CNY", today)] == ["cn_private_lending_lpr"]


@pytest.mark.parametrize(("balance", "apr"), [(99_999, "0.2"), (100_000, "0.18"), (999_999, "0.18"), (10**6, "0.15")])
def test_the_limit_in_japan_falls_with_the_principal(balance, apr):
    (cap,) = caps_of(debt("personal_loan", balance=balance), "JPY", date(2026, 12, 1))
    assert cap.apr == Decimal(apr)


def test_a_cap_of_a_day_or_of_an_effective_year_is_told_as_a_simple_annual_rate():
    daily = next(cap for cap in caps_on(date(2026, 12, 1), "GB") if cap.id == "gb_hcstc_daily")
    assert daily.apr == Decimal("2.92")
    effective = next(cap for cap in caps_on(date(2026, 12, 1), "HK") if cap.id == "hk_cap_48")
    assert (1 + effective.apr / 12) ** 12 == pytest.approx(Decimal("1.48"), abs=Decimal("1e-9"))


def test_a_cap_holds_from_its_first_day_to_its_last():
    for cap in rate_caps():
        inside = [day for day in (cap.from_, cap.until) if day is not None]
        outside = [cap.from_ - timedelta(1)] + ([cap.until + timedelta(1)] if cap.until else [])
        if cap.per != "loan":
            assert all(cap.id in {found.id for found in caps_on(day, cap.jurisdiction)} for day in inside)
        assert all(cap.id not in {found.id for found in caps_on(day, cap.jurisdiction)} for day in outside)


def test_where_a_currency_tells_no_place_no_cap_is_assumed():
    assert caps_of(debt("personal_loan", apr=9), "EUR", date(2026, 12, 1)) == []


def test_every_issuers_rule_has_an_id_a_currency_a_date_and_a_source():
    rules = issuer_minimums()
    assert len({rule.id for rule in rules}) == len(rules) >= 8
    assert {rule.jurisdiction for rule in rules} >= {"US", "GB", "CN"}
    for rule in rules:
        assert JURISDICTIONS[rule.currency] == rule.jurisdiction
        assert date(2010, 1, 1) < rule.as_of <= date(2026, 11, 27)
        assert rule.note
        assert (rule.source.url or "").startswith("https://")


@pytest.mark.parametrize("name", ["Capital One", "capitalone", " CAPITAL  ONE ", "第一资本", "us_capital_one"])
def test_an_issuers_rule_is_found_by_any_of_its_names(name):
    assert minimum_of_issuer(name).minimum == InterestPlus(rate=Decimal("0.01"), floor=Decimal(25))


def test_an_unknown_issuer_is_refused_with_those_that_are_known():
    with pytest.raises(NotFound, match=r"Bank of Nowhere.*Chase"):
        minimum_of_issuer("Bank of Nowhere")


def test_no_two_issuers_share_a_name():
    names = [name.casefold() for rule in issuer_minimums() for name in (rule.issuer, *rule.also)]
    assert len(names) == len(set(names))
