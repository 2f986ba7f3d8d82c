"""Every number in a text, in English and Chinese, with what kind of number it is and where it stands.

Ordinals, list numbers and digits inside words say nothing about money and are passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from agents.checking.number_patterns import DIGITS, EN_TENTHS, HEDGE_AFTER, HEDGE_BEFORE, PATTERN, PHONE_WORDS
from agents.checking.number_words import english_decimals, english_value, with_digits
from data.money import is_currency


class NumeralKind(Enum):
    """What a number says."""

    NUMBER = "number"  # an amount, or a count
    RATE = "rate"  # a percentage; its value is a fraction
    DURATION = "duration"  # in months
    MONTH = "month"  # "2027-05", or "05" where no year is said
    YEAR = "year"
    RATIO = "ratio"  # how many times one thing is another
    PHONE = "phone"  # a number to call; its digits are in `digits`


@dataclass(frozen=True)
class Numeral:
    """A number in a text, at `start` to `end` in code points.

    Attributes:
        value: the number; of a month it is the number of the year's month, and `month` holds the text.
        unit: the place value of its last digit, so that a rounded figure is told from a wrong one.
        is_money: it stands with a currency, so it cannot be a mere count.
        is_hedged: it is said to be rounded: "about", 约.
        digits: of a number to call.
        is_ordinal: of a month, its place in a plan.
    """

    kind: NumeralKind
    start: int
    end: int
    value: Decimal
    unit: Decimal = Decimal(1)
    month: str = ""
    is_money: bool = False
    is_hedged: bool = False
    digits: str = ""
    is_ordinal: bool = False


FULL_WIDTH = str.maketrans("０１２３４５６７８９．％￥＄－", "0123456789.%¥$-")
MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
SCALES = {
    "十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "w": 10**4, "k": 1000, "grand": 1000, "thousand": 1000,
    "m": 10**6, "million": 10**6,
}  # fmt: skip
PARTS = {"百分之": 100, "千分之": 1000, "万分之": 10000, "万": 10000}
NEAR = 18  # characters in which a hedge or the words of a phone number stand
WORD = re.compile(r"[A-Za-z]")


def numerals(text: str) -> Iterator[Numeral]:
    """The numbers of a text, in order."""
    plain = narrowed(text)
    for match in PATTERN.finditer(plain):
        found = _read(match)
        if found is not None and not _is_part_of_a_word(plain, match, found):
            yield found


def narrowed(text: str) -> str:
    """Full-width digits and signs, and Chinese digits, as their plain twins, one for one: places stay the same."""
    plain = text.translate(FULL_WIDTH)
    # A full-width comma groups thousands only in a text that writes full-width digits.
    grouped = re.sub(r"(?<=\d)，(?=\d{3}(?!\d))", ",", plain) if re.search(r"[０-９]", text) else plain
    return with_digits(grouped)


def _read(match: re.Match[str]) -> Numeral | None:
    start, end = match.span()
    group = match.groupdict()
    try:
        if group["phone"]:
            return _phone(group["phone"], start, end)
        if group["month"]:
            return _month(group, start, end)
        if group["duration"]:
            return _duration(match, group, start, end)
        if group["rate"]:
            return _rate(match, group, start, end)
        if group["ratio"]:
            value, unit = _plain(group["times"] or "")
            return Numeral(NumeralKind.RATIO, start, end, value, unit)
        if group["year"]:
            return Numeral(NumeralKind.YEAR, start, end, Decimal(group["yy"]))
        return _number(match, group, start, end) if group["number"] else None
    except ValueError:
        return None  # words that are no number together


def _phone(digits: str, start: int, end: int) -> Numeral:
    plain = re.sub(r"\D", "", digits)
    return Numeral(NumeralKind.PHONE, start, end, Decimal(plain), digits=plain)


def _month(group: dict[str, str | None], start: int, end: int) -> Numeral:
    year = group["zy"] or group["iy"] or group["ey"] or group["sy"] or ""
    year = f"20{year or group['ey2'] or group['zy2']}" if not year and (group["ey2"] or group["zy2"]) else year
    name = (group["em"] or group["ei"] or "")[:3].lower()
    said = group["zm"] or group["zm2"] or group["im"] or group["lm"] or group["sm"] or "0"
    number = MONTH_NAMES.index(name) + 1 if name else int(_scaled(said, 1)[0])
    text = f"{year}-{number:02d}" if year else f"{number:02d}"
    return Numeral(NumeralKind.MONTH, start, end, Decimal(number), month=text)


def _duration(match: re.Match[str], group: dict[str, str | None], start: int, end: int) -> Numeral:
    is_hedged = _is_hedged(match)
    nth = group["nth"] or group["nthe"] or group["nthm"]
    if nth:
        return Numeral(NumeralKind.DURATION, start, end, _plain(nth)[0], is_ordinal=True)
    if group["lmo"]:
        value, unit = _plain(group["lmo"])
        return Numeral(NumeralKind.DURATION, start, end, value, min(unit, Decimal(1)), is_hedged=is_hedged)
    if group["halfyear"]:
        return Numeral(NumeralKind.DURATION, start, end, Decimal(6))
    years, unit = _plain(group["ly"] or "0")
    rest = _plain(group["lym"])[0] if group["lym"] else Decimal(0)
    months = years * 12 + rest + (6 if group["half"] or group["ahalf"] else 0)
    # Of 2.1 years the last digit is a tenth of a year; of 2 years and 4 months it is a month.
    place = unit * 12 if unit < 1 or (is_hedged and not group["lym"]) else Decimal(1)
    return Numeral(NumeralKind.DURATION, start, end, months, place, is_hedged=is_hedged)


def _rate(match: re.Match[str], group: dict[str, str | None], start: int, end: int) -> Numeral:
    parts = PARTS.get(group["of"] or "", 10000 if group["bps"] else 10 if group["tenths"] else 100)
    digits = group["pct"] or group["ofn"] or group["bps"] or group["tenths"] or ""
    value, unit = _plain(digits)
    is_hedged = bool(group["tenths"]) or _is_hedged(match)
    return Numeral(NumeralKind.RATE, start, end, value / parts, unit / parts, is_hedged=is_hedged)


def _number(match: re.Match[str], group: dict[str, str | None], start: int, end: int) -> Numeral:
    if group["yuan"] or group["jiao"]:
        value = sum(
            (
                _plain(group[name] or "0")[0] * Decimal(worth)
                for name, worth in (("yuan", "1"), ("jiao", "0.1"), ("fen", "0.01"))
            ),
            Decimal(0),
        )
        unit = Decimal("0.01") if group["fen"] else Decimal("0.1")
        return Numeral(NumeralKind.NUMBER, start, end, value, unit, is_money=True)
    if group["words"]:
        value = english_value(group["words"])
        money = bool(group["wtail"])
        return Numeral(NumeralKind.NUMBER, start, end, value, is_money=money, is_hedged=_is_hedged(match))
    spaced = re.sub(r"(?<=\d) (?=\d{3})", "", group["big"] or "")
    value, unit = _scaled(spaced, SCALES.get((group["scale"] or "").lower(), 1))
    code = (group["cur"] or "").strip(" $¥€£").upper()
    # Three capitals that are no currency are a word beside the number.
    is_code = len(code) < 3 or is_currency(code) or code == "RMB"
    start += 0 if is_code else len(group["cur"] or "")
    tail = group["tail"] or ""
    is_tail = not tail.isascii() or len(tail) != 3 or is_currency(tail.upper()) or tail.lower() in ("rmb", "pct")
    end -= 0 if is_tail or not tail else len(tail) + 1
    is_money = bool((group["cur"] and is_code) or (tail and is_tail))
    if not is_money and _is_to_call(match):
        return _phone(group["big"] or "", start, end)
    return Numeral(NumeralKind.NUMBER, start, end, value, unit, is_money=is_money, is_hedged=_is_hedged(match))


def _scaled(text: str, scale: int) -> tuple[Decimal, Decimal]:
    """A number with signs of scale, such as 12万5千, 1百2十, 3万5 and 十2, and the place of its last digit."""
    # 十 alone is one ten; 万 and 亿 multiply all before them.
    parts: list[tuple[str, str]] = re.findall(rf"({DIGITS})?\s?([亿万千百十])?", text)
    total, section, unit, last = Decimal(0), Decimal(0), Decimal(1), 1
    for digits, sign in parts:
        if not digits and not sign:
            continue
        by = SCALES.get(sign, 1)
        value, place = _plain(digits) if digits else (Decimal(1), Decimal(1))
        if sign in ("万", "亿"):
            total += (section + (value if digits else 0)) * by if digits or section else Decimal(by)
            section = Decimal(0)
        elif not sign and last >= 100 and len(digits) == 1:
            # 3万5 is 3万5千: a digit by itself is of the next scale.
            by = last // 10
            section += value * by
        else:
            section += value * by
        unit, last = place * by, by
    return (total + section) * scale, unit * scale


def _plain(digits: str) -> tuple[Decimal, Decimal]:
    """A number's value and the place of its last digit, however it is written."""
    if WORD.match(digits):
        tenths = EN_TENTHS.fullmatch(digits)
        if tenths:
            rest = english_decimals(tenths[2])
            return english_value(tenths[1]) + Decimal(f"0.{rest}"), Decimal(1).scaleb(-len(rest))
        return english_value(digits), Decimal(1)
    if re.search(r"[十百千万亿点]", digits):
        whole, _, rest = digits.partition("点")
        value, unit = _scaled(whole, 1)
        return (value + Decimal(f"0.{rest}"), Decimal(1).scaleb(-len(rest))) if rest else (value, unit)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d\d", digits):
        digits = digits.replace(".", "").replace(",", ".")
    plain = re.sub(r"[,'’\s]", "", digits)
    return Decimal(plain), Decimal(1).scaleb(-len(plain.partition(".")[2]))


def _is_hedged(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()], match.string[match.end() :]
    return bool(HEDGE_BEFORE.search(before[-NEAR:]) or HEDGE_AFTER.match(after[:6]) or "个多月" in match[0])


def _is_to_call(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()], match.string[match.end() :]
    return bool(PHONE_WORDS.search(before[-NEAR:]) or re.match(r"\s*(?:热线|hotline|lifeline)", after, re.IGNORECASE))


def _is_part_of_a_word(text: str, match: re.Match[str], found: Numeral) -> bool:
    """True for the digits of A4, 7-Eleven's cousin K8s, COVID-19: names, not statements."""
    if found.kind is not NumeralKind.NUMBER or found.is_money:
        return False
    before, after = text[: found.start], text[found.end :]
    return bool(re.search(r"[A-Za-z_][-_]?\d*$", before)) or bool(WORD.match(after[:1]))
