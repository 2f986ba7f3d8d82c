"""Money as whole minor units (cents, 分), and the one rounding rule: once, half-up, as in exact decimals."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision

MAX_AMOUNT = Decimal(10) ** 12


def is_currency(code: str) -> bool:
    """True for an ISO 4217 code that is or was in use."""
    return code in get_global("all_currencies")


@cache
def minor_digits(currency: str) -> int:
    """Digits after the decimal point: 2 for USD and CNY, 0 for JPY, 3 for KWD (Unicode CLDR)."""
    return get_currency_precision(currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount in minor units.

    Raises:
        ValueError: the amount has more decimals than the currency.

    >>> to_minor(Decimal("52.00"), "USD")
    5200
    """
    scaled = amount.scaleb(minor_digits(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} has more decimals than {currency} ({minor_digits(currency)})")
    return int(scaled)


def from_minor(minor: int, currency: str) -> Decimal:
    """An amount in currency units with all its decimals.

    >>> from_minor(5200, "USD")
    Decimal('52.00')
    """
    return Decimal(int(minor)).scaleb(-minor_digits(currency))


def round_half_up(amount: Decimal, currency: str) -> Decimal:
    """The amount rounded once, half-up, to the currency's minor unit."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), rounding=ROUND_HALF_UP)


def display_money(amount: Decimal, currency: str, locale: str = "en") -> str:
    """The amount as people write it in that language: $5,200.00, ¥5,200.00."""
    return format_currency(amount, currency, locale=locale)
