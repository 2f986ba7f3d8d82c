"""Every portion and quotient of the kernel against whole numbers of any length: halves, near halves, long products."""

from fractions import Fraction
from math import floor

from hypothesis import assume, example, given
from hypothesis import strategies as st

from agents.planner.kernel.exact import RATE_ONE, multiply_divide, portion

DENOMINATORS = st.sampled_from([RATE_ONE, 12 * RATE_ONE, 365 * RATE_ONE, 365 * 366 * RATE_ONE])
AMOUNTS = st.integers(0, 10**18) | st.integers(0, 10**9)


def half_up(amount, numerator, denominator):
    return floor(Fraction(amount * numerator, denominator) + Fraction(1, 2))


@given(AMOUNTS, st.integers(0, 2 * RATE_ONE) | st.integers(0, 10**4).map(lambda points: points * 10**8), DENOMINATORS)
@example(10_000, 600_000_000, 12 * RATE_ONE)
@example(999_999_999_999_999_983, RATE_ONE - 1, RATE_ONE)
def test_a_portion_is_rounded_half_up_whatever_its_size(amount, numerator, denominator):
    found = portion(amount, numerator, denominator, numerator / denominator)
    assert found == half_up(amount, numerator, denominator)


@given(st.integers(0, 10**12), st.integers(1, 10**4))
def test_what_lies_at_a_half_or_next_to_it_is_rounded_as_exact_decimals(halves, share):
    numerator, denominator = share * 10**8, 12 * RATE_ONE
    at_the_half = (2 * halves + 1) * denominator // (2 * numerator)
    for amount in (at_the_half - 1, at_the_half, at_the_half + 1):
        found = portion(amount, numerator, denominator, numerator / denominator)
        assert found == half_up(amount, numerator, denominator)


@given(AMOUNTS, AMOUNTS, st.integers(1, 2**61 - 1))
def test_a_long_product_is_divided_exactly(amount, numerator, denominator):
    assume(amount * numerator // denominator < 2**62)
    found = multiply_divide(amount, numerator, denominator, numerator / denominator)
    assert found == divmod(amount * numerator, denominator)
