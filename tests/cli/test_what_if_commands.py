"""`what-if`, `offers`, `required-budget` and `frontier`: what they print, and what a program reads from them."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from rich.cells import cell_len

from data.answers.budget_answer import Frontier, RequiredBudget
from data.answers.offer_result import OfferAnswer
from data.answers.what_if import WhatIf
from tests.sample_offers import YEAR_AT_NOTHING

OFFERS = [
    YEAR_AT_NOTHING,
    {"type": "consolidation", "name": "dear loan", "amount": "9000", "apr": 0.36, "months": 60},
]


@pytest.fixture
def offered(portfolio: Path) -> Path:
    content = json.loads(portfolio.read_text("utf-8"))
    portfolio.write_text(json.dumps({**content, "offers": OFFERS}), "utf-8")
    return portfolio


def test_what_if_reads_changes_in_words_or_json(run, offered):
    words = ["--change", "budget by=50", "--change", 'take_offer offer="0% card" amount=2000 from=Visa,Car']
    answer = run("what-if", offered, *words, "--json")
    assert (answer.code, answer.err) == (0, "")
    found = WhatIf.model_validate_json(answer.out)
    assert [taken.debt for taken in found.after.offers_taken] == ["Visa"]
    changes = [
        {"type": "budget", "by": 50},
        {"type": "take_offer", "offer": "0% card", "amount": 2000, "from": ["Visa", "Car"]},
    ]
    assert run("what-if", offered, "--change", json.dumps(changes), "--json").out == answer.out
    debt = 'add_debt debt={"name":"New","balance":100,"apr":0.1}'
    added = run("what-if", offered, "--change", debt.replace('"', '\\"'), "--json").json
    assert added["difference"]["debts"][-1]["debt"] == "New"


def test_what_if_shows_the_difference_and_from_when_on_it_is_cheaper(run, offered):
    answer = run("what-if", offered, "--change", "budget by=100")
    assert "Difference" in answer.out
    assert "are less from 2027-01 on" in answer.out
    assert "没有减少" in run("what-if", offered, "--change", "budget by=-10", "--lang", "zh").out


def test_what_if_says_which_change_minimums_do_not_follow(run, offered):
    asked = ["what-if", offered, "--strategy", "minimum_only", "--change", "budget by=100"]
    assert "changes.0: Under minimum_only the budget only says" in run(*asked).out
    assert "只还最低时，预算只用来判断" in run(*asked, "--lang", "zh").out
    assert "offers: Only the optimal strategy takes offers" in run("plan", offered, "--strategy", "avalanche").out


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ("drop_debt debt=None", 1, 'changes.0.debt: no debt is named "None"'),
        ("budgt by=1", 1, "'take_offer'"),
        ("budget by", 2, "no name=value"),
        ('take_offer offer="0%', 2, "quotation"),
        ('{"type": "budget", "by": }', 1, "not JSON"),
    ],
)
def test_a_change_that_cannot_be_read_or_made_is_one_line(run, offered, change, code, said):
    answer = run("what-if", offered, "--change", change)
    assert answer.code == code
    assert said in " ".join(answer.err.split())
    assert "Traceback" not in answer.err


def test_offers_say_which_to_take_and_what_goes_wrong(run, offered):
    answer = run("offers", offered)
    assert answer.code == 0
    assert "dear loan" in answer.out
    assert "promotion ends with 2027-11" in answer.out
    found = OfferAnswer.model_validate_json(run("offers", offered, "--json").out)
    assert [(verdict.name, verdict.take) for verdict in found.offers] == [("0% card", True), ("dear loan", False)]
    assert found.best.plan.offers_taken == found.best.moves


def test_offers_of_none_are_none(run, portfolio):
    assert "No offer is worth taking" in run("offers", portfolio).out
    assert run("offers", portfolio, "--json").json["offers"] == []


def test_required_budget_is_the_smallest_by_the_date(run, portfolio):
    found = RequiredBudget.model_validate_json(run("required-budget", portfolio, "--by", "2029-06", "--json").out)
    assert found.monthly is not None
    enough = run("plan", portfolio, "--budget", found.monthly, "--json").json
    short = run("plan", portfolio, "--budget", found.monthly - Decimal("0.01"), "--json").json
    assert enough["debt_free"] == "2029-06" < short["debt_free"]
    told = run("required-budget", portfolio, "--by", "2029-06").out
    assert f"${found.monthly}" in told
    assert "Proved" in told


def test_required_budget_says_why_there_is_none(run, portfolio):
    usual = ["required-budget", portfolio, "--by", "2027-06", "--strategy", "minimum_only"]
    assert "No budget is debt-free by 2027-06" in run(*usual).out
    assert "任何预算都无法在 2027-06 前还清" in run(*usual, "--lang", "zh").out
    assert "for this strategy" not in run(*usual, "--lang", "zh").out


@pytest.mark.parametrize(("by", "code"), [("2026-11", 1), ("June 2029", 2)])
def test_a_date_that_cannot_be_is_refused(run, portfolio, by, code):
    answer = run("required-budget", portfolio, "--by", by, "--json")
    assert answer.code == code
    if code == 1:
        assert [error["path"] for error in answer.json["errors"]] == ["by"]


def test_frontier_lists_budgets_with_their_months(run, portfolio):
    found = Frontier.model_validate_json(run("frontier", portfolio, "--points", "4", "--json").out)
    assert found.points[-1].months == 1
    assert str(found.points[-1].monthly)[-6:] in run("frontier", portfolio, "--points", "4").out


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "command",
    [["what-if", "--change", "budget by=5"], ["offers"], ["required-budget", "--by", "2029-06"], ["frontier"]],
    ids=lambda command: command[0],
)
def test_tables_fit_in_80_columns_in_both_languages(run, offered, command, language):
    answer = run(command[0], offered, *command[1:], "--lang", language)
    assert answer.code == 0
    assert max(cell_len(line) for line in answer.out.splitlines()) <= 80
    assert "…" not in answer.out
