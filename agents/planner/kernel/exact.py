"""Exact half-up rounding inside the kernel: each amount comes out as if it had been computed in exact decimals.

A product is first taken in binary floats. Only where that lies so near a half that the float's error could decide the
rounding is it taken again, exactly.

Source: Dekker 1971 and Knuth, TAOCP 2, 4.2.2, for the sums and products of pairs of floats ("double-double", 106 bits).
"""

from math import expm1, log1p
from typing import Any

import numpy as np

from agents.planner.kernel.compiled import every_month, every_month_fused, multiply_add, rare, rarely

RATE_ONE = 1_000_000_000_000  # rates are whole numbers of 10^-12
TO_WHOLE = 6_755_399_441_055_744.0  # 1.5 x 2^52: what is added to it is rounded to a whole number
TO_WHOLE_BITS = int(np.float64(TO_WHOLE).view(np.int64))
FLOAT_ERROR = 1e-15  # above the relative error of a few roundings
POWER_ERROR = 1e-13  # above the relative error of expm1 and log1p on what we ask of them
SURE_WHOLE = 4e14  # below it a product's or quotient's float is wrong by less than 1/4
TWELFTH = -1  # so many days of a year: as long as any other month
MONTHS_OF_RATE = 12.0 * RATE_ONE  # of an annual rate: what it is divided by to be a month's
SPLITTER = 134_217_729.0  # 2^27 + 1


@every_month
def portion(amount: int, numerator: int, denominator: int, factor: float) -> int:
    """Amount x numerator / denominator, rounded half-up; `factor` is the fraction as a float.

    >>> portion(10_000, 600_000_000, 12 * RATE_ONE, 0.0006 / 12)
    1
    """
    whole, sure = rounded(amount, factor, FLOAT_ERROR)
    return whole if sure else _portion_near_a_half(amount, numerator, denominator, factor)


@every_month_fused
def rounded(amount: int, factor: float, error: float) -> tuple[int, bool]:
    """Amount x factor, rounded, and whether it is so however far the product is off, by so much of it at most."""
    near = amount * factor
    shifted = multiply_add(float(amount), factor, TO_WHOLE)  # sooner known than near + TO_WHOLE
    # So near a half that the float's error could decide: left to whole numbers.
    doubtful = rarely(abs(near - (shifted - TO_WHOLE)) + near * error >= 0.5)
    bits: Any = np.float64(shifted).view(np.int64)
    return bits - TO_WHOLE_BITS, not doubtful


@rare
def _portion_near_a_half(amount: int, numerator: int, denominator: int, factor: float) -> int:
    near = amount * factor
    if near < SURE_WHOLE:  # products may wrap around, not their difference: it is below two denominators
        whole = int(near)
        return whole + (2 * amount * numerator - (2 * whole + 1) * denominator >= 0)
    quotient, rest = multiply_divide(amount, numerator, denominator, factor)
    return quotient + (rest >= denominator - rest)


@every_month
def multiply_divide(amount: int, numerator: int, denominator: int, factor: float) -> tuple[int, int]:
    """Quotient and remainder of amount x numerator / denominator, however long the product; `factor` as in `portion`.

    A quotient that a float holds is corrected by at most one; else by binary long multiplication modulo the
    denominator, which must be below 2^61.
    """
    near = amount * factor
    if rarely(near >= SURE_WHOLE):
        return _long_multiply_divide(amount, numerator, denominator)
    whole = int(near)
    rest = amount * numerator - whole * denominator  # products may wrap around, not their difference
    if rarely(rest < 0):
        return whole - 1, rest + denominator
    return _carry(whole, rest, denominator)


@rare
def _long_multiply_divide(amount: int, numerator: int, denominator: int) -> tuple[int, int]:
    part = numerator // denominator
    rest = numerator - part * denominator
    whole, remainder = 0, 0
    for place in range(62, -1, -1):
        whole, remainder = _carry(whole * 2, remainder * 2, denominator)
        if (amount >> place) & 1:
            whole, remainder = _carry(whole + part, remainder + rest, denominator)
    return whole, remainder


@every_month
def _carry(whole: int, remainder: int, denominator: int) -> tuple[int, int]:
    return (whole + 1, remainder - denominator) if remainder >= denominator else (whole, remainder)


@rare
def level_instalment(principal: int, rate: int, months: int) -> int:
    """A = P i (1 + i)^n / ((1 + i)^n - 1) with i = rate / 12, rounded half-up; P / n where the rate is 0.

    Units: minor units, rate in 10^-12 a year.

    >>> level_instalment(100_000_00, 60_000_000_000, 360)  # 100,000 at 6 % over 30 years
    59955
    """
    return level_instalment_at(principal, rate, log_growth(rate), months)


@rare
def log_growth(rate: int) -> float:
    """The logarithm of 1 + i, where i = rate / 12."""
    return log1p(rate / MONTHS_OF_RATE)


@rare
def level_instalment_at(principal: int, rate: int, logarithm: float, months: int) -> int:
    """The same, where the logarithm of 1 + i is known."""
    if rate == 0:
        return portion(principal, 1, months, 1.0 / months)
    # The formula in another form, which keeps the digits of a small rate.
    whole, sure = rounded(principal, -(rate / MONTHS_OF_RATE) / expm1(-months * logarithm), POWER_ERROR)
    if sure:
        return whole
    i = _quotient(rate, 12 * RATE_ONE)
    growth = _growth(i, months)
    factor = _divide(_times(i, _plus(growth, (1.0, 0.0))), growth)
    return _round(_times(_pair(principal), factor))


@rare
def compound_factor(rate: int, basis: int, days: float) -> float:
    """(1 + rate / basis)^days - 1 as a float, within POWER_ERROR."""
    return expm1(days * log1p(rate / (RATE_ONE * float(basis))))


@rare
def compound_interest(amount: int, rate: int, basis: int, days: int) -> int:
    """Amount x ((1 + rate / basis)^days - 1), rounded half-up; `days` may be TWELFTH.

    Units: minor units, rate in 10^-12 a year.
    """
    near = amount * compound_factor(rate, basis, basis / 12.0 if days == TWELFTH else float(days)) + 0.5
    whole = int(near)
    if abs(near - whole - 0.5) + near * POWER_ERROR < 0.5:
        return whole
    return _round(_times(_pair(amount), _daily_growth(rate, basis, days)))


@rare
def compound_interest_across(amount: int, rate: int, days: tuple[int, int], lengths: tuple[int, int]) -> int:
    """As `compound_interest` over days in two years, each day divided by the length of its own year."""
    first = _daily_growth(rate, lengths[0], days[0])
    second = _daily_growth(rate, lengths[1], days[1])
    return _round(_times(_pair(amount), _plus(_plus(first, second), _times(first, second))))


@rare
def _daily_growth(rate: int, basis: int, days: int) -> tuple[float, float]:
    day = _quotient(rate, basis * RATE_ONE)
    return _twelfth(_growth(day, basis)) if days == TWELFTH else _growth(day, days)


@rare
def _growth(rate: tuple[float, float], periods: int) -> tuple[float, float]:
    """(1 + rate)^periods - 1, by doublings that lose no digit of a small rate: u(2k) = u (2 + u)."""
    growth = (0.0, 0.0)
    # Eleven bits: no more than 1,200 periods are asked for.
    for place in range(10, -1, -1):
        growth = _times(growth, _plus(growth, (2.0, 0.0)))
        if (periods >> place) & 1:
            growth = _plus(_plus(growth, rate), _times(growth, rate))
    return growth


@rare
def _twelfth(growth: tuple[float, float]) -> tuple[float, float]:
    """The w with (1 + w)^12 = 1 + growth, by Newton's method from the float's."""
    part = (expm1(log1p(growth[0]) / 12.0), 0.0)
    # Each step of Newton's method doubles the digits: two from a float's are more than a pair holds.
    for _ in range(2):
        excess = _plus(_growth(part, 12), (-growth[0], -growth[1]))
        slope = _times(_plus(_growth(part, 11), (1.0, 0.0)), (12.0, 0.0))
        step = _divide(excess, slope)
        part = _plus(part, (-step[0], -step[1]))
    return part


@rare
def _round(value: tuple[float, float]) -> int:
    """Half-up; what lies within 10^-13 of a half is the half that the pair's last bits missed."""
    whole = int(value[0])
    rest = (value[0] - whole) + value[1]
    while rest < 0.0:
        whole, rest = whole - 1, rest + 1.0
    return whole + int(rest + 0.5 + 1e-13)


@rare
def _pair(whole: int) -> tuple[float, float]:
    high = float(whole)
    return high, float(whole - int(high))


@rare
def _quotient(above: int, below: int) -> tuple[float, float]:
    return _divide(_pair(above), _pair(below))


@rare
def _plus(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    high, low = _sum(a[0], b[0])
    high2, low2 = _sum(a[1], b[1])
    high, low = _tidy(high, low + high2)
    return _tidy(high, low + low2)


@rare
def _times(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    high, low = _product(a[0], b[0])
    return _tidy(high, low + (a[0] * b[1] + a[1] * b[0]))


@rare
def _divide(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    first = a[0] / b[0]
    minus = _times(b, (-first, 0.0))
    rest = _plus(a, minus)
    second = rest[0] / b[0]
    minus = _times(b, (-second, 0.0))
    rest = _plus(rest, minus)
    high, low = _tidy(first, second)
    return _plus((high, low), (rest[0] / b[0], 0.0))


@rare
def _sum(a: float, b: float) -> tuple[float, float]:
    # What the rounded sum has lost (Knuth).
    high = a + b
    other = high - a
    return high, (a - (high - other)) + (b - other)


@rare
def _tidy(high: float, low: float) -> tuple[float, float]:
    total = high + low
    return total, low - (total - high)


@rare
def _product(a: float, b: float) -> tuple[float, float]:
    high = a * b
    # Halves of a float, whose products are exact (Dekker).
    split = SPLITTER * a
    a_high = split - (split - a)
    a_low = a - a_high
    split = SPLITTER * b
    b_high = split - (split - b)
    b_low = b - b_high
    return high, ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low
