"""The file of a batch before it is cut: what it is, how its text is read, what its columns mean.

A file that cannot be cut where it stands (UTF-16, or lines that end in CR alone) is first written anew as UTF-8.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from data.errors import UnreadableFile
from data.files.cells.text import is_blank, is_total_label, unguarded_text, visible_text
from data.files.columns.header import HEADER_ROWS, Header, find_header
from data.files.columns.misspelt import almost_header, nearest_header, no_table
from data.files.rows.whole_file import needs_comma_decimal
from data.files.sheets.file_kind import kind_of
from data.files.sheets.records import OPEN_QUOTE, Mark
from data.files.sheets.text import DELIMITERS
from data.files.sheets.text_encoding import encoding_of
from data.wording.sentence import Sentence, say
from serve.batches.files.place import BatchPath, make_folder, reading, write_whole
from serve.batches.files.ranges import RANGE_BYTES, Cutter, Range
from serve.batches.files.scan import CHUNK_BYTES, Scan, records, scan

HEAD_BYTES = 1 << 20
LOOK_BACK_BYTES = 64 << 10  # a character may begin before the piece in which it is found to be none
COMMA_ROWS = 20_000  # of a semicolon file, to see whether the comma is its decimal sign
ZIP = b"PK"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NOT_CSV = {"excel": say("excel_for_batches"), "json": say("json_for_batches")}


@dataclass(frozen=True)
class BatchFile:
    """A file that can be cut and read in pieces.

    Attributes:
        path: the file, or its copy in UTF-8. name: what its owner calls it.
        comma_decimal: 12,50 is twelve and a half, judged by the first rows.
        is_quoted: some cells are quoted. is_odd: only a CSV reader finds its cells.
        ranges: the file below its header, cut at borders of portfolios. rows: of the file, blank ones included.
        faults: rows that could not be cut into cells as they were meant, and why.
        checksum: of all bytes, to know the file again.
    """

    path: BatchPath
    name: str
    encoding: str
    delimiter: str
    header: Header
    comma_decimal: bool
    is_quoted: bool
    is_odd: bool
    ranges: tuple[Range, ...]
    size: int
    rows: int
    faults: tuple[tuple[int, Sentence], ...]
    checksum: int


def look_at(path: BatchPath) -> tuple[str, Header]:
    """See at a glance whether a batch can take the file, by its first rows; answers its delimiter and header.

    Raises:
        UnreadableFile: it is empty, no CSV, or has no header.
    """
    text = _head_text(path)
    heads = {delimiter: _first_rows(text, delimiter) for delimiter in DELIMITERS}
    headers = {delimiter: header for delimiter, rows in heads.items() if (header := find_header(rows)) is not None}
    if not headers:
        raise UnreadableFile(no_table(nearest_header(map(almost_header, heads.values()))))
    # Of several delimiters that give a header, the one that finds most columns.
    return max(headers.items(), key=lambda item: len(item[1].places))


def open_source(path: BatchPath, name: str, copy: BatchPath, *, range_bytes: int = RANGE_BYTES) -> BatchFile:
    """Read the file once and cut it; `copy` is where it is written anew if it must be.

    Raises:
        UnreadableFile: it is empty, no CSV, has no header or nothing below it, or is in no encoding that we read.
    """
    delimiter, header = look_at(path)
    if _is_utf16(path):
        # UTF-16 has newlines within characters: it cannot be cut by bytes.
        path = _rewritten(path, copy, "utf-16")
    found = scan(path, delimiter, range_bytes)
    encoding = "utf-8" if found.is_utf8 else _other_encoding(path, found)
    if found.has_lone_returns:
        # Scanned again: the offsets of rows are others now.
        path, encoding = _rewritten(path, copy, encoding), "utf-8"
        found = scan(path, delimiter, range_bytes)
    first = _first_row(path, delimiter, encoding, Mark(found.start, 1), header)
    cutter = Cutter(path, delimiter, encoding, PortfolioOf(header))
    return BatchFile(
        path=path,
        name=name,
        encoding=encoding,
        delimiter=delimiter,
        header=header,
        comma_decimal=_has_decimal_comma(path, delimiter, encoding, first, header),
        is_quoted=found.has_quotes,
        is_odd=found.is_odd,
        ranges=tuple(cutter.ranges(first, found.marks, found.size)),
        size=found.size,
        rows=found.rows,
        faults=((found.rows, OPEN_QUOTE),) if found.is_open else (),
        checksum=found.checksum,
    )


@dataclass(frozen=True)
class PortfolioOf:
    """Whose row it is: the id in its column, without what a reader does not see; "" for a line of nobody's."""

    header: Header

    def __call__(self, cells: Sequence[str]) -> str:
        """The id of the portfolio, "" where the row is blank, a line of totals, or has no id."""
        place = self.header.places.get("portfolio_id")
        if place is None or place >= len(cells):
            return ""
        first = next((cell for cell in cells if not is_blank(cell)), "")
        return "" if is_total_label(first) else unguarded_text(visible_text(cells[place]))


def _head_text(path: BatchPath) -> str:
    """The first rows, in the encoding as far as they tell it."""
    with reading(path) as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(ZIP):
        raise UnreadableFile(NOT_CSV["excel"])
    kind = kind_of(head)
    if kind != "text":
        raise UnreadableFile(NOT_CSV[kind])
    if head.startswith(UTF16_MARKS) and not head.startswith(codecs.BOM_UTF32_LE):
        return head.decode("utf-16", errors="ignore")
    lines = _whole_lines(head)
    return lines.decode(encoding_of(lines))


def _is_utf16(path: BatchPath) -> bool:
    with reading(path) as file:
        return file.read(2) in UTF16_MARKS


def _whole_lines(piece: bytes) -> bytes:
    """The piece up to its last line break, so that it does not end within a character."""
    if len(piece) < HEAD_BYTES:
        return piece
    return piece[: max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1] or piece


def _first_rows(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The rows among which a header is looked for, as far as they can be cut into cells."""
    rows: list[tuple[int, list[str]]] = []
    with suppress(csv.Error):
        rows.extend(enumerate(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), HEADER_ROWS), 1))
    return rows


def _first_row(path: BatchPath, delimiter: str, encoding: str, start: Mark, header: Header) -> Mark:
    """Where the row below the header starts.

    Raises:
        UnreadableFile: there is none.
    """
    for record in records(path, delimiter, start, encoding):
        if record.row > header.row and not all(map(is_blank, record.cells)):
            return Mark(record.offset, record.row)
    raise UnreadableFile(say("no_rows"))


def _has_decimal_comma(path: BatchPath, delimiter: str, encoding: str, first: Mark, header: Header) -> bool:
    # Only a semicolon leaves the comma free to be a decimal sign.
    if delimiter != ";":
        return False
    rows = islice(records(path, delimiter, first, encoding), COMMA_ROWS)
    return needs_comma_decimal(((row.row, row.cells) for row in rows), header)


def _other_encoding(path: BatchPath, found: Scan) -> str:
    """The encoding of a file that is not UTF-8, judged where it first is not."""
    try:
        encoding = encoding_of(_lines_around(path, found))
    except UnreadableFile:
        if found.first_odd_bytes == found.start:
            raise
        encoding = ""
    if encoding != "gb18030":
        raise UnreadableFile(say("neither_encoding"))
    return encoding


def _lines_around(path: BatchPath, found: Scan) -> bytes:
    """Whole lines from where the bytes first are not UTF-8; the file's own first and last line are whole."""
    begin = max(found.start, found.first_odd_bytes - LOOK_BACK_BYTES)
    with reading(path) as file:
        file.seek(begin)
        sample = file.read(CHUNK_BYTES)
    first = sample.find(b"\n") + 1 if begin > found.start else 0
    last = sample.rfind(b"\n") + 1 if begin + len(sample) < found.size else len(sample)
    return sample[first:last] or sample


def _rewritten(path: BatchPath, copy: BatchPath, encoding: str) -> BatchPath:
    """The same rows in UTF-8, each ending in LF."""
    make_folder(copy.parent)
    with io.TextIOWrapper(reading(path), encoding=encoding, newline=None) as text:
        write_whole(copy, lambda file: file.writelines(_encoded(text)))
    return copy


def _encoded(text: io.TextIOWrapper) -> Iterator[bytes]:
    try:
        while piece := text.read(CHUNK_BYTES):
            yield piece.encode()
    except UnicodeError:
        raise UnreadableFile(say("not_its_encoding", encoding=text.encoding)) from None
