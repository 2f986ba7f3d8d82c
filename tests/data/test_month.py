"""Months: counted, shifted, and refused when they are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.month import month_at, month_index, parse_month, shift_month


@given(index=st.integers(1900 * 12, 2199 * 12 + 11))
def test_a_month_and_its_index_are_inverse_and_text_sorts_as_time_does(index: int):
    assert month_index(parse_month(month_at(index))) == index
    assert (month_at(index) < month_at(index + 1)) is True


def test_shifting_crosses_the_year():
    assert shift_month("2026-11", 3) == "2027-02"
    assert shift_month("2027-01", -1) == "2026-12"


@pytest.mark.parametrize("text", ["2027-13", "2027-1", "05/2027", "2027-05-01", "", "1899-12"])
def test_what_is_no_month_is_refused_with_an_example(text: str):
    with pytest.raises(ValueError, match="2027-05"):
        parse_month(text)
