"""What every row says, for all rows at once: columns of text read into columns of whole numbers.

The rules are those of `data/files/rows/row_draft.py` and `data/files/rows/debt_of_draft.py`. A row that says more than
fits here, or that something may be wrong with, is odd: its whole portfolio is left to them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import Flags, Ints
from data.files.cells.rate import PERIODS_A_YEAR
from data.files.cells.text import is_blank
from data.files.plain.arrow import Column, arrow, compute
from data.files.plain.cells import (
    AMOUNT_DIGITS,
    RATE_DIGITS,
    Cells,
    Meaning,
    distinct,
    read_numbers,
    read_words,
    to_numpy,
)
from data.files.plain.rows import Rows
from data.files.rows.row_draft import RATE_COLUMNS, SheetReading
from data.month import month_index
from data.portfolio.debt import REVOLVING, DebtKind, default_minimum

MOST_RATE = 10 * 10**RATE_DIGITS
MOST_AMOUNT = 10 ** (12 + AMOUNT_DIGITS)
BOUNDS = (("balance", 0, MOST_AMOUNT), ("credit_limit", 1, MOST_AMOUNT), ("months_left", 1, 1200), ("due_day", 1, 31))
LONGEST_TEXT = 80
TEXTS = frozenset({"portfolio_id", "name", "lender"})
# One such character is visible for sure; only texts without any need the slow look.
VISIBLE = "[0-9A-Za-z\\x{4e00}-\\x{9fff}]"
KINDS = tuple(DebtKind)
IS_REVOLVING = np.array([kind in REVOLVING for kind in KINDS])
DEFAULT_OF_CARDS = default_minimum(DebtKind.CREDIT_CARD)
DEFAULT_RATE = int(DEFAULT_OF_CARDS["rate"].scaleb(RATE_DIGITS))
DEFAULT_FLOOR = int(DEFAULT_OF_CARDS["floor"].scaleb(AMOUNT_DIGITS))
DEFAULT_MONTHS: int = default_minimum(DebtKind.AUTO_LOAN)["months"]
FLAT_FEE, GREATEST, PERCENT, FIXED, LEVEL = range(5)
LEFT_TO_READER = ("minimum_type", "accrual", "promo_deferred", "monthly_fee")


def currency_number(code: str) -> int:
    """A currency's letters as one whole number.

    >>> currency_code(currency_number("CNY"))
    'CNY'
    """
    return int.from_bytes(code.encode())


def currency_code(number: int) -> str:
    """The currency of a number."""
    return int(number).to_bytes(3).decode()


MEANINGS: dict[str, Meaning] = {
    "kind": KINDS.index,
    "currency": currency_number,
    "promo_until": month_index,
    "start": month_index,
    "minimum_type": bool,
    "accrual": bool,
    "promo_deferred": int,
}


@dataclass(frozen=True)
class Readings:
    """Every column, read; amounts in 10^-4 of a unit, rates in 10^-12 of their own period."""

    cells: dict[str, Cells]
    rows: int
    is_odd: Flags

    def __getitem__(self, column: str) -> Cells:
        return self.cells.get(column, self._none)

    @cached_property
    def _none(self) -> Cells:
        return Cells.none(self.rows)

    @property
    def columns(self) -> set[str]:
        """The columns that the file has."""
        return set(self.cells)


def read_cells(rows: Rows, reading: SheetReading) -> Readings:
    """Read every column of a range."""
    cells = {name: _read(name, column, reading) for name, column in rows.columns.items() if name not in TEXTS}
    is_odd = rows.is_odd.copy()
    for column in cells.values():
        is_odd |= column.is_bad
    for name in TEXTS & rows.columns.keys():
        is_odd |= ~_is_plain_text(rows.columns[name])
    return Readings(cells, len(is_odd), is_odd | ~_is_visible(rows.columns["name"]))


def _read(name: str, column: Column, reading: SheetReading) -> Cells:
    return (
        read_words(name, column, reading, MEANINGS[name]) if name in MEANINGS else read_numbers(name, column, reading)
    )


def _is_plain_text(column: Column) -> Flags:
    return to_numpy(compute.less_equal(compute.utf8_length(column), LONGEST_TEXT))


def _is_visible(column: Column) -> Flags:
    is_sure = to_numpy(compute.match_substring_regex(column, VISIBLE))
    if is_sure.all():
        return is_sure
    blanks, places = distinct(compute.if_else(arrow.array(is_sure), "-", column), is_blank)
    return ~np.array(blanks, bool)[places]


@dataclass(frozen=True)
class PlainDebts:
    """Rate and minimum of each row; amounts in 10^-4 of a unit, rates in 10^-12 a year.

    Attributes:
        daily: interest accrues daily. rule: FLAT_FEE, GREATEST, PERCENT, FIXED or LEVEL.
        minimum_rate, floor: of the rule, where it has a rate. amount: that is fixed. months: that are left.
        is_odd: the row does not fit here.
    """

    rate: Ints
    daily: Flags
    rule: Ints
    minimum_rate: Ints
    floor: Ints
    amount: Ints
    months: Ints
    is_odd: Flags


def plain_debts(readings: Readings) -> PlainDebts:
    """The debts that the rows say; `is_odd` of the answer tells those that do not fit."""
    rates, is_odd = _rates(readings)
    rule, rate, floor = _rules(readings)
    left, balance = readings["months_left"], readings["balance"]
    is_odd |= readings.is_odd | ~balance.is_given | _is_out_of_bounds(readings) | (rate > MOST_RATE)
    is_odd |= readings["minimum_floor"].is_given & ~readings["minimum_rate"].is_given
    is_odd |= readings["fee_rate"].is_given & ~left.is_given
    for name in LEFT_TO_READER:
        is_odd |= readings[name].is_given
    is_odd |= readings["promo_apr"].is_given != readings["promo_until"].is_given
    months = np.where(left.is_given, left.values, DEFAULT_MONTHS)
    daily, amount = readings["daily_rate"].is_given, readings["minimum"].values
    return PlainDebts(rates, daily, rule, rate, floor, amount, months, is_odd)


def _rates(readings: Readings) -> tuple[Ints, Flags]:
    """The annual rate; a row with two rates, or with none, is odd."""
    rate = np.zeros(readings.rows, np.int64)
    count = np.zeros(readings.rows, np.int64)
    for name, period in RATE_COLUMNS.items():
        column = readings[name]
        count += column.is_given
        if name != "fee_rate":
            rate += column.values * PERIODS_A_YEAR[period]
    return rate, (count != 1) | (rate > MOST_RATE)


def _rules(readings: Readings) -> tuple[Ints, Ints, Ints]:
    """Kind, rate and floor of the minimum rule, as `data/files/columns/minimum_columns.py` puts them together."""
    fixed, rate, floor = readings["minimum"], readings["minimum_rate"], readings["minimum_floor"]
    left, fee, kind = readings["months_left"], readings["fee_rate"], readings["kind"]
    revolves = np.where(kind.is_given, IS_REVOLVING[kind.values], True)
    says_rate = rate.is_given | floor.is_given
    conditions = [fee.is_given, says_rate & fixed.is_given, says_rate, fixed.is_given, left.is_given, revolves]
    # The order is that of minimum_columns.py: the first condition that holds decides.
    rule = np.select(conditions, [FLAT_FEE, GREATEST, PERCENT, FIXED, LEVEL, PERCENT], LEVEL)
    rates = np.select(conditions[:5], [fee.values, rate.values, rate.values, 0, 0], DEFAULT_RATE)
    floors = np.select(conditions[:5], [0, floor.values, floor.values, 0, 0], DEFAULT_FLOOR)
    return rule, rates, floors


def _is_out_of_bounds(readings: Readings) -> Flags:
    is_out = np.zeros(readings.rows, bool)
    for name, low, high in BOUNDS:
        column = readings[name]
        is_out |= column.is_given & ((column.values < low) | (column.values > high))
    return is_out
