"""Columns of text become the kernel's columns: what every row of plain debts says, for all rows at once.

The rules are those of `data/files/row_draft.py` and `data/files/debt_of_draft.py`. A row that says more than fits
here, or that something may be wrong with, is odd: its whole portfolio is left to them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agents.planner.kernel.layout import FIXED, FLAT_FEE, LEVEL, PERCENT
from data.debt import REVOLVING, SECURED, DebtKind
from data.files.cell_rate import PERIODS_A_YEAR
from data.files.cell_text import is_blank
from data.files.row_draft import RATE_COLUMNS, Reading
from data.month import month_index
from serve.batches.arrow import Column, arrow, compute
from serve.batches.cells import (
    AMOUNT_DIGITS,
    RATE_DIGITS,
    Cells,
    Meaning,
    distinct,
    read_numbers,
    read_words,
    to_numpy,
)
from serve.batches.table import Rows

MOST_RATE = 10 * 10**RATE_DIGITS
MOST_AMOUNT = 10 ** (12 + AMOUNT_DIGITS)
BOUNDS = (("balance", 0, MOST_AMOUNT), ("credit_limit", 1, MOST_AMOUNT), ("months_left", 1, 1200), ("due_day", 1, 31))
LONGEST_TEXT = 80
TEXTS = frozenset({"portfolio_id", "name", "lender"})
VISIBLE = "[0-9A-Za-z\\x{4e00}-\\x{9fff}]"
DEFAULT_RATE = 2 * 10 ** (RATE_DIGITS - 2)
DEFAULT_FLOOR = 25 * 10**AMOUNT_DIGITS
DEFAULT_MONTHS = 60
IS_SECURED, IS_REVOLVING = 1, 2
LEFT_TO_READER = ("minimum_type", "accrual", "promo_deferred", "monthly_fee")

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def currency_number(code: str) -> int:
    """A currency's letters as one whole number.

    >>> currency_code(currency_number("CNY"))
    'CNY'
    """
    return int.from_bytes(code.encode())


def currency_code(number: int) -> str:
    """The currency of a number."""
    return int(number).to_bytes(3).decode()


def _kind(kind: DebtKind) -> int:
    return IS_SECURED * (kind in SECURED) + IS_REVOLVING * (kind in REVOLVING)


MEANINGS: dict[str, Meaning] = {
    "kind": _kind,
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
        found = self.cells.get(column)
        return Cells.none(self.rows) if found is None else found

    @property
    def columns(self) -> set[str]:
        """The columns that the file has."""
        return set(self.cells)


def read_cells(rows: Rows, reading: Reading) -> Readings:
    """Read every column of a range."""
    cells = {name: _read(name, column, reading) for name, column in rows.columns.items() if name not in TEXTS}
    is_odd = rows.is_odd.copy()
    for column in cells.values():
        is_odd |= column.is_bad
    for name in TEXTS & rows.columns.keys():
        is_odd |= ~_is_plain_text(rows.columns[name])
    return Readings(cells, len(is_odd), is_odd | ~_is_visible(rows.columns["name"]))


def _read(name: str, column: Column, reading: Reading) -> Cells:
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


def plain_debts(readings: Readings) -> "PlainDebts":
    """The debts that the rows say; `is_odd` of the answer tells those that do not fit."""
    rates, daily, is_odd = _rates(readings)
    kind, rate, floor, months, unlike = _minimums(readings)
    balance = readings["balance"]
    is_odd |= readings.is_odd | unlike | ~balance.is_given | _is_out_of_bounds(readings)
    for name in LEFT_TO_READER:
        is_odd |= readings[name].is_given
    promo_rate, promo_until = readings["promo_apr"], readings["promo_until"]
    is_odd |= promo_rate.is_given != promo_until.is_given
    return PlainDebts(rates, daily, kind, rate, floor, months, is_odd)


@dataclass(frozen=True)
class PlainDebts:
    """Rate and minimum of each row; amounts in 10^-4 of a unit."""

    rate: Ints
    daily: Flags
    minimum_kind: Ints
    minimum_rate: Ints
    minimum_floor: Ints
    months: Ints
    is_odd: Flags


def _rates(readings: Readings) -> tuple[Ints, Flags, Flags]:
    """The annual rate; a row with two rates, or with none, is odd."""
    rate = np.zeros(readings.rows, np.int64)
    count = np.zeros(readings.rows, np.int64)
    for name, period in RATE_COLUMNS.items():
        column = readings[name]
        count += column.is_given
        if name != "fee_rate":
            rate += column.values * PERIODS_A_YEAR[period]
    return rate, readings["daily_rate"].is_given, (count != 1) | (rate > MOST_RATE)


def _minimums(readings: Readings) -> tuple[Ints, Ints, Ints, Ints, Flags]:
    """Kind, rate, floor and months of the minimum rule, as `data/files/minimum_columns.py` puts them together."""
    fixed, rate, floor = readings["minimum"], readings["minimum_rate"], readings["minimum_floor"]
    left, fee = readings["months_left"], readings["fee_rate"]
    revolves = ~readings["kind"].is_given | (readings["kind"].values & IS_REVOLVING > 0)
    says_rate = rate.is_given | floor.is_given
    conditions = [fee.is_given, says_rate, fixed.is_given, left.is_given, revolves]
    kind = np.select(conditions, [FLAT_FEE, PERCENT, FIXED, LEVEL, PERCENT], LEVEL)
    rates = np.select(conditions[:4], [fee.values, rate.values, 0, 0], DEFAULT_RATE)
    floors = np.select(conditions[:4], [0, np.maximum(floor.values, fixed.values), fixed.values, 0], DEFAULT_FLOOR)
    months = np.where(left.is_given, left.values, DEFAULT_MONTHS)
    is_odd = (says_rate & ~rate.is_given) | (fee.is_given & ~left.is_given) | (rates > MOST_RATE)
    return kind, rates, floors, months, is_odd


def _is_out_of_bounds(readings: Readings) -> Flags:
    is_out = np.zeros(readings.rows, bool)
    for name, low, high in BOUNDS:
        column = readings[name]
        is_out |= column.is_given & ((column.values < low) | (column.values > high))
    return is_out
