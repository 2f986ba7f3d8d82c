"""Rates as people write them: 24.99, 24.99%, 万五, 万分之五, 1分5厘; each as a fraction of its own period.

A bare number is a percentage. Knows the words of a day, a month and a year, so that a rate in the wrong
column is refused; what a debt makes of a rate is data/files/rows/row_draft.py's.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from data.files.cells.amount import parse_number
from data.files.cells.text import BadCell, plain_value, shortened
from data.wording.sentence import Sentence, say

Period = Literal["year", "month", "day"]

MAX_ANNUAL_RATE = 10  # 1,000 %
PERIODS_A_YEAR: dict[Period, int] = {"year": 1, "month": 12, "day": 365}
COLUMNS_OF: dict[Period, list[str]] = {
    "year": ["apr (年利率)"],
    "month": ["monthly_rate (月利率)", "fee_rate (月费率)"],
    "day": ["daily_rate (日利率)"],
}
RATE_OF: dict[Period, str] = {"year": "rate_of_a_year", "month": "rate_of_a_month", "day": "rate_of_a_day"}
PERIOD_WORD = re.compile(r"(?:(年)|(月)|(日|天|每日|每天))(?:化|息|利率|利|化利率|费率|费)+")
SIGNS = {"%": -2, "‰": -3, "‱": -4, "": -2}
FRACTION_OF = re.compile(r"(百|千|万|萬)(分之)?(.+)")
POWERS = {"百": -2, "千": -3, "万": -4, "萬": -4}
# Only of monthly rates: 1.5 % a month is 1分5厘.
FEN_LI = re.compile(r"(?:(?P<fen>[^分厘毫]+)分)?(?:(?P<li>[^分厘毫]+)厘)?(?:(?P<hao>[^分厘毫]+)毫)?")
DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
NUMERAL = re.compile(r"(?:([一二三四五六七八九])?(十))?([零〇一二两三四五六七八九])?(?:点([零〇一二三四五六七八九]+))?")


def parse_rate(cell: str, *, period: Period = "year", comma_decimal: bool = False, sign: str = "%") -> Decimal:
    """A rate as a fraction of its period; `sign` is what a bare number counts in (‰ under a header 月利率（‰）).

    Raises:
        BadCell: it is no rate, is negative, is of another period, or over 1,000 % a year.

    >>> parse_rate("24.99%"), parse_rate("万五", period="day"), parse_rate("1分5厘", period="month")
    (Decimal('0.2499'), Decimal('0.0005'), Decimal('0.015'))
    """
    return _cached_rate(cell, period, comma_decimal, sign)


# A file holds few different rates, many times each.
@lru_cache(maxsize=20_000)
def _cached_rate(cell: str, period: Period, comma_decimal: bool, sign: str) -> Decimal:  # noqa: FBT001 (a cache's key)
    text = plain_value(cell)
    said = PERIOD_WORD.match(text)
    if said:
        _check_period(cell, said, period)
        text = text[said.end() :]
    if text.startswith(("-", "−", "(")):
        raise BadCell(say("negative_rate", value=shortened(cell)))
    try:
        rate = _number_with_sign(text, sign, comma_decimal=comma_decimal)
    except BadCell:
        rate = _spoken_rate(text, cell, period)
    if rate * PERIODS_A_YEAR[period] > MAX_ANNUAL_RATE:
        raise BadCell(say("above_highest_rate", value=shortened(cell)))
    return rate


def is_bare_number(cell: str) -> bool:
    """True where a rate says no unit of its own, neither % nor 万."""
    return plain_value(cell)[-1:].isdigit()


def _check_period(cell: str, said: re.Match[str], period: Period) -> None:
    meant: Period = "year" if said[1] else "month" if said[2] else "day"
    if meant != period:
        raise BadCell(say(RATE_OF[meant], value=shortened(cell), columns=COLUMNS_OF[meant]))


def _number_with_sign(text: str, sign: str, *, comma_decimal: bool) -> Decimal:
    own = text[-1:] if text[-1:] in {"%", "‰", "‱"} else ""
    number = parse_number(text.removesuffix(own), comma_decimal=comma_decimal)
    return number.scaleb(SIGNS[own or sign])


def _spoken_rate(text: str, cell: str, period: Period) -> Decimal:
    part = FRACTION_OF.fullmatch(text)
    if part:
        # 百分之五 is 5 % of any period; 千分之 and 万分之 are said of months and days, so of a year they are a mistake.
        if period == "year" and part[1] != "百":
            raise BadCell(say("reads_like_daily_rate", value=shortened(cell), columns=COLUMNS_OF["day"]))
        return _numeral(part[3], cell).scaleb(POWERS[part[1]])
    named = FEN_LI.fullmatch(text) if text else None
    if not named:
        raise BadCell(_not_a_rate(cell))
    if period != "month":
        raise BadCell(say("means_monthly_rate", value=shortened(cell), columns=COLUMNS_OF["month"]))
    parts = ((named["fen"], -2), (named["li"], -3), (named["hao"], -4))
    return sum((_numeral(number, cell).scaleb(power) for number, power in parts if number), Decimal(0))


def _numeral(text: str, cell: str) -> Decimal:
    """A number in digits, or in Chinese numerals below 100: 五, 十八, 三点五."""
    try:
        return parse_number(text)
    except BadCell:
        found = NUMERAL.fullmatch(text) if text else None
    if not found:
        raise BadCell(_not_a_rate(cell))
    tens = (DIGITS[found[1]] if found[1] else 1) * 10 if found[2] else 0
    ones = DIGITS[found[3]] if found[3] else 0
    decimals = "".join(str(DIGITS[sign]) for sign in found[4] or "")
    return Decimal(f"{tens + ones}.{decimals}" if decimals else tens + ones)


def _not_a_rate(cell: str) -> Sentence:
    return say("not_a_rate", value=shortened(cell))
