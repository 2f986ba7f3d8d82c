"""Every number in a text, in English and Chinese, with what kind of number it is and where it stands.

Ordinals, list numbers and digits inside words say nothing about money and are passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from data.money import is_currency


class NumeralKind(Enum):
    """What a number says."""

    NUMBER = "number"  # an amount, or a count
    RATE = "rate"  # a percentage; its value is a fraction
    DURATION = "duration"  # in months
    MONTH = "month"  # "2027-05", or "05" where no year is said
    YEAR = "year"


@dataclass(frozen=True)
class Numeral:
    """A number in a text, at `start` to `end` in code points.

    Attributes:
        value: the number; of a month it is the number of the year's month, and `month` holds the text.
        unit: the place value of its last digit, so that a rounded figure is told from a wrong one.
        is_money: it stands with a currency, so it cannot be a mere count.
    """

    kind: NumeralKind
    start: int
    end: int
    value: Decimal
    unit: Decimal = Decimal(1)
    month: str = ""
    is_money: bool = False


FULL_WIDTH = str.maketrans("０１２３４５６７８９．％￥＄－", "0123456789.%¥$-")
MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
SCALES = {"百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "k": 1000, "thousand": 1000, "m": 10**6, "million": 10**6}

_N = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_EN_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
PATTERN = re.compile(
    rf"""
    (?P<skip> ^[ \t]*(?:[-*+>][ \t]+)?\d{{1,3}}[.)、](?!\d)          # list numbers
      | 第\s*\d+ | \b\d+(?:st|nd|rd|th)\b                          # ordinals
      | (?:\#|\b(?:step|no\.|option|section)|步骤|方案)\s*\d+\b
      | 24/7 )
  | (?P<month> (?<!\d)(?P<zy>\d{{4}})\s*年\s*(?P<zm>1[0-2]|0?[1-9])\s*月
      | (?<![\d-])(?P<iy>(?:19|20|21)\d\d)[-/](?P<im>1[0-2]|0[1-9])(?:[-/]\d\d)?(?![\d/-])
      | \b(?P<em>{_EN_MONTH})\.?\s+(?:\d{{1,2}},?\s+)?(?P<ey>(?:19|20|21)\d\d)(?!\d)
      | (?<![\d.,])(?P<lm>1[0-2]|0?[1-9])\s*月(?!供|息|费) )
  | (?P<duration> (?<![\d.,])(?P<ly>\d{{1,3}}(?:\.\d+)?)(?:\s|-)*(?:years?\b|yrs?\b|年)(?P<half>半)?
        (?:\s*(?:and|,|零|又)?\s*(?P<lym>\d{{1,2}})\s*(?:months?\b|个?月))?
      | (?<![\d.,])(?P<lmo>\d{{1,3}}(?:,\d{{3}})*)(?:\s|-)*(?:months?\b|mos?\b|个\s*月|期) )
  | (?P<rate> (?P<pct>{_N})\s*(?:%|percent\b|per\s+cent\b) | 百分之(?P<zpct>{_N}) )
  | (?P<year> (?<![\d.,])(?P<yy>(?:19|20|21)\d\d)\s*年 )
  | (?P<number> (?:(?P<cur>\b(?-i:[A-Z]{{2,3}})[ ]?[$¥€£]?|[$¥€£₹])[ ]?)?
        (?P<big>(?:(?:{_N})\s?[亿万千百])+\d*|{_N})
        (?:\s?(?P<scale>thousand\b|million\b|[kKmM]\b))?
        (?:\s?(?P<tail>美元|人民币|元|块|圆|(?-i:[A-Z]{{3}})\b))? )
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
WORD = re.compile(r"[A-Za-z]")


def numerals(text: str) -> Iterator[Numeral]:
    """The numbers of a text, in order."""
    plain = narrowed(text)
    for match in PATTERN.finditer(plain):
        found = _read(match)
        if found is not None and not _is_part_of_a_word(plain, match, found):
            yield found


def narrowed(text: str) -> str:
    """Full-width digits and signs as their plain twins, one for one, so that places stay the same."""
    plain = text.translate(FULL_WIDTH)
    # A full-width comma groups thousands only in a text that writes full-width digits.
    return re.sub(r"(?<=\d)，(?=\d{3}(?!\d))", ",", plain) if re.search(r"[０-９]", text) else plain


def _read(match: re.Match[str]) -> Numeral | None:
    start, end = match.span()
    group = match.groupdict()
    if group["month"]:
        return _month(group, start, end)
    if group["duration"]:
        return _duration(group, start, end)
    if group["rate"]:
        digits = group["pct"] or group["zpct"]
        return Numeral(NumeralKind.RATE, start, end, _value(digits) / 100, _unit(digits) / 100)
    if group["year"]:
        return Numeral(NumeralKind.YEAR, start, end, Decimal(group["yy"]))
    return _number(group, start, end) if group["number"] else None


def _month(group: dict[str, str | None], start: int, end: int) -> Numeral:
    year = group["zy"] or group["iy"] or group["ey"] or ""
    name = (group["em"] or "")[:3].lower()
    number = MONTH_NAMES.index(name) + 1 if name else int(group["zm"] or group["im"] or group["lm"] or 0)
    text = f"{year}-{number:02d}" if year else f"{number:02d}"
    return Numeral(NumeralKind.MONTH, start, end, Decimal(number), month=text)


def _duration(group: dict[str, str | None], start: int, end: int) -> Numeral:
    if group["lmo"]:
        return Numeral(NumeralKind.DURATION, start, end, _value(group["lmo"]))
    months = Decimal(group["ly"] or 0) * 12 + Decimal(group["lym"] or 0) + (6 if group["half"] else 0)
    return Numeral(NumeralKind.DURATION, start, end, months)


def _number(group: dict[str, str | None], start: int, end: int) -> Numeral:
    value, unit = _scaled(group["big"] or "", SCALES.get((group["scale"] or "").lower(), 1))
    code = (group["cur"] or "").strip(" $¥€£").upper()
    # Three capitals that are no currency are a word beside the number.
    is_code = len(code) < 3 or is_currency(code) or code == "RMB"
    start += 0 if is_code else len(group["cur"] or "")
    tail = group["tail"] or ""
    is_tail = not tail.isascii() or is_currency(tail.upper())
    end -= 0 if is_tail or not tail else len(tail) + 1
    is_money = bool((group["cur"] and is_code) or (tail and is_tail))
    return Numeral(NumeralKind.NUMBER, start, end, value, unit, is_money=is_money)


def _scaled(text: str, scale: int) -> tuple[Decimal, Decimal]:
    parts = re.findall(rf"({_N})\s?([亿万千百])?", text)
    value, unit = Decimal(0), Decimal(1)
    for digits, sign in parts:
        unit = _unit(digits) * SCALES.get(sign, 1) * scale
        value += _value(digits) * SCALES.get(sign, 1) * scale
    return value, unit


def _value(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def _unit(digits: str) -> Decimal:
    return Decimal(1).scaleb(-len(digits.partition(".")[2]))


def _is_part_of_a_word(text: str, match: re.Match[str], found: Numeral) -> bool:
    """True for the digits of A4, 7-Eleven's cousin K8s, COVID-19: names, not statements."""
    if found.kind is not NumeralKind.NUMBER or found.is_money:
        return False
    before, after = text[: found.start], text[found.end :]
    return bool(re.search(r"[A-Za-z_][-_]?\d*$", before)) or bool(WORD.match(after[:1]))
