"""One pass over a CSV file of any size: where its rows start, which encoding it has, whether it is plain.

Rows are numbered as a spreadsheet numbers them: row 1 is the first, and a quoted newline ends none. Newlines, quotes
and delimiters are single bytes that no character of UTF-8 or GB18030 contains, so bytes are enough to find rows.
"""

import codecs
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from data.files.plain.row_finder import QUOTE, RETURN, Positions, RowFinder
from data.files.sheets.records import Mark, Record, never_closes, records_in
from serve.batches.files.place import BatchPath, reading

CHUNK_BYTES = 4 << 20
LOOK_AHEAD_BYTES = 64


@dataclass
class Scan:
    """What the pass found.

    Attributes:
        start: where row 1 starts: after the byte order mark, if there is one.
        marks: the first row at or after each multiple of the step.
        rows: how many rows the file has, blank ones included.
        is_utf8: False where the bytes are not UTF-8 (then they may be GB18030).
        first_odd_bytes: where the piece starts in which the bytes were first not UTF-8.
        has_quotes: some cell is quoted, so that a newline need not end a row.
        is_open: a quote opens in the last row and never closes.
        is_odd: quotes stand where plain CSV has none, so that only a CSV reader finds the rows.
        has_lone_returns: some lines end in CR alone; such a file is rewritten before it is cut.
    """

    start: int = 0
    size: int = 0
    rows: int = 0
    checksum: int = 0
    marks: list[Mark] = field(default_factory=list[Mark])
    is_utf8: bool = True
    first_odd_bytes: int = 0
    has_quotes: bool = False
    is_open: bool = False
    is_odd: bool = False
    has_lone_returns: bool = False


def scan(path: BatchPath, delimiter: str, step: int, *, chunk_bytes: int = CHUNK_BYTES) -> Scan:
    """Read the file once.

    Raises:
        UnreadableFile: a row is longer than a megabyte, as after a quote that nothing closes.
    """
    found = _quick_scan(path, delimiter, step, chunk_bytes)
    # Lone returns come first: such a file is rewritten and scanned again anyway.
    if found.is_odd and not found.has_lone_returns:
        _scan_exactly(found, path, delimiter, step)
    return found


def _quick_scan(path: BatchPath, delimiter: str, step: int, chunk_bytes: int) -> Scan:
    found, rows = Scan(), RowFinder(delimiter.encode())
    utf8 = _Utf8Check()
    wanted = step
    with reading(path) as file:
        found.start = found.size = skip_mark(file)
        for chunk in _chunks(file, chunk_bytes):
            # To know the same file again when a batch is resumed.
            found.checksum = zlib.crc32(chunk, found.checksum)
            if found.is_utf8 and not utf8.accepts(chunk):
                found.is_utf8, found.first_odd_bytes = False, found.size
            found.has_lone_returns = found.has_lone_returns or chunk.count(b"\r") != chunk.count(b"\r\n")
            ends = rows.ends_in(chunk)
            wanted = _mark(found, ends, wanted, step)
            found.size += len(chunk)
            found.rows += len(ends)
            # At each chunk, so that a quote that nothing closes is noticed before the file is read to its end.
            rows.refuse_endless(found.rows + 1)
    found.is_utf8 = found.is_utf8 and utf8.is_complete()
    found.rows += not rows.ended_with_newline
    found.has_quotes, found.is_odd = rows.has_quotes, rows.is_odd or rows.is_inside
    return found


def skip_mark(file: BinaryIO) -> int:
    """Go past the byte order mark of UTF-8; answers where the text starts."""
    start = len(codecs.BOM_UTF8) if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8 else 0
    return file.seek(start)


def _chunks(file: BinaryIO, chunk_bytes: int) -> Iterator[bytes]:
    """The file in pieces that do not part a CR from its LF, nor a quote from its neighbour."""
    while chunk := file.read(chunk_bytes):
        # A return or a quote at the end of a chunk is only understood with the byte after it.
        while chunk[-1] in (RETURN, QUOTE) and len(chunk) < 2 * chunk_bytes and (more := file.read(LOOK_AHEAD_BYTES)):
            chunk += more
        yield chunk


def _mark(found: Scan, ends: Positions, wanted: int, step: int) -> int:
    """Note the first row at or after `wanted`, and each step from there, as far as these ends reach."""
    starts = ends + (found.size + 1)
    while (at := int(np.searchsorted(starts, wanted))) < len(starts):
        offset = int(starts[at])
        # + 2: the row after this end, and rows are counted from 1.
        found.marks.append(Mark(offset, found.rows + at + 2))
        wanted = (offset // step + 1) * step
    return wanted


class _Utf8Check:
    """Whether the bytes so far are UTF-8, also where a chunk ends within a character."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def accepts(self, chunk: bytes) -> bool:
        # ASCII is valid UTF-8 without a look at each character, unless a character was cut off before.
        if chunk.isascii() and not self._decoder.getstate()[0]:
            return True
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError:
            return False
        return True

    def is_complete(self) -> bool:
        return not self._decoder.getstate()[0]


def _scan_exactly(found: Scan, path: BatchPath, delimiter: str, step: int) -> None:
    """The marks and the number of rows by the standard library's CSV reader: slower, and right for every quote."""
    found.marks, wanted = [], step
    last = None
    # latin-1 gives every byte a character, so that offsets in text are offsets in the file.
    for last in records(path, delimiter, Mark(found.start, 1), "latin-1"):
        if last.offset >= wanted:
            found.marks.append(Mark(last.offset, last.row))
            wanted = (last.offset // step + 1) * step
    if last is not None:
        found.rows = last.row
        found.is_open = _is_open(path, delimiter, last)


def _is_open(path: BatchPath, delimiter: str, last: Record) -> bool:
    with reading(path) as file:
        file.seek(last.offset)
        lines = file.read(last.stop - last.offset).decode("latin-1").splitlines(keepends=True)
    return never_closes(lines, delimiter)


def records(path: BatchPath, delimiter: str, start: Mark, encoding: str) -> Iterator[Record]:
    """The rows of a file from `start` on.

    Raises:
        UnreadableFile: a cell is longer than the CSV reader takes, as after a quote that nothing closes.
    """
    with reading(path) as file:
        file.seek(start.offset)
        yield from records_in(file, delimiter, start, encoding)
