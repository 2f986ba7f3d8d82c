"""A cell that holds more than text, as text: a number, a date, a truth; as spreadsheets and data frames hold them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

SIGNIFICANT_DIGITS = 15


def text_of_value(value: Any, *, is_percent: bool = False) -> str:
    """A cell's value as text: numbers by their 15 significant digits, dates as 2027-05-31.

    >>> text_of_value(0.1 + 0.2), text_of_value(0.2499, is_percent=True)
    ('0.3', '24.99%')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        # Excel shows and stores 15 digits: 0.1 + 0.2 is 0.3 to whoever typed it.
        number = Decimal(format(value, f".{SIGNIFICANT_DIGITS}g"))
        return format((number * 100).normalize(), "f") + "%" if is_percent else format(number, "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)
