"""Columns of text cells read all at once: plain numbers by Arrow, every other cell by the reader of files.

A cell that is not plain is read once for each different text, by the very function that reads it in an import, so that
a batch reads what an import reads.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from data.arrays import Flags, Ints
from data.files.cells.text import BadCell
from data.files.plain.arrow import Column, arrow, compute
from data.files.rows.row_draft import AMOUNTS, RATES, SheetReading, draft_of_row
from data.wording.sentence import say

AMOUNT_DIGITS = 4  # after the point: more than any currency has
RATE_DIGITS = 12
PLAIN_AMOUNT = rf"^[0-9]{{1,12}}(\.[0-9]{{1,{AMOUNT_DIGITS}}})?$"
PLAIN_PERCENT = rf"^[0-9]{{1,3}}(\.[0-9]{{1,{RATE_DIGITS - 2}}})?$"
PLAIN_COUNT = "^[0-9]{1,4}$"
# Room to add two of them within 64 bits.
MOST = 2**62
# Bits, so that a cell can be given and also warned of.
BLANK, GIVEN, BAD, TOLD = 0, 1, 2, 4

Meaning = Callable[[Any], int]


@dataclass(frozen=True)
class Cells:
    """One column, read.

    Attributes:
        values: whole numbers; 0 where there is none.
        is_given: the cell is not blank and could be read. is_bad: it is not blank and could not.
        is_told: the reader of files has a warning about it.
    """

    values: Ints
    is_given: Flags
    is_bad: Flags
    is_told: Flags

    @classmethod
    def none(cls, rows: int) -> "Cells":
        """A column that the file does not have."""
        return cls(np.zeros(rows, np.int64), *(np.zeros(rows, bool) for _ in range(3)))


class CellReader:
    """Reads single cells of one column as an import does."""

    def __init__(self, column: str, reading: SheetReading) -> None:
        """Keep what the header says of the column: its unit, and whether the comma is the decimal sign."""
        header = reading.header
        # A header of this column alone: the reader of rows then reads rows of one cell.
        alone = replace(header, row=0, cells=(header.cells[header.places[column]],), places={column: 0})
        self._reading = replace(reading, header=alone)
        self._column = column

    def __call__(self, text: str) -> tuple[Any, bool]:
        """What the cell says, None where it is blank; and whether there is something to warn of.

        Raises:
            BadCell: it does not say what its column needs.
        """
        draft = draft_of_row(1, [text], self._reading)
        if draft.rejects:
            raise BadCell(draft.rejects[0].said)
        return draft.values.get(self._column), bool(draft.warnings)


def read_numbers(name: str, column: Column, reading: SheetReading) -> Cells:
    """A column of amounts (in 10^-4), rates (in 10^-12 of their own period) or counts.

    A value with more digits counts as bad: it is for the reader of files to judge.
    """
    read = CellReader(name, reading)
    if name in AMOUNTS:
        plain = PLAIN_AMOUNT if reading.header.multiple(name) == 1 else None
        return _read_scaled(column, _in_comma(plain, reading), AMOUNT_DIGITS, 0, read)
    if name in RATES:
        plain = PLAIN_PERCENT if reading.header.rate_sign(name) == "%" else None
        return _read_scaled(column, _in_comma(plain, reading), RATE_DIGITS, 2, read)
    return _read_scaled(column, PLAIN_COUNT, 0, 0, read)


def read_words(name: str, column: Column, reading: SheetReading, meaning: Meaning) -> Cells:
    """A column of few different texts, each text's meaning as a whole number."""
    nothing = np.zeros(len(column), bool)
    return _with_others(column, np.zeros(len(column), np.int64), nothing, CellReader(name, reading), meaning)


def _in_comma(plain: str | None, reading: SheetReading) -> str | None:
    """The pattern with the decimal sign of this file."""
    return plain.replace(r"\.", ",") if plain and reading.comma_decimal else plain


def _read_scaled(column: Column, plain: str | None, digits: int, percent: int, read: CellReader) -> Cells:
    """Numbers times 10^digits; plain ones are in percent where `percent` is 2."""
    if plain is None:
        is_plain = np.zeros(len(column), bool)
        values = np.zeros(len(column), np.int64)
    else:
        is_plain = to_numpy(compute.match_substring_regex(column, plain))
        numbers = column if is_plain.all() else compute.if_else(arrow.array(is_plain), column, "0")
        # The pattern's own repeats, {1,12}, hold commas too: only another comma is the decimal sign.
        pointed = compute.replace_substring(numbers, ",", ".") if "," in plain.replace("1,", "") else numbers
        values = _lower_half(compute.cast(pointed, arrow.decimal128(38, digits - percent)))
    return _with_others(column, values, is_plain, read, lambda value: _scaled(Decimal(value), digits))


def _scaled(value: Decimal, digits: int) -> int:
    scaled = value.scaleb(digits)
    if scaled != scaled.to_integral_value() or not 0 <= scaled < MOST:
        raise BadCell(say("digits_beyond_columns", value=str(value)))
    return int(scaled)


def _with_others(column: Column, values: Ints, is_plain: Flags, read: CellReader, meaning: Meaning) -> Cells:
    """The plain values, and those of all other cells, read once for each different text."""
    others = np.flatnonzero(~is_plain)
    values, outcomes = np.where(is_plain, values, 0), np.where(is_plain, GIVEN, BLANK)
    if len(others):
        found = column.take(arrow.array(others)).dictionary_encode()
        readings = [_reading(text, read, meaning) for text in found.dictionary.to_pylist()]
        places = to_numpy(found.indices)
        values[others] = np.array([value for value, _ in readings], np.int64)[places]
        outcomes[others] = np.array([outcome for _, outcome in readings], np.int64)[places]
    return Cells(values, outcomes & GIVEN > 0, outcomes & BAD > 0, outcomes & TOLD > 0)


def _reading(text: str, read: CellReader, meaning: Meaning) -> tuple[int, int]:
    if not text:
        return 0, BLANK
    try:
        value, is_told = read(text)
        return (0, BLANK) if value is None else (meaning(value), GIVEN | TOLD * is_told)
    except BadCell:
        return 0, BAD


def _lower_half(decimals: Column) -> Ints:
    """The unscaled values of 128-bit decimals that fit into 64 bits."""
    # Every second 64-bit word is the lower half of a decimal128.
    whole = np.frombuffer(decimals.buffers()[1], np.int64)
    return whole[2 * decimals.offset :: 2][: len(decimals)]


def distinct(column: Column, of: Callable[[str], Any]) -> tuple[list[Any], Any]:
    """What `of` says of each different text, and for each row the place of its own."""
    found = column.dictionary_encode()
    return [of(text) for text in found.dictionary.to_pylist()], to_numpy(found.indices)


def to_numpy(column: Column) -> Any:
    """The column as an array."""
    return column.to_numpy(zero_copy_only=False)
