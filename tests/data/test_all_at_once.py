"""Wrong fields and contradictions are told together: nothing wrong with one field hides what is wrong with others."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from data.portfolio.errors_of_fields import field_errors
from data.portfolio.portfolio import Portfolio
from tests.everything_wrong import PORTFOLIO, WRONG

RIGHT: dict[str, Any] = {
    "currency": "USD",
    "start": "2026-12",
    "income": "4800.00",
    "budget": {
        "monthly": "1500.00",
        "changes": [{"from": "2027-06", "monthly": "1800.00"}, {"from": "2027-09", "monthly": "1900.00"}],
        "lump_sums": [{"month": "2027-03", "amount": "2000.00", "debt": "Visa"}],
        "paydays": {"every": "biweekly", "first": "2026-12-04", "amount": "690.00"},
    },
    "debts": [
        {
            "name": "Visa",
            "kind": "credit_card",
            "balance": "5200.00",
            "apr": 0.2499,
            "minimum": {"type": "greatest", "rules": [{"type": "fixed", "amount": "35"}]},
            "promo": {"apr": 0.0, "until": "2027-05"},
            "rate_steps": [{"from": "2028-01", "apr": 0.2699}, {"from": "2029-01", "apr": 0.2799}],
            "fees": {"annual": "95.00"},
            "penalty_apr": 0.2999,
            "penalty_months": 6,
            "prepayment": {"rate": 0.01, "until": "2027-12"},
        },
        {
            "name": "Home",
            "balance": "90000.00",
            "apr": 0.05,
            "minimum": {"type": "interest_only", "until": "2028-12", "then": {"type": "level", "months": 120}},
        },
    ],
    "offers": [
        {"type": "balance_transfer", "name": "0% card", "limit": "6000", "apr": 0.2, "promo": {"apr": 0, "months": 9}},
        {"type": "consolidation", "name": "Bank loan", "amount": "12000", "apr": 0.1, "months": 36},
        {"type": "settlement", "name": "Half", "debt": "Visa", "share": 0.5, "by": "2027-06"},
        {"type": "instalment", "name": "分期", "debt": "Visa", "limit": "800", "months": 12, "fee_rate": 0.006},
    ],
    "custom_order": ["Visa", "Home"],
}


def refused(content: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        Portfolio.model_validate(content)
    return {error.path: error.message for error in field_errors(caught.value)}


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where in a document something can be wrong: each field, and each object and list."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))


def with_value(content: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    changed: Any = copy.deepcopy(content)
    inner = changed
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return changed


def test_everything_wrong_is_named_at_once():
    assert set(refused(PORTFOLIO)) == WRONG


def test_from_json_text_as_much_is_named_as_from_objects():
    with pytest.raises(ValidationError) as caught:
        Portfolio.model_validate_json(json.dumps(PORTFOLIO))
    assert {error.path for error in field_errors(caught.value)} == WRONG


def test_the_portfolio_of_these_tests_is_right():
    Portfolio.model_validate(RIGHT)


@given(st.sampled_from(list(leaves(RIGHT))), st.sampled_from([True, [[]], {"a": 1}, float("nan"), "\ud800"]))
def test_what_cannot_be_read_contradicts_nothing(path: tuple[str | int, ...], junk: Any):
    found = refused(with_value(RIGHT, path, junk))
    place = ".".join(map(str, path[:-1] if path[-1] == "type" else path))
    assert found
    assert all(one == place or one.startswith(place + ".") for one in found if not names_lost(path, one))


def names_lost(path: tuple[str | int, ...], wrong: str) -> bool:
    """True where a debt that cannot be read has taken along the only name that others refer to."""
    refers = wrong.endswith(".debt") or wrong.startswith("custom_order.")
    return path[0] == "debts" and path[2:] in {(), ("name",)} and refers


@given(st.sampled_from(list(leaves(RIGHT))))
def test_a_wrong_field_hides_no_contradiction_elsewhere(path: tuple[str | int, ...]):
    content = with_value(RIGHT, ("budget", "lump_sums", 0, "month"), "2026-01")
    content = with_value(content, ("debts", 0, "promo", "until"), "2026-02")
    content = with_value(content, ("offers", 1, "name"), "Visa")
    expected = {"budget.lump_sums.0.month", "debts.0.promo.until", "offers.1.name"}
    kept = {one for one in expected if is_apart(path, one)}
    assert kept <= set(refused(with_value(content, path, True)))


def is_apart(path: tuple[str | int, ...], wrong: str) -> bool:
    """True where a field is neither within what contradicts, nor what it contradicts: the start, or the debt's name."""
    place = ".".join(map(str, path))
    is_within = wrong == place or wrong.startswith(place + ".")
    return (
        not is_within
        and path[0] != "start"
        and not (wrong == "offers.1.name" and place in {"debts", "debts.0", "debts.0.name", "offers.1.type"})
    )


def test_a_contradiction_is_not_told_of_a_field_that_is_wrong_by_itself():
    debt = {"name": "Visa", "balance": 1, "apr": 0, "penalty_months": -1}
    assert refused({"debts": [debt]}) == {"debts.0.penalty_months": "must be at least 1"}


def test_the_entries_of_a_list_that_is_too_long_are_looked_at():
    debts = [{"name": f"debt {number}", "balance": 1, "apr": 24.99 if number == 100 else 0} for number in range(101)]
    assert set(refused({"debts": debts})) == {"debts", "debts.100.apr"}


def test_an_offer_is_measured_against_the_balances_that_can_be_read():
    debts = [{"name": "A", "balance": "10", "apr": 0}, {"name": "B", "balance": "-1", "apr": 0}]
    offer = {"type": "consolidation", "name": "C", "amount": "51", "apr": 0, "months": 2}
    assert (
        "the debts whose balance can be read come to $10.00"
        in refused({"debts": debts, "offers": [offer]})["offers.0.amount"]
    )
