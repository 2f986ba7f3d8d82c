"""Everything we know how to get wrong: portfolios, files, questions and changes, and what is said of each."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agents.planner.measures.apr import annual_rate
from agents.planner.offers.taking import Move, take
from agents.planner.plans.budget_by import budget_by
from agents.planner.plans.planning import plan
from agents.planner.what_if.what_if import changed
from data.answers.apr import RateQuestion
from data.answers.card_interest import CardInterestQuestion
from data.answers.plan import Strategy
from data.answers.risk import RiskQuestion
from data.answers.risk_check import check
from data.answers.what_if import Change
from data.errors import BadInput, DebtOptimizerError
from data.files.portfolio_csv import portfolios_to_csv
from data.files.portfolio_file import read_file, read_portfolios
from data.files.portfolio_json import portfolio_of, portfolios_of
from data.portfolio.errors_of_fields import field_errors
from data.portfolio.portfolio import Portfolio
from data.wire.task import NewTask
from tests.everything_wrong import CARD, PORTFOLIO

CARDS: list[dict[str, Any]] = [{**CARD, "name": "Visa"}, {**CARD, "name": "Paid", "balance": 0}]
NESTED = {"type": "interest_only", "until": "2028-01", "then": {"type": "interest_only", "until": "2029-01"}}
LONG = "很长的名称" * 20
PORTFOLIOS: list[Any] = [
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
    {"debts": [{**CARDS[0], "balance": True, "apr": "x", "due_day": 1.5, "accrual": "hourly", "day_basis": 1}]},
    {"debts": [{**CARDS[0], "balance": "x", "apr": None, "due_day": 32, "credit_limit": 0, "name": ""}], "currency": 1},
    {"debts": [{**CARDS[0], "balance": 1e13, "lender": "x" * 81, "agreed": "2026-01-01T10:00:00", "due_day": "x"}]},
    {"debts": [{**CARDS[0], "promo": {"apr": 1, "until": "2027-13", "deferred_interest": "perhaps"}}], "id": "x" * 81},
    {"debts": [{**CARDS[0], "balance": "1" * 2000, "penalty_months": 0}], "currency": "XXQ", "start": "soon"},
    {"debts": [{"name": "Visa"}], "budget": {"yearly_raise": -2, "monthly": 5, "paydays": {"every": "day"}}},
    {"debts": [{**CARDS[0], "minimum": {"type": "greatest", "rules": []}}], "budget": {"lump_sums": [3]}},
    {"debts": [{**CARDS[0], "agreed": 5.5, "lender": 3}], "custom_order": "Visa", "income": float("inf")},
    [],
]
BAD_ROWS = f"""名称,类型,余额,年利率,最低还款,剩余期数,优惠利率,优惠截止,额度,还款日,每月预算,颜色
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
O,信用卡,9999999999999,-18,100,,,,0,,,
P,信用卡,1亿2亿,月息1,1万,,,,,,,
Q,信用卡,10,1分,1万,,,2027-55,,,,
"""
MANY = "\n".join(f"Card {number},10,5" for number in range(102))
TABLES = [
    BAD_ROWS,
    "名称,余额,年利率,优惠利率,优惠截止\nA,100,18,0,2020-01\n",
    "名称,余额,年利率,每月预算\nA,100,18,500\nB,100,18,600\n",
    "name,balance,apr,minimum_type,minimum,promo_deferred,accrual,currency\n"
    "A,5,5,level,,x,hourly,XXQ\nB,5,5,magic,,,,\nC,5,5,fixed,,,,\nD,5,5,percent,,,,\nE,5,5,greatest,,,,\nF,5,5,,,yes,,\n",
    "name,balance,apr,minimum_type,months_left\nG,5,5,equal_principal,\nH,5,5,interest_only,\nI,5,5,interest_only,12\n"
    "J,5,5,level,1\nK,5,5,flat_fee,12\nL,5,5,none,3\nM,5,5,percent,\nN,5,5,level,1500\n",
    "name,balance,apr,daily_rate,fee_rate,months_left,promo_apr,promo_until\nA,5,5,5,,,,\nB,5,5,,1,,,\nC,5,,,1,3,,\n"
    "D,5,,,1,,,\nE,5,5,,,,,2027-01\n",
    "portfolio_id,name,balance,apr,start,income,income\n,A,5,5,,,\nx,B,5,5,2027-01,,\nx,C,5,5,2027-02,6,6\n",
    "a file of debts\n\nname;bank;lender;balance ($ thousand);apr\nA\u200b;x;y;5,5;0,2\n\nTotal;;;;\n",
    f"name,balance,apr\n{MANY}\n",
    "name,balance,balence,colour,apr\nA,€5,5,1,0.2\nB,¥5,5,1,0.3\n",
    'name,balance,apr\nA,1,234.56,5\n"B,5,5\n',
    "name,balance,apr,currency\nA,5.5,5,JPY\nB,5,5,EUR\n",
    "name,balance,apr,monthly_budget\nA,999999999999,5,5.555\n",
    "id,name,balance,apr\n" + "x" * 90 + ",A,5,5\n",
]
UNREADABLE: list[bytes] = [
    *(b"", b"%PDF-1.7 xx", b"name,balance\n", b"hello\nworld", b'{"a": 1}', b"\x09\x08\x10\x00", b"\x1f\x8bxx"),
    *(b"7z\xbc\xafxx", b"Rar!xx", b"{\\rtf1", b"\x89PNGxx", b"\xff\xd8\xffxx", b"GIF89a", b"PAR1xxx", b"<html>"),
    *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 xx", b"PK\x03\x04 broken", b"\xff\xfe\x00\x00aaaa", b"\xff\xfea", b"\x81\xff"),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
    b"name,balance\nA" + b"\x01" * 400 + b",5\n",
    "名称,余额\n房贷,5\n".encode() * 5 + b"\xff\xfe\xfd\n",
    b"name,balance,apr\n" + b"x" * 40_000 + b",5,5\n",
    b"name,balance,apr\n" + b"," * 20_000 + b"\n",
    b'{"a": ',
    b'{"a": 1, "a": 2, "debts": [{"b": 1, "b": 1}]}',
    b'{"a": "\xff"}',
    b"[" * 100_000,
    b"[1]",
    b"[{}, 3]",
]
GOOD = {
    "start": "2026-12",
    "debts": [
        {**CARDS[0], "minimum": {"type": "percent", "rate": 0.02}},
        {"name": "Home", "balance": 9000, "apr": 0.05, "minimum": {"type": "equal_principal", "months": 60}},
    ],
    "offers": [
        {"type": "refinance", "name": "New", "debt": "Home", "apr": 0.01, "months": 12},
        {"type": "balance_transfer", "name": "Zero", "limit": 1000, "apr": 0.2},
        {"type": "settlement", "name": "Half", "debt": "Visa", "share": 0.5, "by": "2027-06"},
    ],
}
CHANGES: list[list[dict[str, Any]]] = [
    [{"type": "budget"}],
    [{"type": "budget", "monthly": 5, "from": "2027-01"}],
    [{"type": "budget", "by": -5}],
    [{"type": "lump_sum", "month": "2020-01", "amount": 5}],
    [{"type": "lump_sum", "month": "2027-01", "amount": 5, "debt": "Nobody"}],
    [{"type": "rate", "debt": "Visa", "apr": 0.1, "from": "2020-01"}],
    [{"type": "minimum", "debt": "Visa", "minimum": NESTED}],
    [{"type": "drop_debt", "debt": "Visa"}, {"type": "drop_debt", "debt": "Home"}],
    [{"type": "add_debt", "debt": {**CARD, "name": "Visa"}}],
    [{"type": "take_offer", "offer": "None"}],
    [{"type": "take_offer", "offer": "New", "from": ["Visa"]}],
    [{"type": "take_offer", "offer": "New", "amount": 5}],
    [{"type": "take_offer", "offer": "Zero", "amount": 50000}],
    [{"type": "prepay", "debt": "Visa", "month": "2027-01", "amount": 5, "mode": "lower_payment"}],
    [{"type": "prepay", "debt": "Home", "month": "2027-01", "amount": 5, "mode": "lower_payment"}],
    [{"type": "prepay", "debt": "Home", "month": "2027-01", "amount": 5, "charge": 1, "charge_rate": 0.1}],
    [{"type": "prepay", "debt": "Home", "month": "2027-01", "amount": 5, "charge": 6}],
    [{"type": "prepay", "debt": "Home", "month": "2027-01", "amount": "5.001"}],
]
MOVES = [
    [Move("Ghost", "Visa", 5)],
    [Move("New", "Visa", 5), Move("New", "Home", 5)],
    [Move("Zero", "Visa", 500_000), Move("Zero", "Home", 500_000)],
    [Move("Half", "Visa", 520_000), Move("Zero", "Visa", 1)],
]
ONCE = [{"amount": 5, "at": 0}]
RATES: list[dict[str, Any]] = [
    {"method": "irr", "periods_per_year": 12, "advances": ONCE, "payments": [{"amount": 0, "at": 1}]},
    {"method": "irr", "periods_per_year": 12, "advances": [{"amount": 0, "at": 0}], "payments": ONCE},
    {"method": "irr", "periods_per_year": True, "advances": ONCE, "payments": [{"amount": 1, "at": 1, "count": 90000}]},
    {"method": "x", "periods_per_year": "x", "advances": [], "payments": [{"amount": 1, "at": -1, "count": 0}]},
    {"method": "irr", "periods_per_year": 12, "advances": ONCE, "payments": [{"amount": 1, "at": 9, "count": 90000}]},
    {
        "method": "irr",
        "periods_per_year": 1,
        "advances": [{"amount": 100, "at": 0}, {"amount": 132, "at": 2}],
        "payments": [{"amount": 230, "at": 1}],
    },
]
CARD_DAYS: list[dict[str, Any]] = [
    {
        "daily_rate": 0.0005,
        "postings": [{"date": "2026-01-09", "amount": "5.001"}, {"date": "1700-01-01", "amount": 5}],
        "payments": [{"date": "2026-01-01", "amount": "0.001"}],
        "until": "2026-01-02",
    },
    {"daily_rate": 5, "postings": [], "until": "soon"},
    {"daily_rate": True, "postings": [{"date": "2026-01-01T10:00:00Z", "amount": -1}], "until": 3},
]
RISKS: list[dict[str, Any]] = [
    {"strategies": ["custom", "avalanche", "avalanche"], "by": "2020-01"},
    {"assumptions": {"rates": {"debts": ["Nobody"]}, "savings": "0.001"}, "scenarios": 100_000, "months": 1200},
    {"strategies": ["optimal", "magic", 3], "scenarios": 0},
]
TASKS: list[dict[str, Any]] = [
    {"type": "debt_analysis"},
    {"type": "financial_advice"},
    {"type": "debt_analysis", "portfolio": GOOD, "portfolio_id": "x"},
]


def told(wrong: Callable[[], Any]) -> list[Any]:
    """What is said when something wrong is done: errors of fields, and the sentence of the whole."""
    try:
        wrong()
    except ValidationError as error:
        return field_errors(error)
    except BadInput as error:
        return [error, *error.errors]
    except DebtOptimizerError as error:
        return [error]
    return []


def _risk(question: dict[str, Any]) -> None:
    check(RiskQuestion.model_validate({"portfolio": GOOD, **question}), 1200, 60)


def _changes(entries: list[dict[str, Any]]) -> None:
    changed(Portfolio.model_validate(GOOD), TypeAdapter(list[Change]).validate_python(entries))


def everything() -> Iterator[tuple[str, list[Any]]]:
    """Each wrong thing by its name, with all that is said of it."""
    good = Portfolio.model_validate(GOOD)
    for place, portfolio in enumerate(PORTFOLIOS):
        yield f"portfolio {place}", told(lambda portfolio=portfolio: portfolio_of(portfolio))
    yield "portfolios", told(lambda: portfolios_of(PORTFOLIOS[:3]))
    for place, table in enumerate(TABLES):
        result = read_portfolios(table.encode(), "x.csv", "2026-12")
        yield f"table {place}", [*result.rejects, *result.warnings]
    for place, content in enumerate(UNREADABLE):
        yield f"unreadable {place}", told(lambda content=content: read_file(content, "x"))
    yield "json as a table", told(lambda: read_portfolios(b'{"a": 1}', "x"))
    yield "csv", told(lambda: portfolios_to_csv([good, good]))
    for place, moves in enumerate(MOVES):
        yield f"moves {place}", told(lambda moves=moves: take(good, moves))
    for place, changes in enumerate(CHANGES):
        yield f"changes {place}", told(lambda changes=changes: _changes(changes))
    for place, rate in enumerate(RATES):
        yield f"rate {place}", told(lambda rate=rate: annual_rate(RateQuestion.model_validate(rate)))
    for place, days in enumerate(CARD_DAYS):
        yield f"card days {place}", told(lambda days=days: CardInterestQuestion.model_validate(days))
    for place, risk in enumerate(RISKS):
        yield f"risk {place}", told(lambda risk=risk: _risk(risk))
    for place, task in enumerate(TASKS):
        yield f"task {place}", told(lambda task=task: NewTask.model_validate(task))
    yield "no start", told(lambda: plan(Portfolio.model_validate({"debts": CARDS}), Strategy.AVALANCHE))
    yield "too large", told(lambda: plan(_too_large(), Strategy.AVALANCHE))
    yield "no order", told(lambda: plan(good, Strategy.CUSTOM))
    yield "too early", told(lambda: budget_by(good, "2020-01"))
    yield "past promotion", told(lambda: _promoted().starting("2026-12"))


def _too_large() -> Portfolio:
    debts = [{**CARD, "name": f"Card {number}", "balance": 10**12} for number in range(100)]
    return Portfolio.model_validate({"start": "2026-12", "currency": "KWD", "debts": debts})


def _promoted() -> Portfolio:
    return Portfolio.model_validate({"debts": [{**CARDS[0], "promo": {"apr": 0, "until": "2020-01"}}]})
