"""A data frame of debts as a sheet of cells: the same columns, and the same tolerance, as a CSV or Excel file."""

from collections.abc import Hashable, Iterator
from typing import Any

import pandas as pd

from data.errors import UnreadableFile
from data.files.cells.typed import text_of_value
from data.files.sheets.sheet import MAX_CELL, MAX_COLUMNS, MAX_ROWS, TOO_MANY_ROWS, Row, Sheet, too_long, too_wide

HEADER_ROW = 1


def sheet_of_frame(frame: pd.DataFrame) -> Sheet:
    """The sheet that the frame would be if it were saved and read again: its columns in row 1, its rows below.

    An index that has a name is a column, as `portfolio_id` is after `set_index("portfolio_id")`.

    Raises:
        UnreadableFile: it has more rows, columns or characters than a table of debts may have.
    """
    table = _with_named_index(frame)
    if len(table) > MAX_ROWS:
        raise UnreadableFile(TOO_MANY_ROWS)
    if len(table.columns) > MAX_COLUMNS:
        raise UnreadableFile(too_wide(HEADER_ROW))
    header = [_text(name, HEADER_ROW) for name in table.columns]
    return Sheet([(HEADER_ROW, header), *_rows(table)])


def label_of_row(frame: pd.DataFrame, row: int) -> Hashable:
    """What the frame itself calls a row of its sheet: its index."""
    return frame.index[row - HEADER_ROW - 1]


def _with_named_index(frame: pd.DataFrame) -> pd.DataFrame:
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    return frame.reset_index(level=named) if named else frame


def _rows(table: pd.DataFrame) -> Iterator[Row]:
    for place, values in enumerate(table.itertuples(index=False, name=None)):
        row = HEADER_ROW + 1 + place
        yield row, [_text(value, row) for value in values]


def _text(value: Any, row: int) -> str:
    if not isinstance(value, str):
        return "" if _is_missing(value) else text_of_value(_plain(value))
    if len(value) > MAX_CELL:
        raise UnreadableFile(too_long(row))
    return value


def _is_missing(value: Any) -> bool:
    """True for None, NaN, NaT and NA; a list in a cell is none of them."""
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _plain(value: Any) -> Any:
    """A number of NumPy's as Python's own."""
    return value.item() if hasattr(value, "item") else value
