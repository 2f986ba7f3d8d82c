"""`apr` and `card-interest`: what they print, and what a program reads from them."""

import json

import pytest

from data.answers.apr import AnnualRate
from data.answers.card_interest import CardInterest

LOAN = {
    "method": "irr",
    "periods_per_year": 12,
    "advances": [{"amount": "12000.00", "at": 0}],
    "payments": [{"amount": "1072.00", "at": 1, "count": 12}],
}
STATEMENT = {
    "daily_rate": 0.0005,
    "postings": [{"date": "2026-03-30", "amount": "1000.00"}],
    "payments": [{"date": "2026-04-23", "amount": "100.00"}],
    "until": "2026-05-05",
    "include_end_day": True,
}


@pytest.fixture
def loan(tmp_path):
    file = tmp_path / "loan.json"
    file.write_text(json.dumps(LOAN), "utf-8")
    return file


def test_apr_in_json_is_the_answer_of_the_endpoint(run, loan):
    answer = run("apr", loan, "--json")
    assert (answer.code, answer.err) == (0, "")
    found = AnnualRate.model_validate_json(answer.out)
    assert found.apr == pytest.approx(0.13034, abs=1e-5)  # a fee of 0.6 % a month is no 7.2 % a year
    assert found.effective == pytest.approx(0.1384, abs=1e-4)


def test_apr_takes_its_question_from_standard_input(run):
    answer = run("apr", "-", "--json", stdin=json.dumps(LOAN).encode())
    assert AnnualRate.model_validate_json(answer.out).apr == pytest.approx(0.13034, abs=1e-5)


@pytest.mark.parametrize(("lang", "words"), [("en", ("Annual rate", "Effective")), ("zh", ("年利率", "实际年利率"))])
def test_apr_tells_a_person_both_rates(run, loan, lang, words):
    out = run("apr", loan, "--lang", lang).out
    assert "13.03" in out
    assert "13.84" in out
    assert all(word in out for word in words)


@pytest.mark.parametrize(("lang", "word"), [("en", "Interest"), ("zh", "利息")])
def test_card_interest_tells_the_interest(run, lang, word):
    answer = run("card-interest", "-", "--lang", lang, stdin=json.dumps(STATEMENT).encode())
    assert answer.code == 0
    assert answer.out.split() == [word, "17.85"]


def test_card_interest_in_json_is_the_answer_of_the_endpoint(run):
    answer = run("card-interest", "-", "--json", stdin=json.dumps(STATEMENT).encode())
    assert CardInterest.model_validate_json(answer.out).interest == CardInterest(interest="17.85").interest
    assert answer.json == {"interest": "17.85"}


def test_every_wrong_field_is_told_at_once(run):
    wrong = {**LOAN, "periods_per_year": 0, "payments": [{"amount": -1, "at": 1, "count": 0}]}
    answer = run("apr", "-", "--json", stdin=json.dumps(wrong).encode())
    assert answer.code == 1
    paths = {error["path"] for error in answer.json["errors"]}
    assert paths == {"periods_per_year", "payments.0.amount", "payments.0.count"}
    line = run("apr", "-", stdin=json.dumps(wrong).encode())
    assert (line.code, line.out, line.err.count("\n")) == (1, "", 1)
    assert "payments.0.count" in line.err


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"name,balance\nVisa,3\n", b'"x"', b"\xff"])
@pytest.mark.parametrize("command", ["apr", "card-interest"])
def test_what_is_no_question_is_refused_in_one_line(run, command, content):
    answer = run(command, "-", stdin=content)
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    answer = run("apr", tmp_path / "nothing.json")
    assert answer.code == 1
    assert "nothing.json" in answer.err


def test_a_flow_without_a_rate_says_why(run):
    nothing = {**LOAN, "payments": [{"amount": 12_000, "at": 0}]}
    answer = run("apr", "-", stdin=json.dumps(nothing).encode())
    assert answer.code == 1
    assert "nothing is repaid" in answer.err
