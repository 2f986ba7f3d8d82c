"""Reasons of the API in Chinese: what the reader of files really says, not what we think it says."""

import re

import pytest

from dashboard.reasons import in_language
from data.errors import InvalidPortfolio, UnreadableFile
from data.files.portfolio_file import read_portfolios
from data.files.portfolio_json import portfolio_of
from data.portfolio.errors_of_fields import MESSAGES
from tests.everything_wrong import CARD, PORTFOLIO

LONG = "很长的名称" * 20
BAD = f"""名称,类型,余额,年利率,最低还款,剩余期数,优惠利率,优惠截止,额度,还款日,每月预算,颜色
A,信用卡,abc,18%,100,,,,,,5000,红
B,怪物,1000,xyz,100,,,,,,,
C,信用卡,-5,18%,,,,,,,,
D,信用卡,1000,2499,,,,,,,,
E,信用卡,1000,18,100,x,,,,,,
F,信用卡,1000,18,100,,1,05/06/2027,,,,
G,信用卡,1000,18,100,,1,,,,,
H,信用卡,1000,18,100,,,,,45,,
I,信用卡,1000.123,18,100,,,,,,,
,信用卡,1000,18,100,,,,,,,
J,信用卡,,18,100,,,,,,,
K,信用卡,1000,,100,,,,,,,
A2,信用卡,1000,18,100,,,,,,,,多余
{LONG},信用卡,1000,18,100,,,,,,,
合计,,10000,,,,,,,,,
M,信用卡,1000,万五,100,,,,,,,
N,信用卡,1000,18,100,,,,,,,
N,信用卡,1000,18,100,,,,,,,
"""
CHINESE = re.compile("[一-鿿]{2}")
ENGLISH = re.compile(r"\b(is|not|the|was|read|must|missing|write)\b")


def said(content: str) -> list[str]:
    result = read_portfolios(content.encode(), "x.csv")
    return [each.reason for each in (*result.rejects, *result.warnings)]


def test_every_reason_for_a_bad_row_is_told_in_chinese():
    reasons = said(BAD)
    assert len(reasons) > 12
    untold = [reason for reason in reasons if ENGLISH.search(in_language(reason, "zh"))]
    assert untold == []
    assert all(CHINESE.search(in_language(reason, "zh")) for reason in reasons)


def test_a_promotion_that_was_left_out_is_told_in_chinese():
    rows = "名称,余额,年利率,优惠利率,优惠截止\nA,100,18,0,2020-01\n"
    said = read_portfolios(rows.encode(), "x.csv", "2026-12").warnings
    (warning,) = [warning for warning in said if warning.column == "promo_until"]
    assert in_language(warning.reason, "zh").startswith("优惠在 2026-12 之前已结束，未读取")


def test_budgets_that_disagree_are_told_in_chinese():
    rows = "名称,余额,年利率,每月预算\nA,100,18,500\nB,100,18,600\n"
    (reason,) = [reason for reason in said(rows) if "disagrees" in reason]
    assert in_language(reason, "zh") == '"600" 与同一组合第 2 行的 "500" 不一致；整个组合未载入（“每月预算”列）'


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7 xx", b"name,balance\n", b"hello\nworld", b'{"a": 1}', b"name,balence\n", b"nmae,balence\n"],
)
def test_unreadable_files_are_told_in_chinese(content: bytes):
    with pytest.raises(UnreadableFile) as caught:
        read_portfolios(content, "x")
    told = in_language(caught.value.message, "zh")
    assert CHINESE.search(told)
    assert not ENGLISH.search(told)


CARDS = [{**CARD, "name": "Visa"}, {**CARD, "name": "Paid", "balance": 0}]
NESTED = {"type": "interest_only", "until": "2028-01", "then": {"type": "interest_only", "until": "2029-01"}}
CONTRADICTORY = [
    PORTFOLIO,
    {"debts": CARDS, "budget": {"mode": "extra"}, "custom_order": ["Visa", "Visa"]},
    {"debts": CARDS, "budget": {"monthly": 1, "changes": [{"from": "2027-01", "monthly": 5}] * 2}},
    {"debts": [{**CARDS[0], "rate_steps": [{"from": "2027-01", "apr": 0.2}] * 2, "minimum": NESTED}]},
    {"debts": CARDS, "offers": [{"type": "refinance", "name": "R", "debt": "Paid", "apr": 0, "months": 1}] * 2},
    {"debts": CARDS, "offers": [{"type": "consolidation", "name": "C", "amount": 99999, "apr": 0, "months": 1}]},
    {"debts": [{**CARDS[0], "balance": "1.001", "aprr": 1, "colour": 1, "minimum": {"type": "magic"}}]},
    {
        "debts": [{**CARDS[0], "apr": 24.99, "agreed": "soon", "promo": [], "kind": "\ud800", "minimum": {}}],
        "offers": 1,
    },
    {"debts": [], "offers": [{"type": "settlement", "name": "S", "debt": "Visa", "share": 1, "by": "soon"}]},
]


@pytest.mark.parametrize("portfolio", CONTRADICTORY)
def test_whatever_is_wrong_with_a_portfolio_is_told_in_chinese(portfolio: dict[str, object]):
    with pytest.raises(InvalidPortfolio) as caught:
        portfolio_of(portfolio)
    untold = [error.message for error in caught.value.errors if in_language(error.message, "zh") == error.message]
    assert untold == []


def test_every_message_about_a_field_is_told_in_chinese():
    numbers = dict.fromkeys(("ge", "gt", "le", "lt", "min_length", "max_length", "actual_length"), 2)
    names = dict.fromkeys(("expected", "discriminator", "expected_tags"), "level")
    said = [message.format_map(numbers | names) for message in MESSAGES.values()]
    assert [message for message in said if in_language(message, "zh") == message] == []


def test_english_readers_read_the_apis_own_words():
    assert in_language('"abc" is not a number', "en") == '"abc" is not a number'


def test_a_sentence_nobody_knows_is_shown_as_it_is():
    assert in_language("something new", "zh") == "something new"


def test_a_version_that_moved_on_is_told_in_chinese():
    reason = "The portfolio is at version 2, no longer at 1; read it again."
    assert in_language(reason, "zh") == "该组合已是第 2 版，不再是第 1 版；请重新打开。"
