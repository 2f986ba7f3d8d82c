"""The rows of a piece of CSV as columns of text.

Rows that only the reader of files can judge (a cell too many, a quote in an odd place, a line of totals) are odd.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.arrays import Flags, Ints
from data.files.cells.text import is_blank, is_total_label, unguarded_text, visible_text
from data.files.columns.header import Header
from data.files.plain.arrow import Column, Table, arrow, arrow_csv, compute
from data.files.plain.cells import distinct, to_numpy
from data.files.plain.content import Content

PLAIN_ID = "^[0-9A-Za-z][0-9A-Za-z_.-]{0,79}$"
TOTALS = ["total", "subtotal", "grandtotal"]
# Larger than any piece, so that Arrow reads each as one block.
BLOCK_BYTES = 1 << 30


@dataclass(frozen=True)
class Rows:
    """The rows of a piece that are not blank.

    Attributes:
        columns: the contract's column -> its cells as text.
        places: each row's place among all rows of the piece.
        is_odd: only the reader of files can judge the row. is_nobodys: it belongs to no portfolio.
    """

    columns: dict[str, Column]
    places: Ints
    is_odd: Flags
    is_nobodys: Flags


def read_rows(content: Content, header: Header, faults: Iterable[int] = ()) -> Rows:
    """The rows as columns of text, blank lines left out; `faults` are rows that could not be cut as they were meant."""
    width = content.usual_width() or header.width
    leading = range(header.places.get("portfolio_id", header.places["name"]) + 1)
    past = range(header.width, width)
    columns, is_odd = _columns(content, header, width, sorted({*leading, *header.places.values(), *past}))
    for place in past:
        is_odd |= to_numpy(compute.not_equal(columns[place], ""))
    is_odd[[row - content.first for row in faults if 0 <= row - content.first < len(is_odd)]] = True
    places = np.flatnonzero(~content.blank_lines(width))
    kept = arrow.array(places)
    columns = {place: column.take(kept) for place, column in columns.items()}
    texts = {name: columns[place] for name, place in header.places.items()}
    is_label = _is_label([columns[place] for place in leading])
    is_nobodys = is_label | is_blank_cell(texts["portfolio_id"]) if "portfolio_id" in texts else is_label
    return Rows(texts, places, is_odd[places] | is_nobodys, is_nobodys)


def _columns(content: Content, header: Header, width: int, places: Sequence[int]) -> tuple[dict[int, Column], Flags]:
    """The cells at some places of every row, and which rows have cells past the header.

    Rows that Arrow cannot cut, because they have another number of cells or odd quotes, are cut by a CSV reader.
    """
    by_reader = np.full(len(content.ends), content.is_odd)
    table = _table(content, width, places, by_reader) if not content.is_odd else None
    # Arrow found another number of rows than we did: let the CSV reader cut them all.
    if table is None or len(table) + by_reader.sum() != len(by_reader):
        by_reader[:] = True
        table = arrow.table({})
    empty = arrow.array([""] * len(table), arrow.string())
    found = set(table.column_names)
    columns = {place: table.column(f"{place}").combine_chunks() if f"{place}" in found else empty for place in places}
    if by_reader.any():
        return _filled(columns, content, by_reader, header.width)
    return columns, by_reader


def _table(content: Content, width: int, places: Sequence[int], left: Flags) -> Table:
    """What Arrow can cut; `left` is set for rows with another number of cells, which are left out."""

    def note(row: Any) -> str:
        left[row.number - 1] = True
        return "skip"

    names = [f"{place}" for place in range(width)]
    return arrow_csv.read_csv(
        arrow.BufferReader(content.data),
        # One thread: only then does Arrow number the rows that it cannot cut.
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=names),
        parse_options=arrow_csv.ParseOptions(
            delimiter=content.delimiter,
            newlines_in_values=content.is_quoted,
            # Empty lines stay, or the rows below them would have other numbers.
            ignore_empty_lines=False,
            invalid_row_handler=note,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: arrow.string() for name in names},
            include_columns=[names[place] for place in places if place < width],
            strings_can_be_null=False,
        ),
    )


def _filled(
    columns: dict[int, Column], content: Content, by_reader: Flags, width: int
) -> tuple[dict[int, Column], Flags]:
    """The columns with the cells of the rows that a CSV reader cuts put in where they belong."""
    rows = np.flatnonzero(by_reader)
    if by_reader.all():
        found = [cells for _, cells in content.cells(0, len(by_reader))]
    else:
        found = [next(content.cells(int(row), int(row) + 1), (0, []))[1] for row in rows]
    others = len(by_reader) - len(rows)
    order = np.empty(len(by_reader), np.int64)
    order[~by_reader], order[rows] = np.arange(others), np.arange(others, len(by_reader))
    filled: dict[int, Column] = {}
    for place, column in columns.items():
        cells = arrow.array([row[place] if place < len(row) else "" for row in found], arrow.string())
        filled[place] = arrow.concat_arrays([column, cells]).take(arrow.array(order))
    is_past = np.zeros(len(by_reader), bool)
    is_past[rows] = [not all(map(is_blank, cells[width:])) for cells in found]
    return filled, is_past


def _is_label(leading: Sequence[Column]) -> Flags:
    """Rows whose first filled cell is a word that heads a line of totals."""
    first = leading[0]
    for column in leading[1:]:
        is_empty = is_blank_cell(first)
        if not is_empty.any():
            break
        first = compute.if_else(arrow.array(is_empty), column, first)
    is_plain = to_numpy(compute.match_substring_regex(first, PLAIN_ID))
    words = to_numpy(compute.is_in(compute.ascii_lower(first), value_set=arrow.array(TOTALS)))
    labels, places = distinct(compute.if_else(arrow.array(is_plain), "-", first), is_total_label)
    return np.where(is_plain, words, np.array(labels, bool)[places])


def is_blank_cell(column: Column) -> Flags:
    """Cells in which a reader sees nothing."""
    is_empty = to_numpy(compute.equal(compute.utf8_trim_whitespace(column), ""))
    if to_numpy(compute.utf8_is_printable(column)).all():
        return is_empty
    blanks, places = distinct(column, is_blank)
    return is_empty | np.array(blanks, bool)[places]


def cleaned_ids(ids: Column) -> Column:
    """Ids as the reader of files has them: what is seen, without the apostrophe before a formula."""
    is_plain = to_numpy(compute.match_substring_regex(ids, PLAIN_ID))
    if is_plain.all():
        return ids
    texts, places = distinct(ids, lambda text: unguarded_text(visible_text(text)))
    return arrow.array(texts, arrow.string()).take(arrow.array(places))
