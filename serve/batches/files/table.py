"""The rows of a range as columns of text, and as runs of rows of one portfolio.

Rows that only the reader of files can judge (a cell too many, a quote in an odd place, a line of totals) mark their
run as odd. Knows nothing of what the cells mean beyond whose row it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.files.cells.text import is_blank, is_total_label, unguarded_text, visible_text
from data.files.portfolio_file import id_of_file
from serve.batches.cells import distinct, to_numpy
from serve.batches.files.arrow import Column, Table, arrow, arrow_csv, compute
from serve.batches.files.content import Content
from serve.batches.files.source import Source

PLAIN_ID = "^[0-9A-Za-z][0-9A-Za-z_.-]{0,79}$"
TOTALS = ["total", "subtotal", "grandtotal"]
BLOCK_BYTES = 1 << 30

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """The rows of a range that are not blank.

    Attributes:
        columns: the contract's column -> its cells as text.
        places: each row's place among all rows of the range.
        is_odd: only the reader of files can judge the row. is_nobodys: it belongs to no portfolio.
    """

    columns: dict[str, Column]
    places: Ints
    is_odd: Flags
    is_nobodys: Flags


@dataclass(frozen=True)
class Runs:
    """Run i is the rows from `starts[i]` up to `starts[i + 1]`, of the portfolio `ids[i]`.

    Attributes:
        have_ids: the ids stand in the rows; without, there is one run, and it bears the file's name.
    """

    starts: Ints
    ids: Column
    have_ids: bool


def read_rows(source: Source, content: Content) -> Rows:
    """The range's rows as columns of text, blank lines left out."""
    header = source.header
    width = content.usual_width() or header.width
    leading = range(min(header.places[name] for name in ("portfolio_id", "name") if name in header.places) + 1)
    past = range(header.width, width)
    columns, is_odd = _columns(content, source, width, sorted({*leading, *header.places.values(), *past}))
    for place in past:
        is_odd |= to_numpy(compute.not_equal(columns[place], ""))
    is_odd[[row - content.first for row, _ in source.faults if 0 <= row - content.first < len(is_odd)]] = True
    places = np.flatnonzero(~content.blank_lines(width))
    kept = arrow.array(places)
    columns = {place: column.take(kept) for place, column in columns.items()}
    texts = {name: columns[place] for name, place in header.places.items()}
    is_label = _is_label([columns[place] for place in leading])
    is_nobodys = is_label | _is_blank(texts["portfolio_id"]) if "portfolio_id" in texts else is_label
    return Rows(texts, places, is_odd[places] | is_nobodys, is_nobodys)


def runs_of(rows: Rows, source: Source) -> Runs:
    """The rows' portfolios, one run after the other; a row of nobody's goes with the run before it."""
    if "portfolio_id" not in rows.columns or rows.is_nobodys.all():
        name = arrow.array([id_of_file(source.name) or ""])
        return Runs(np.zeros(1, np.int64), name, have_ids=False)
    column = rows.columns["portfolio_id"]
    starts = np.flatnonzero(np.append(True, to_numpy(compute.not_equal(column[1:], column[:-1]))))
    owned = starts[~np.logical_and.reduceat(rows.is_nobodys, starts)]
    ids = _cleaned(column.take(arrow.array(owned)))
    is_new = np.append(True, to_numpy(compute.not_equal(ids[1:], ids[:-1])))[: len(owned)]
    starts = owned[is_new]
    starts[:1] = 0
    return Runs(starts, ids.take(arrow.array(np.flatnonzero(is_new))), have_ids=True)


def _columns(content: Content, source: Source, width: int, places: Sequence[int]) -> tuple[dict[int, Column], Flags]:
    """The cells at some places of every row, and which rows have cells past the header.

    Rows that Arrow cannot cut, because they have another number of cells or odd quotes, are cut by a CSV reader.
    """
    by_reader = np.full(len(content.ends), content.is_odd)
    table = _table(content, source, width, places, by_reader) if not content.is_odd else None
    if table is None or len(table) + by_reader.sum() != len(by_reader):
        by_reader[:] = True
        table = arrow.table({})
    empty = arrow.array([""] * len(table), arrow.string())
    found = set(table.column_names)
    columns = {place: table.column(f"{place}").combine_chunks() if f"{place}" in found else empty for place in places}
    if by_reader.any():
        return _filled(columns, content, by_reader, source.header.width)
    return columns, by_reader


def _table(content: Content, source: Source, width: int, places: Sequence[int], left: Flags) -> Table:
    """What Arrow can cut; `left` is set for rows with another number of cells, which are left out."""

    def note(row: Any) -> str:
        left[row.number - 1] = True
        return "skip"

    names = [f"{place}" for place in range(width)]
    return arrow_csv.read_csv(
        arrow.BufferReader(content.data),
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=names),
        parse_options=arrow_csv.ParseOptions(
            delimiter=source.delimiter,
            newlines_in_values=source.is_quoted,
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
        is_empty = _is_blank(first)
        if not is_empty.any():
            break
        first = compute.if_else(arrow.array(is_empty), column, first)
    is_plain = to_numpy(compute.match_substring_regex(first, PLAIN_ID))
    words = to_numpy(compute.is_in(compute.ascii_lower(first), value_set=arrow.array(TOTALS)))
    labels, places = distinct(compute.if_else(arrow.array(is_plain), "-", first), is_total_label)
    return np.where(is_plain, words, np.array(labels, bool)[places])


def _is_blank(column: Column) -> Flags:
    is_empty = to_numpy(compute.equal(compute.utf8_trim_whitespace(column), ""))
    if not is_empty.any() and not to_numpy(compute.utf8_is_printable(column)).all():
        blanks, places = distinct(column, is_blank)
        return np.array(blanks, bool)[places]
    return is_empty


def _cleaned(ids: Column) -> Column:
    """Ids as the reader of files has them: what is seen, without the apostrophe before a formula."""
    is_plain = to_numpy(compute.match_substring_regex(ids, PLAIN_ID))
    if is_plain.all():
        return ids
    texts, places = distinct(ids, lambda text: unguarded_text(visible_text(text)))
    return arrow.array(texts, arrow.string()).take(arrow.array(places))
