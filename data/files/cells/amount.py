"""Amounts and whole numbers as people write them: 1,234.56, ¥12,000, 12万5千.

Every function reads one cell and raises BadCell, so that a reader of any size of file can share them.
"""

import re
from decimal import Decimal

from data.files.cells.text import BadCell, plain_value, shortened
from data.money import MAX_AMOUNT
from data.wording.sentence import Sentence, say

LONGEST_NUMBER = 40  # characters
# Most cells are as plain as this; one match spares them the long way.
FAST = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", re.ASCII)
POINT = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+"
COMMA = r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]*)?|,[0-9]+"
NUMBERS = {False: re.compile(POINT), True: re.compile(COMMA)}
BEFORE = re.compile(r"^[(\-−]?[$£€¥]?[\-−]?")
AFTER = re.compile(r"(?:元|圆|[$£€¥])?[)\-−]?$")
UNITS = {"亿": 8, "万": 4, "千": 3, "百": 2}
UNIT_PART = re.compile(r"([0-9.,]+)([亿万千百])")
REST_DIGITS = {"亿": {7, 8}, "万": {3, 4}, "千": {3}, "百": {2}}  # 12万5 may mean 125,000 or 120,005: refused
COUNT = re.compile(r"(?:每月)?([0-9]{1,4})(?:\.0+)?(?:期|个月|月|日|号|months?|mo|st|nd|rd|th)?", re.IGNORECASE)


def parse_amount(cell: str, *, comma_decimal: bool = False, unit: Decimal = Decimal(1)) -> Decimal:
    """An amount of money, 0 or more; `unit` is what a bare number counts in (10,000 under a header 余额（万元）).

    Raises:
        BadCell: it is no amount, is negative or over 10^12.

    >>> parse_amount("12万5千")
    Decimal('125000')
    """
    if not comma_decimal and FAST.fullmatch(cell):
        amount = Decimal(cell) * unit
    else:
        amount = _written_amount(cell, unit, comma_decimal=comma_decimal)
    if amount > MAX_AMOUNT:
        raise BadCell(say("above_largest_amount", value=shortened(cell), most=MAX_AMOUNT))
    return amount


def parse_number(text: str, *, comma_decimal: bool = False) -> Decimal:
    """A bare number, thousands grouped or not.

    Raises:
        BadCell: it is none.
    """
    if len(text) > LONGEST_NUMBER or not NUMBERS[comma_decimal].fullmatch(text):
        raise BadCell(say("not_a_number", value=shortened(text)))
    thousands, decimal = (".", ",") if comma_decimal else (",", ".")
    return Decimal(text.replace(thousands, "").replace(decimal, "."))


def parse_count(cell: str) -> int:
    """A whole number of months or the day of a month: 48, 48期, 48 months, 14日.

    Raises:
        BadCell: it is none.
    """
    found = COUNT.fullmatch(plain_value(cell)[:LONGEST_NUMBER])
    if not found:
        raise BadCell(say("not_a_whole_number", value=shortened(cell)))
    return int(found[1])


def _written_amount(cell: str, unit: Decimal, *, comma_decimal: bool) -> Decimal:
    text = plain_value(cell).replace("萬", "万").replace("億", "亿")
    core = AFTER.sub("", BEFORE.sub("", text, count=1), count=1)
    if len(text) > LONGEST_NUMBER or not core:
        raise BadCell(_not_an_amount(cell))
    try:
        amount = _magnitude(core, unit, comma_decimal=comma_decimal)
    except BadCell:
        raise BadCell(_not_an_amount(cell)) from None
    if amount and set(text) & set("-−()"):
        raise BadCell(say("negative_amount", value=shortened(cell)))
    return amount


def _magnitude(core: str, unit: Decimal, *, comma_decimal: bool) -> Decimal:
    parts = UNIT_PART.findall(core)
    if not parts:
        return parse_number(core, comma_decimal=comma_decimal) * unit
    rest = core[sum(len(number) + 1 for number, _ in parts) :]
    if UNIT_PART.sub("", core) != rest:
        raise BadCell(say("not_a_number", value=shortened(core)))
    amount, above = Decimal(0), None
    for number, sign in parts:
        value = parse_number(number, comma_decimal=comma_decimal)
        _check_below(value, sign, above, amount)
        amount, above = amount + value.scaleb(UNITS[sign]), sign
    if rest:
        value = parse_number(rest, comma_decimal=comma_decimal)
        if above is None or len(str(rest).split(".")[0]) not in REST_DIGITS[above] or amount % 1:
            raise BadCell(say("not_a_number", value=shortened(core)))
        amount += value
    return amount


def _check_below(value: Decimal, sign: str, above: str | None, so_far: Decimal) -> None:
    """After 12万 may come 5千 (less than another 万), after 1亿 2000万; nothing after 1.25万."""
    if above is None:
        return
    room = Decimal(10) ** (UNITS[above] - UNITS[sign])
    if UNITS[above] <= UNITS[sign] or value >= room or so_far % Decimal(10) ** UNITS[above]:
        raise BadCell(say("units_out_of_order", value=f"{value}{sign}", before=above))


def _not_an_amount(cell: str) -> Sentence:
    return say("not_an_amount", value=shortened(cell))
