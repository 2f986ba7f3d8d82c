"""JSON: everything wrong is named at once, in words a client can act on."""

import json
from decimal import Decimal

import pytest

from data.errors import InvalidPortfolio
from data.files.portfolio_file import read_file
from data.files.portfolio_json import read_portfolio_json
from data.portfolio.errors_of_fields import field_path
from data.portfolio.portfolio import Portfolio

VISA = {"name": "Visa", "balance": "5200.00", "apr": 0.2499}


def errors_of(content: bytes) -> dict[str, tuple[str, object]]:
    with pytest.raises(InvalidPortfolio) as refused:
        read_portfolio_json(content)
    return {error.path: (error.message, error.value) for error in refused.value.errors}


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def test_whatever_is_wrong_in_a_list_of_portfolios_is_named_at_once():
    values = [{"debts": [VISA]}, {"debts": [{**VISA, "apr": -1}]}, 5, {"debts": [VISA, VISA]}]
    with pytest.raises(InvalidPortfolio) as refused:
        read_file(as_json(values), "debts.json")
    assert [error.path for error in refused.value.errors] == ["1.debts.0.apr", "2", "3.debts.1.name"]


def test_numbers_and_strings_are_amounts_and_decimals_stay_exact():
    portfolio = read_portfolio_json(b'{"debts": [{"name": "Visa", "balance": 0.10, "apr": 0.123456789012}]}')
    assert str(portfolio.debts[0].balance) == "0.10"
    assert portfolio.debts[0].apr == Decimal("0.123456789012")


def test_every_wrong_field_is_named_at_once_with_its_value():
    found = errors_of(
        as_json(
            {
                "currency": "XYZ",
                "debts": [
                    {**VISA, "apr": 24.99, "minimum": {"type": "fixed", "amount": -1}},
                    {"name": "Car", "blance": 1},
                    {**VISA, "balance": True, "kind": "yacht", "due_day": 1.5, "minimum": {"type": "magic"}},
                ],
            }
        )
    )
    assert set(found) == {
        "currency",
        "debts.0.apr",
        "debts.0.minimum.amount",
        "debts.1.balance",
        "debts.1.apr",
        "debts.1.blance",
        "debts.2.name",
        "debts.2.balance",
        "debts.2.kind",
        "debts.2.due_day",
        "debts.2.minimum",
    }
    assert "24.99 % as 0.2499" in found["debts.0.apr"][0]
    assert found["debts.0.minimum.amount"] == ("must be at least 0", -1)
    assert 'did you mean "balance"' in found["debts.1.blance"][0]
    assert found["debts.1.apr"] == ("this field is required", None)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_by_field(number):
    found = errors_of(f'{{"debts": [{{"name": "Visa", "balance": {number}, "apr": {number}}}]}}'.encode())
    assert set(found) == {"debts.0.balance", "debts.0.apr"}


def test_two_debts_of_one_name_and_amounts_with_too_many_decimals_are_named():
    found = errors_of(as_json({"debts": [VISA, {**VISA, "balance": "1.005"}]}))
    assert set(found) == {"debts.1.name", "debts.1.balance"}


def test_a_name_that_stands_twice_in_an_object_is_named():
    found = errors_of(b'{"debts": [{"name": "Visa", "apr": 1, "balance": 1, "apr": 0.1}], "debts": []}')
    assert "debts" in found
    found = errors_of(b'{"debts": [{"name": "Visa", "apr": 1, "balance": 1, "apr": 0.1}]}')
    assert set(found) == {"debts.0.apr"}


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe{", b"[" * 100_000, b'{"debts": ' + b"9" * 5000 + b"}"),
        *(b'{"debts": [{"name": "V", "balance": 1e999999999, "apr": 1e-999999999}]}', b'{"debts": 1e400}'),
    ],
)
def test_what_is_no_portfolio_is_one_clear_error(content):
    with pytest.raises(InvalidPortfolio) as refused:
        read_portfolio_json(content)
    assert refused.value.message


def test_tags_of_unions_are_no_part_of_a_path_but_a_field_of_that_name_is():
    assert (
        field_path(("debts", 0, "minimum", "greatest", "rules", 1, "percent", "rate")) == "debts.0.minimum.rules.1.rate"
    )
    assert field_path(("debts", 0, "level")) == "debts.0.level"


@pytest.mark.parametrize("value", [{"debts": [VISA]}, [{"debts": [VISA]}]])
def test_a_file_of_json_is_told_by_content(value):
    result = read_file(b"\xef\xbb\xbf \n" + as_json(value), "debts.csv")
    assert result.portfolios == [Portfolio.model_validate({"debts": [VISA]})]
