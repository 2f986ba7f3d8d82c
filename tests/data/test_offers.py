"""Offers as they are sent: each type's shape, and what contradicts the debts."""

from typing import Any

import pytest
from pydantic import ValidationError

from data.portfolio.errors_of_fields import field_errors
from data.portfolio.portfolio import Portfolio

OFFERS: list[dict[str, Any]] = [
    {"type": "balance_transfer", "name": "card", "limit": "5000.00", "apr": 0.2, "promo": {"apr": 0, "months": 18}},
    {"type": "consolidation", "name": "loan", "amount": "5000.00", "apr": 0.1, "months": 36, "fee_rate": 0.02},
    {"type": "refinance", "name": "new", "debt": "Car", "apr": 0.04, "months": 48, "fee": "99.00", "recast": True},
    {"type": "settlement", "name": "half", "debt": "Visa", "share": 0.45, "by": "2027-06"},
    {"type": "instalment", "name": "分期", "debt": "Visa", "limit": "800.00", "months": 12, "fee_rate": 0.006},
]
DEBTS = [{"name": "Visa", "balance": "1000", "apr": 0.24}, {"name": "Car", "balance": "4000", "apr": 0.06}]


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: str(offer["type"]))
def test_an_offer_goes_out_as_it_came_in(offer):
    portfolio = Portfolio.model_validate({"start": "2026-12", "debts": DEBTS, "offers": [offer]})
    (sent,) = portfolio.model_dump(mode="json", by_alias=True)["offers"]
    assert offer.items() <= sent.items()
    assert Portfolio.model_validate(portfolio.model_dump(mode="json", by_alias=True)) == portfolio


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({**OFFERS[0], "name": "Visa"}, "name", "already the name of debts.0"),
    ({**OFFERS[0], "limit": "25000.01"}, "limit", "the debts come to $5,000.00"),
    ({**OFFERS[1], "amount": "1000000"}, "amount", "the debts come to $5,000.00"),
    ({**OFFERS[2], "debt": "None"}, "debt", 'no debt is named "None"'),
    ({**OFFERS[2], "debt": "Paid"}, "debt", 'nothing is owed on "Paid"'),
    ({**OFFERS[3], "by": "2026-11"}, "by", "before the plan's start (2026-12)"),
    ({**OFFERS[3], "share": 1}, "share", "less than 1"),
    ({**OFFERS[3], "share": 0}, "share", "more than 0"),
    ({**OFFERS[4], "limit": "1000.01"}, "limit", '"Visa" comes to $1,000.00'),
    ({**OFFERS[4], "fee_rate": 0.6666666, "months": 0}, "months", "at least 1"),
    ({**OFFERS[0], "limit": "1.234"}, "limit", "more decimals than USD"),
]


@pytest.mark.parametrize(("offer", "field", "said"), WRONG)
def test_an_offer_that_contradicts_the_debts_is_refused_at_its_field(offer, field, said):
    paid = {"name": "Paid", "balance": 0, "apr": 0}
    errors = refused({"start": "2026-12", "debts": [*DEBTS, paid], "offers": [offer]})
    assert list(errors) == [f"offers.0.{field}"]
    assert said in errors[f"offers.0.{field}"]


def test_every_contradiction_is_told_at_once():
    offers = [
        {**OFFERS[0], "limit": "1000000"},
        {**OFFERS[1], "name": "card"},
        {**OFFERS[2], "debt": "None"},
        {**OFFERS[3], "by": "2020-01"},
    ]
    errors = refused({"start": "2026-12", "debts": DEBTS, "offers": offers})
    assert set(errors) == {"offers.0.limit", "offers.1.name", "offers.2.debt", "offers.3.by"}


def test_an_unknown_type_is_refused_with_those_there_are():
    errors = refused({"debts": DEBTS, "offers": [{"type": "gift", "name": "G"}]})
    assert "settlement" in errors["offers.0"]


def refused(content: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        Portfolio.model_validate(content)
    return {error.path: error.message for error in field_errors(caught.value)}
