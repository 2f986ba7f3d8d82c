"""Money: whole minor units, rounded half-up, shown as people write it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.money import display_money, from_minor, minor_digits, round_half_up, to_minor


@pytest.mark.parametrize(("currency", "digits"), [("USD", 2), ("CNY", 2), ("JPY", 0), ("KWD", 3)])
def test_a_currency_has_its_own_decimals(currency: str, digits: int):
    assert minor_digits(currency) == digits


@given(minor=st.integers(-(10**17), 10**17), currency=st.sampled_from(["USD", "JPY", "KWD", "CNY"]))
def test_minor_units_survive_the_way_there_and_back(minor: int, currency: str):
    assert to_minor(from_minor(minor, currency), currency) == minor


def test_more_decimals_than_the_currency_has_are_refused():
    with pytest.raises(ValueError, match="more decimals than JPY"):
        to_minor(Decimal("12.5"), "JPY")


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.005", "0.01"), ("2.675", "2.68"), ("0.0049999", "0.00"), ("-0.005", "-0.01")]
)
def test_halves_round_up_as_in_exact_decimals(amount: str, rounded: str):
    assert str(round_half_up(Decimal(amount), "USD")) == rounded


def test_money_is_shown_as_the_language_writes_it():
    assert display_money(Decimal("5200"), "USD", "en") == "$5,200.00"
    assert display_money(Decimal("5200"), "CNY", "zh_CN") == "¥5,200.00"
