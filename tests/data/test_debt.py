"""Portfolios: what is accepted as it comes, what is refused by field, and what stays exactly itself."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from data.errors import InvalidPortfolio
from data.portfolio.debt import Fees
from data.portfolio.portfolio import Portfolio
from data.portfolio.value import Value

CONTRACT = json.loads("""
{
  "id": "client-42", "currency": "USD", "start": "2026-12", "income": "4800.00",
  "budget": {"monthly": "1500.00", "mode": "total",
             "changes": [{"from": "2027-06", "monthly": "1800.00"}],
             "lump_sums": [{"month": "2027-03", "amount": "2000.00", "debt": "Visa"}],
             "yearly_raise": 0.03, "paydays": {"every": "biweekly", "first": "2026-12-04", "amount": "690.00"}},
  "debts": [
    {"name": "Visa", "kind": "credit_card", "balance": "5200.00", "apr": 0.2499, "accrual": "daily",
     "minimum": {"type": "interest_plus", "rate": 0.01, "floor": "35.00"},
     "promo": {"apr": 0.0, "until": "2027-05", "deferred_interest": false},
     "rate_steps": [{"from": "2028-01", "apr": 0.2699}],
     "fees": {"monthly": "0.00", "annual": "95.00", "annual_month": 4, "late": "40.00"},
     "penalty_apr": 0.2999, "penalty_months": 6, "prepayment": {"rate": 0.01, "until": "2027-12"},
     "credit_limit": "8000.00", "due_day": 14, "lender": "Bank"}],
  "offers": [
    {"type": "balance_transfer", "name": "0% card", "limit": "6000.00", "fee_rate": 0.03,
     "promo": {"apr": 0.0, "months": 18}, "apr": 0.2299,
     "minimum": {"type": "percent", "rate": 0.02, "floor": "25.00"}},
    {"type": "consolidation", "name": "Bank loan", "amount": "12000.00", "apr": 0.0999,
     "months": 36, "fee_rate": 0.02}],
  "custom_order": ["Visa"]
}
""")

RULES: list[dict[str, Any]] = [
    {"type": "fixed", "amount": "35.00"},
    {"type": "percent", "rate": 0.02, "floor": "25.00", "of": "opening"},
    {"type": "interest_plus", "rate": 0.01, "floor": "35.00", "add": "20.00"},
    {"type": "greatest", "rules": [{"type": "fixed", "amount": "35.00"}, {"type": "percent", "rate": 0.02}]},
    {"type": "level", "months": 48, "recast": True},
    {"type": "equal_principal", "months": 360},
    {"type": "interest_only", "until": "2028-12"},
    {"type": "interest_only", "until": "2028-12", "then": {"type": "level", "months": 120}},
    {"type": "flat_fee", "principal": "12000.00", "months": 12, "fee_rate": 0.006},
    {"type": "none"},
]


def one_debt(**fields: Any) -> dict[str, Any]:
    return {"debts": [{"name": "Visa", "balance": "100.00", "apr": 0.2, **fields}]}


def refusals(portfolio: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        Portfolio.model_validate(portfolio)
    return {".".join(map(str, error["loc"])): error["msg"] for error in caught.value.errors()}


def test_the_portfolio_of_the_contract_is_accepted_and_comes_back_the_same():
    portfolio = Portfolio.model_validate(CONTRACT)
    wire = json.loads(portfolio.model_dump_json(by_alias=True, exclude_none=True))
    assert wire["debts"][0]["balance"] == "5200.00"
    assert wire["debts"][0]["apr"] == 0.2499
    assert wire["budget"]["changes"] == [{"from": "2027-06", "monthly": "1800.00"}]
    assert Portfolio.model_validate(wire) == portfolio


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["type"])
def test_every_minimum_rule_parses(rule: dict[str, Any]):
    assert Portfolio.model_validate(one_debt(minimum=rule)).debts[0].minimum.type == rule["type"]


def test_only_name_balance_and_rate_are_required_and_the_rest_defaults_by_kind():
    card = Portfolio.model_validate(one_debt(kind="credit_card")).debts[0]
    loan = Portfolio.model_validate(one_debt(kind="personal_loan")).debts[0]
    assert card.minimum.model_dump() == {
        "type": "percent",
        "rate": Decimal("0.02"),
        "floor": Decimal("25.00"),
        "of": "statement",
    }
    assert loan.minimum.model_dump() == {"type": "level", "months": 60, "recast": False}
    assert Portfolio.model_validate(one_debt()).budget is None


def test_amounts_are_held_with_the_currencys_decimals():
    dollars = Portfolio.model_validate(one_debt(balance=5200))
    yen = Portfolio.model_validate({**one_debt(balance=5200, minimum={"type": "none"}), "currency": "JPY"})
    assert str(dollars.debts[0].balance) == "5200.00"
    assert str(yen.debts[0].balance) == "5200"


@given(cents=st.integers(0, 10**14))
def test_any_amount_in_cents_survives_the_wire(cents: int):
    amount = Decimal(cents).scaleb(-2)
    portfolio = Portfolio.model_validate(one_debt(balance=str(amount)))
    assert Portfolio.model_validate_json(portfolio.model_dump_json()).debts[0].balance == amount


@pytest.mark.parametrize(
    ("debt", "path"),
    [
        ({"apr": 24.99}, "debts.0.apr"),
        ({"apr": -0.1}, "debts.0.apr"),
        ({"apr": float("nan")}, "debts.0.apr"),
        ({"apr": True}, "debts.0.apr"),
        ({"balance": "-5"}, "debts.0.balance"),
        ({"balance": "abc"}, "debts.0.balance"),
        ({"balance": "5.001"}, "debts.0.balance"),
        ({"balance": 1e13}, "debts.0.balance"),
        ({"name": "  "}, "debts.0.name"),
        ({"name": "x" * 81}, "debts.0.name"),
        ({"due_day": 32}, "debts.0.due_day"),
        ({"intrest": 1}, "debts.0.intrest"),
        ({"promo": {"apr": 0, "until": "2027-13"}}, "debts.0.promo.until"),
        ({"minimum": {"type": "percent", "rate": 0.02, "floor": "1.005"}}, "debts.0.minimum.floor"),
        ({"penalty_months": 6}, "debts.0.penalty_months"),
    ],
)
def test_a_field_that_cannot_be_is_refused_by_its_path(debt: dict[str, Any], path: str):
    assert [found for found in refusals(one_debt(**debt)) if found.replace(".percent", "") == path]


def test_every_contradiction_is_named_at_once():
    portfolio = {
        "start": "2026-12",
        "custom_order": ["Visa", "Amex", "Visa"],
        "budget": {"lump_sums": [{"month": "2026-01", "amount": 5, "debt": "Amex"}]},
        "debts": [
            {"name": "Visa", "balance": 1, "apr": 0.2, "promo": {"apr": 0, "until": "2026-05"}},
            {"name": "Visa", "balance": 1, "apr": 0.2, "minimum": {"type": "interest_only", "until": "2026-05"}},
        ],
    }
    assert set(refusals(portfolio)) == {
        "debts.1.name",
        "debts.0.promo.until",
        "debts.1.minimum.until",
        "budget.monthly",
        "budget.lump_sums.0.debt",
        "budget.lump_sums.0.month",
        "custom_order.1",
        "custom_order",
    }


def test_the_hundred_and_first_debt_is_refused():
    debts = [{"name": f"debt {number}", "balance": 1, "apr": 0} for number in range(101)]
    assert "debts" in refusals({"debts": debts})
    assert len(Portfolio.model_validate({"debts": debts[:100]}).debts) == 100


def test_an_unknown_currency_is_refused():
    assert "currency" in refusals({**one_debt(), "currency": "XYZ"})


def test_what_lies_before_a_start_that_is_filled_in_is_refused_all_at_once():
    debts = [
        {"name": "Visa", "balance": 1, "apr": 0.2, "promo": {"apr": 0, "until": "2027-01"}},
        {"name": "Loan", "balance": 1, "apr": 0.2, "minimum": {"type": "interest_only", "until": "2027-02"}},
    ]
    budget = {"monthly": 5, "lump_sums": [{"month": "2027-01", "amount": 5}]}
    offers = [{"type": "settlement", "name": "Half", "debt": "Visa", "share": 0.5, "by": "2027-02"}]
    portfolio = Portfolio.model_validate({"debts": debts, "budget": budget, "offers": offers})
    assert portfolio.starting("2027-01").start == "2027-01"
    with pytest.raises(InvalidPortfolio) as caught:
        portfolio.starting("2027-03")
    paths = ["debts.0.promo.until", "debts.1.minimum.until", "budget.lump_sums.0.month", "offers.0.by"]
    assert [error.path for error in caught.value.errors] == paths


def test_a_start_is_filled_in_only_where_there_is_none():
    assert Portfolio.model_validate(one_debt()).starting("2027-01").start == "2027-01"
    assert Portfolio.model_validate(CONTRACT).starting("2027-01").start == "2026-12"


def values(above: type[Value] = Value) -> Iterator[type[Value]]:
    """Every kind of value, those made of another too."""
    for kind in above.__subclasses__():
        yield kind
        yield from values(kind)


def test_no_number_passes_for_a_value_whose_parts_may_all_be_left_out():
    without_need = [
        kind for kind in values() if kind.model_fields and not any(f.is_required() for f in kind.model_fields.values())
    ]
    assert Fees in without_need
    for kind in without_need:
        with pytest.raises(ValidationError):
            # As FastAPI asks it.
            kind.model_validate(Decimal("1.5"), from_attributes=True)
