"""A sheet of plain cells with their spreadsheet row numbers, and how large one may be."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from data.files.columns.misspelt import AlmostHeader
from data.wording.sentence import Sentence, say

MAX_ROWS = 1_000_000
MAX_COLUMNS = 16_384
MAX_CELL = 32_767  # characters
MAX_BYTES = 200_000_000  # of text, or of an Excel file once inflated

Row = tuple[int, Sequence[str]]
TOO_MANY_ROWS = say("too_many_rows", most=MAX_ROWS)


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes:
        rows: (spreadsheet row number, cells); rows without any cell may be left out.
        name: the sheet's name in its workbook; none for a text file.
        is_semicolon: its cells are separated by semicolons, so a comma may be the decimal sign.
        almost: a row of it that would be a header, were a column of it not misspelt.
        faults: rows that could not be cut into cells as they were meant, and why.
    """

    rows: Sequence[Row]
    name: str | None = None
    is_semicolon: bool = False
    almost: AlmostHeader | None = None
    faults: dict[int, Sentence] = field(default_factory=dict[int, Sentence])


def too_wide(row: int) -> Sentence:
    """What to say of a row with too many cells."""
    return say("row_too_wide", row=row, most=MAX_COLUMNS)


def too_long(row: int) -> Sentence:
    """What to say of a row with a cell that is too long."""
    return say("cell_too_long", row=row, most=MAX_CELL)
