"""A text file of many portfolios as columns: its header, its rows, and whose each row is.

What only the readers of rows can make out (rows without end, a file without ids) is left to them whole.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import Ints
from data.errors import UnreadableFile
from data.files.cells.text import is_blank, unguarded_text, visible_text
from data.files.columns.header import Header
from data.files.plain.arrow import Column, arrow, compute
from data.files.plain.cells import distinct
from data.files.plain.content import Content, content_of
from data.files.plain.rows import Rows, read_rows
from data.files.rows.row_draft import AMOUNTS, RATES
from data.files.rows.whole_file import MARKS, needs_comma_decimal
from data.files.sheets.records import OPEN_QUOTE, never_closes
from data.files.sheets.sheet import MAX_COLUMNS, MAX_ROWS, Row
from data.files.sheets.text import head_of
from data.files.sheets.text_encoding import encoding_of
from data.wording.sentence import Sentence

MARKED = f"[{''.join(sorted(MARKS))}]"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class PlainFile:
    """The rows below the header.

    Attributes:
        head: the first rows of the file, the header among them.
        rows: those of the portfolios, each portfolio's together; portfolio i has those from `starts[i]` on.
        nobodys: the places of the others: blank rows, lines of totals, rows without an id.
        faults: rows that could not be cut into cells as they were meant, and why.
        comma_decimal: 12,50 is twelve and a half.
    """

    header: Header
    head: list[Row]
    content: Content
    rows: Rows
    starts: Ints
    nobodys: Ints
    faults: dict[int, Sentence]
    comma_decimal: bool


def open_plainly(content: bytes) -> PlainFile | None:
    """The file as columns; None where it must be read row by row.

    Raises:
        UnreadableFile: its encoding, or no header in the first ten rows.
    """
    encoding = encoding_of(content)
    delimiter, header, head = head_of(content, encoding)
    whole = _content(content, encoding, delimiter) if "portfolio_id" in header.places else None
    if whole is None or len(whole.ends) <= header.row or not _is_within_limits(whole):
        return None
    faults = _faults(whole)
    below = whole.below(header.row)
    rows = read_rows(below, header, faults)
    runs = _runs(rows)
    if (runs < 0).all():
        return None
    comma = delimiter == ";" and needs_comma_decimal(_marked_cells(rows, header), header)
    # Stable: a portfolio's rows keep the file's order. Rows of nobody's (-1) sort first and are cut off.
    order = np.argsort(runs, kind="stable")[(runs < 0).sum() :]
    starts = np.searchsorted(runs[order], np.arange(runs.max() + 1))
    nobodys = rows.places[runs < 0]
    return PlainFile(header, head, below, _ordered(rows, order), starts, nobodys, faults, comma)


def _content(content: bytes, encoding: str, delimiter: str) -> Content | None:
    """The text in UTF-8 with its rows told apart; None where lines end in CR alone beside quotes, or never end."""
    if encoding == "utf-8-sig":
        text = content.removeprefix(BOM)
    else:
        text = content if encoding == "utf-8" else content.decode(encoding).encode()
    if text.count(b"\r") != text.count(b"\r\n"):
        if b'"' in text:
            return None
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        return content_of(text, 1, delimiter)
    except UnreadableFile:
        return None


def _is_within_limits(whole: Content) -> bool:
    """True where no row can have too many columns or a cell that is too long, whatever is in it."""
    # A row of so few bytes can neither hold too many cells nor a cell that is too long.
    longest = int(np.diff(whole.ends, prepend=-1).max(initial=0))
    return len(whole.ends) <= MAX_ROWS and longest <= MAX_COLUMNS


def _faults(whole: Content) -> dict[int, Sentence]:
    """The last row, where a quote that it opens is never closed."""
    if not whole.is_odd:
        return {}
    begin = int(whole.ends[-2]) + 1 if len(whole.ends) > 1 else 0
    lines = io.StringIO(whole.data[begin:].decode(), newline="").readlines()
    return {whole.first + len(whole.ends) - 1: OPEN_QUOTE} if never_closes(lines, whole.delimiter) else {}


def _runs(rows: Rows) -> Ints:
    """The portfolio of each row, counted in the order in which they begin; -1 for a row of nobody's."""
    ids, places = distinct(rows.columns["portfolio_id"], _id_of)
    numbers: dict[str, int] = {}
    number = [-1 if one is None else numbers.setdefault(one, len(numbers)) for one in ids]
    runs = np.where(rows.is_nobodys, -1, np.array(number, np.int64)[places])
    owned = np.flatnonzero(runs >= 0)
    # Numbered without gaps: an id that stands only in rows of nobody's has taken a number.
    _, first, inverse = np.unique(runs[owned], return_index=True, return_inverse=True)
    runs[owned] = np.argsort(np.argsort(first))[inverse]
    return runs


def _id_of(text: str) -> str | None:
    return None if is_blank(text) else unguarded_text(visible_text(text))


def _ordered(rows: Rows, order: Ints) -> Rows:
    if len(order) == len(rows.places) and (np.diff(order) == 1).all():
        return rows
    columns = {name: column.take(arrow.array(order)) for name, column in rows.columns.items()}
    return replace(
        rows,
        columns=columns,
        places=rows.places[order],
        is_odd=rows.is_odd[order],
        is_nobodys=rows.is_nobodys[order],
    )


def _marked_cells(rows: Rows, header: Header) -> Iterator[tuple[int, list[str]]]:
    """Each different number with a point or a comma as a row of its own."""
    for name in rows.columns.keys() & (AMOUNTS | RATES.keys()):
        column: Column = rows.columns[name]
        marked = compute.unique(column.filter(compute.match_substring_regex(column, MARKED)))
        for text in marked.to_pylist():
            yield header.row + 1, [*[""] * header.places[name], text]
