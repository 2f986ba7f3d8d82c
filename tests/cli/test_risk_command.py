"""`risk`: what it prints, and what a program reads from it."""

import json

import pytest
from rich.cells import cell_len

from data.answers.risk_report import RiskReport

FEW = ("--scenarios", "300")


def test_risk_in_json_is_the_contract_and_the_same_for_the_same_seed(run, portfolio):
    first = run("risk", portfolio, *FEW, "--json")
    assert (first.code, first.err) == (0, "")
    report = RiskReport.model_validate_json(first.out)
    assert (report.scenarios, report.seed, report.start) == (300, 1, "2026-12")
    assert report.strategies[0].without_risk.months == run("plan", portfolio, "--json").json["months"]
    assert run("risk", portfolio, *FEW, "--json").out == first.out
    assert run("risk", portfolio, *FEW, "--seed", "2", "--json").out != first.out


def test_assumptions_are_set_one_by_one(run, portfolio):
    calm = ("income_loss.probability=0", "expenses.per_month=0", "rates.debts=", "savings=10.50")
    options = [word for one in calm for word in ("--assume", one)]
    report = run("risk", portfolio, *FEW, *options, "--json").json
    assert report["assumptions"]["savings"] == "10.50"
    assert report["assumptions"]["rates"]["debts"] == []
    (found,) = report["strategies"]
    assert found["months"]["p5"] == found["months"]["p95"] == found["without_risk"]["months"]
    named = run("risk", portfolio, *FEW, "--assume", "rates.debts=Car, Visa", "--json").json
    assert named["assumptions"]["rates"]["debts"] == ["Visa", "Car"]


def test_strategies_months_and_the_date_are_taken(run, portfolio):
    options = ("--strategies", "snowball,avalanche", "--by", "2040-01", "--months", "24")
    report = run("risk", portfolio, *FEW, *options, "--json").json
    assert [each["strategy"] for each in report["strategies"]] == ["snowball", "avalanche"]
    assert report["by"] == "2040-01"
    assert all(len(each["fan"]) == 24 for each in report["strategies"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_tables_fit_in_80_columns_in_both_languages(run, portfolio, language):
    answer = run("risk", portfolio, *FEW, "--lang", language)
    assert answer.code == 0
    assert max(cell_len(line) for line in answer.out.splitlines()) <= 80
    assert "…" not in answer.out
    assert ("雪崩法" in answer.out) == (language == "zh")
    assert ("Debt-free by" in answer.out) == (language == "en")


def test_what_never_ends_is_shown_as_such(run):
    debts = [{"name": "Visa", "balance": "10000", "apr": "0.5", "minimum": {"type": "fixed", "amount": "50"}}]
    content = json.dumps({"start": "2026-12", "budget": {"monthly": 100}, "debts": debts}).encode()
    out = run("risk", "-", *FEW, stdin=content).out
    assert "Never debt-free: 100.0%" in out
    assert "None" not in out


@pytest.mark.parametrize(
    ("options", "path"),
    [
        (("--scenarios", "0"), "scenarios"),
        (("--seed", "-1"), "seed"),
        (("--by", "soon"), "by"),
        (("--by", "2026-11"), "by"),
        (("--months", "601"), "months"),
        (("--assume", "income_loss.probability=2"), "assumptions.income_loss.probability"),
        (("--assume", "income_loss.chance=0.1"), "assumptions.income_loss.chance"),
        (("--assume", "rates.debts=Boat"), "assumptions.rates.debts.0"),
        (("--strategies", "custom"), "portfolio.custom_order"),
    ],
)
def test_bad_options_are_named_by_field(run, portfolio, options, path):
    answer = run("risk", portfolio, *options, "--json")
    assert answer.code == 1
    assert [error["path"] for error in answer.json["errors"]] == [path]
    assert path in run("risk", portfolio, *options).err


def test_an_assumption_without_a_value_is_wrong_usage(run, portfolio):
    assert run("risk", portfolio, "--assume", "savings").code == 2
    assert run("risk", portfolio, "--assume", "a.b.c=1").code == 2
