"""A sheet of plain cells with their spreadsheet row numbers, and how large one may be. Knows nothing of debts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from data.files.columns.misspelt import AlmostHeader

MAX_ROWS = 1_000_000
MAX_COLUMNS = 16_384
MAX_CELL = 32_767  # characters
MAX_BYTES = 200_000_000  # of text, or of an Excel file once inflated

Row = tuple[int, Sequence[str]]
TOO_MANY_ROWS = f"The file has over {MAX_ROWS:,} rows; cut it into smaller files, or run it as a batch."


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
    faults: dict[int, str] = field(default_factory=dict[int, str])


def too_wide(row: int) -> str:
    """What to say of a row with too many cells."""
    return f"Row {row} has over {MAX_COLUMNS:,} columns; a table of debts needs a few."


def too_long(row: int) -> str:
    """What to say of a row with a cell that is too long."""
    return f"Row {row} has a cell of over {MAX_CELL:,} characters; is a quote never closed?"
