"""Comma, semicolon or tab separated text as a sheet of cells."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from data.errors import UnreadableFile
from data.files.columns.column_names import HEADER_ROWS
from data.files.columns.header import Header, find_header
from data.files.columns.misspelt import almost_header, nearest_header, no_table
from data.files.sheets.records import OPEN_QUOTE, never_closes
from data.files.sheets.sheet import (
    MAX_BYTES,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    TOO_MANY_ROWS,
    Row,
    Sheet,
    too_long,
    too_wide,
)
from data.files.sheets.text_encoding import encoding_of
from data.wording.sentence import Sentence, say

DELIMITERS = ",;\t"
MAX_RECORD = 4_000_000  # characters of one row, its quoted line breaks included


def read_text_sheet(content: bytes) -> Sheet:
    """The one sheet of a text file; its delimiter is the one under which a header is found.

    Raises:
        UnreadableFile: encoding, size, or no header in the first ten rows.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFile(say("file_too_large", megabytes=MAX_BYTES // 1_000_000))
    encoding = encoding_of(content)
    delimiter, _, _ = head_of(content, encoding)
    # Counted in bytes first: most files are far below the limit and need no pass by rows.
    _check_row_count(content, encoding, delimiter)
    records = _Records(content, encoding, delimiter)
    # Blank rows are dropped, but the others keep their numbers: messages name the row in the file.
    rows = [row for row in records if row[1]]
    return Sheet(rows, is_semicolon=delimiter == ";", faults=records.open_quote())


def head_of(content: bytes, encoding: str) -> tuple[str, Header, list[Row]]:
    """The delimiter, of those that give a header the one that gives most known columns; the header and its rows.

    Raises:
        UnreadableFile: none of the first ten rows is a header.
    """
    heads = {delimiter: list(islice(_Records(content, encoding, delimiter), HEADER_ROWS)) for delimiter in DELIMITERS}
    headers = {delimiter: header for delimiter, rows in heads.items() if (header := find_header(rows)) is not None}
    if not headers:
        raise UnreadableFile(no_table(nearest_header(map(almost_header, heads.values()))))
    best = max(headers, key=lambda delimiter: len(headers[delimiter].places))
    return best, headers[best], heads[best]


def _check_row_count(content: bytes, encoding: str, delimiter: str) -> None:
    if content.count(b"\n") + content.count(b"\r") <= MAX_ROWS:
        return
    for row, _ in _Records(content, encoding, delimiter):
        if row > MAX_ROWS:
            raise UnreadableFile(TOO_MANY_ROWS)


class _Records:
    """The rows of a text, numbered as a spreadsheet numbers them; blank ones are empty lists."""

    def __init__(self, content: bytes, encoding: str, delimiter: str) -> None:
        self._text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
        self._delimiter = delimiter
        self._row = 1
        self._lines: list[str] = []  # of the record being read
        self._last: list[str] = []  # of the record before it
        self._size = 0

    def __iter__(self) -> Iterator[Row]:
        """Each row once.

        Raises:
            UnreadableFile: a row has too many or too large cells.
        """
        try:
            for cells in csv.reader(self._watched_lines(), delimiter=self._delimiter):
                if len(cells) > MAX_COLUMNS:
                    raise UnreadableFile(too_wide(self._row))
                # Only where the whole row is longer than a cell may be does a cell need measuring.
                if self._size > MAX_CELL and max(map(len, cells)) > MAX_CELL:
                    raise UnreadableFile(too_long(self._row))
                yield self._row, cells
                self._row += 1
                self._last, self._lines, self._size = self._lines, [], 0
        except csv.Error:
            raise UnreadableFile(too_long(self._row)) from None

    def open_quote(self) -> dict[int, Sentence]:
        """The last row and what is wrong with it, where a quote that it opens is never closed."""
        return {self._row - 1: OPEN_QUOTE} if never_closes(self._last, self._delimiter) else {}

    def _watched_lines(self) -> Iterator[str]:
        while line := self._text.readline(MAX_RECORD):
            self._size += len(line)
            if self._size >= MAX_RECORD:
                raise UnreadableFile(say("row_too_long", row=self._row, most=MAX_RECORD))
            self._lines.append(line)
            yield line
