"""Where the rows of a CSV end, found in its bytes; a quoted newline ends none.

Newlines, quotes and delimiters are single bytes that no character of UTF-8 or GB18030 contains.
"""

import numpy as np
import numpy.typing as npt

from data.errors import UnreadableFile
from data.files.sheets.records import MAX_ROW_BYTES, endless_row

NEWLINE, RETURN, QUOTE = b"\n"[0], b"\r"[0], b'"'[0]

Positions = npt.NDArray[np.int64]


class RowFinder:
    """Finds the newlines that end rows; remembers between chunks whether a quoted cell is open."""

    def __init__(self, delimiter: bytes) -> None:
        self.is_inside = False
        self.has_quotes = False
        self.is_odd = False
        self.ended_with_newline = True
        self._open_bytes = 0
        self._last = NEWLINE
        self._is_edge = np.zeros(256, bool)
        self._is_edge[[NEWLINE, RETURN, QUOTE, *delimiter]] = True

    def ends_in(self, chunk: bytes) -> Positions:
        """Where rows end in this chunk."""
        data = np.frombuffer(chunk, np.uint8)
        ends = np.flatnonzero(data == NEWLINE)
        quotes = np.flatnonzero(data == QUOTE) if b'"' in chunk else ends[:0]
        was_inside = self.is_inside
        if len(quotes):
            self._look_at_quotes(data, quotes)
        if len(quotes) or was_inside:
            # A newline ends a row where an even number of quotes stands before it.
            ends = ends[(np.searchsorted(quotes, ends) + was_inside) % 2 == 0]
        self._open_bytes = len(chunk) - 1 - int(ends[-1]) if len(ends) else self._open_bytes + len(chunk)
        self.ended_with_newline = self._open_bytes == 0
        self._last = chunk[-1]
        return ends

    def _look_at_quotes(self, data: npt.NDArray[np.uint8], quotes: Positions) -> None:
        """A plain opening quote starts its cell, a plain closing one ends it; any other makes the file odd."""
        opening, closing = quotes[self.is_inside :: 2], quotes[not self.is_inside :: 2]
        before = np.where(opening > 0, data[opening - 1], self._last)
        after = np.where(closing + 1 < len(data), data[np.minimum(closing + 1, len(data) - 1)], NEWLINE)
        self.has_quotes = True
        self.is_odd = self.is_odd or not (self._is_edge[before].all() and self._is_edge[after].all())
        self.is_inside = (len(quotes) + self.is_inside) % 2 == 1

    def refuse_endless(self, row: int) -> None:
        """Stop where a row grows without end, unless the quotes are odd: then a CSV reader decides."""
        if self._open_bytes > MAX_ROW_BYTES and not self.is_odd:
            raise UnreadableFile(endless_row(row))
