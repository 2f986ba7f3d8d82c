"""Cutting a file into byte ranges at the borders of portfolios, so that each can be worked on alone.

A cut lies before the first row whose portfolio differs from that of the row before it. A portfolio's id is read from a
row by `id_of`, which answers "" for a row that belongs to none (a blank line).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from data.errors import UnreadableFile
from data.files.sheets.records import Mark, Record
from data.wording.sentence import say
from serve.batches.files.place import BatchPath
from serve.batches.files.scan import records

RANGE_BYTES = 8 << 20
SEARCHED_BYTES = 64 << 10  # some hundred portfolios, so that progress is seen and a batch stops within seconds
MAX_PORTFOLIO_BYTES = 256 << 20

IdOf = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class Range:
    """The bytes from `start` up to `stop`; `row` is the number of its first row in the file."""

    start: int
    stop: int
    row: int


@dataclass(frozen=True)
class Cutter:
    """How rows are read while looking for a border."""

    path: BatchPath
    delimiter: str
    encoding: str
    id_of: IdOf

    def ranges(self, first: Mark, marks: Sequence[Mark], size: int) -> list[Range]:
        """The file from `first` on as ranges that cover every byte once and part no portfolio.

        Raises:
            UnreadableFile: one portfolio's rows fill more than 256 MB.
        """
        cuts = [first, *self._cuts(first, marks), Mark(size, 0)]
        pairs = pairwise(cuts)
        return [Range(cut.offset, after.offset, cut.row) for cut, after in pairs if cut.offset < after.offset]

    def _cuts(self, first: Mark, marks: Sequence[Mark]) -> Iterator[Mark]:
        searched = first.offset
        for mark in marks:
            # A portfolio longer than a range swallows the marks within it.
            if mark.offset <= searched:
                continue
            border, searched = self._border_after(mark)
            if border is None:
                return
            yield border

    def _border_after(self, mark: Mark) -> tuple[Mark | None, int]:
        """The first border after the mark, and how far the search went; None where the file ends before one."""
        before = ""
        for record in records(self.path, self.delimiter, mark, self.encoding):
            self._refuse_endless(mark, record)
            portfolio = self.id_of(record.cells)
            # Blank rows and totals belong to nobody and are no border.
            if before and portfolio and portfolio != before:
                return Mark(record.offset, record.row), record.offset
            before = portfolio or before
        return None, mark.offset

    def _refuse_endless(self, mark: Mark, record: Record) -> None:
        if record.offset - mark.offset > MAX_PORTFOLIO_BYTES:
            raise UnreadableFile(say("endless_portfolio", first=mark.row, last=record.row))
