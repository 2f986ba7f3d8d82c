"""The rows of a CSV by the standard library's reader: slower than finding their ends, and right for every quote."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from data.errors import UnreadableFile
from data.wording.sentence import Sentence, say

MAX_ROW_BYTES = 1 << 20
OPEN_QUOTE = say("open_quote")


@dataclass(frozen=True)
class Mark:
    """A row that starts at `offset`; `row` is its number in the file."""

    offset: int
    row: int


@dataclass(frozen=True)
class Record:
    """One row: where it starts and ends, its number, and its cells."""

    offset: int
    stop: int
    row: int
    cells: list[str]


def records_in(file: BinaryIO, delimiter: str, start: Mark, encoding: str) -> Iterator[Record]:
    """The rows of an open file from where it stands, which is `start`.

    Raises:
        UnreadableFile: as `records`.
    """
    lines = _Lines(file, encoding, start)
    stop, row = start.offset, start.row
    try:
        for cells in csv.reader(lines, delimiter=delimiter):
            yield Record(stop, lines.stop, row, cells)
            stop, row = lines.stop, row + 1
    except csv.Error:
        raise UnreadableFile(endless_row(row)) from None


class _Lines:
    """The decoded lines of a file; `stop` is the offset after the last line taken."""

    def __init__(self, file: BinaryIO, encoding: str, start: Mark) -> None:
        self._file = file
        self._encoding = encoding
        self.stop = start.offset

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._file.readline(MAX_ROW_BYTES)
        if not line:
            raise StopIteration
        # csv.reader would collect a line without end in memory before it complains.
        if len(line) == MAX_ROW_BYTES:
            raise csv.Error("a line without end")
        self.stop += len(line)
        return line.decode(self._encoding, errors="replace")


def endless_row(row: int) -> Sentence:
    """What to say of a row that is too long to be one."""
    return say("endless_row", row=row, megabytes=MAX_ROW_BYTES >> 20)


def never_closes(lines: Sequence[str], delimiter: str) -> bool:
    """True where a quote that the lines of a file's last row open is never closed."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False
