"""A piece of a CSV in UTF-8, its rows told apart."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import Flags, Ints
from data.errors import UnreadableFile
from data.files.plain.row_finder import RETURN, RowFinder
from data.files.sheets.records import Mark, endless_row, records_in

SAMPLE_ROWS = 50


@dataclass(frozen=True)
class Content:
    """The text of a piece in UTF-8.

    Attributes:
        ends: the place of each row's last byte, a newline. first: the number of the first row in the file.
        is_quoted: some cell is quoted.
        is_odd: quotes stand where plain CSV has none, so that only a CSV reader finds the cells.
    """

    data: bytes
    ends: Ints
    first: int
    delimiter: str
    is_quoted: bool
    is_odd: bool

    def cells(self, start: int, stop: int) -> Iterator[tuple[int, list[str]]]:
        """The rows from place `start` up to `stop`, each with its number in the file."""
        begin = 0 if start == 0 else int(self.ends[start - 1]) + 1
        text = self.data[begin : int(self.ends[stop - 1]) + 1].decode()
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter)
        try:
            yield from enumerate(reader, start=self.first + start)
        except csv.Error:
            raise UnreadableFile(endless_row(self.first + start)) from None

    def rows_at(self, places: Ints) -> Iterator[tuple[int, list[str]]]:
        """The rows at some places, in their order, each with its number in the file."""
        breaks = np.flatnonzero(np.diff(places) != 1) + 1
        for together in np.split(places, breaks):
            if len(together):
                yield from self.cells(int(together[0]), int(together[-1]) + 1)

    def below(self, row: int) -> "Content":
        """Only the rows that follow the row of that number."""
        cut = int(self.ends[row - self.first]) + 1
        return replace(self, data=self.data[cut:], ends=self.ends[row - self.first + 1 :] - cut, first=row + 1)

    def usual_width(self) -> int:
        """How many cells most rows have."""
        rows = self.cells(0, min(SAMPLE_ROWS, len(self.ends)))
        widths = Counter(len(cells) for _, cells in rows if cells)
        return widths.most_common(1)[0][0] if widths else 0

    def blank_lines(self, width: int) -> Flags:
        """Lines of nothing but their end and, at most, the delimiters between empty cells."""
        sizes = np.diff(self.ends, prepend=-1) - 1
        # The return of a CRLF is no content.
        returns = np.frombuffer(self.data, np.uint8)[self.ends - 1] == RETURN
        sizes -= returns & (sizes > 0)
        is_blank = sizes == 0
        # Only a line that is exactly as long as its delimiters can be blank.
        for row in np.flatnonzero(sizes == width - 1):
            begin = int(self.ends[row - 1]) + 1 if row else 0
            is_blank[row] = self.data[begin : begin + width - 1] == self.delimiter.encode() * (width - 1)
        return is_blank


def content_of(data: bytes, first: int, delimiter: str) -> Content:
    """Bytes in UTF-8 that begin with row `first`, their rows told apart."""
    if not data.endswith(b"\n"):
        data += b"\n"
    finder = RowFinder(delimiter.encode())
    ends = finder.ends_in(data)
    is_odd = finder.is_odd or finder.is_inside
    if is_odd:
        rows = records_in(io.BytesIO(data), delimiter, Mark(0, first), "utf-8")
        ends = np.array([row.stop - 1 for row in rows], np.int64)
    return Content(data, ends, first, delimiter, is_quoted=finder.has_quotes, is_odd=is_odd)
