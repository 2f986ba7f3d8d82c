"""What a file says as the JSON of an import, piece by piece: never the whole answer at once.

A large CSV of many portfolios is read by columns, any other file row by row; the answer is the same to the byte.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from data.files.cells.text import guarded_text
from data.files.portfolio_file import header_warnings, id_of_file, read_file
from data.files.rows.row_draft import SheetReading
from data.files.sheets.file_kind import kind_of
from data.wire.import_result import ImportResult, ImportWarning, Reject

PIECE_BYTES = 1 << 18
REJECT_COLUMNS = ("sheet", "row", "column", "value", "reason")
LEAST_PLAIN_BYTES = 1 << 20  # a smaller file is read row by row before the libraries for columns are loaded


class ImportInPieces(Protocol):
    """An import as it is read."""

    count: int
    """How many portfolios there have been so far."""

    def portfolios(self) -> Iterator[bytes | memoryview]:
        """The portfolios as JSON, a comma before each."""
        ...

    def notes(self) -> tuple[list[Reject], list[ImportWarning]]:
        """Rejects and warnings, once all portfolios have been read."""
        ...


class RowByRow:
    """An import that has been read."""

    def __init__(self, result: ImportResult) -> None:
        self.count = len(result.portfolios)
        self._result = result

    def portfolios(self) -> Iterator[bytes]:
        """The portfolios as JSON, a comma before each."""
        for portfolio in self._result.portfolios:
            yield b"," + portfolio.model_dump_json(by_alias=True).encode()

    def notes(self) -> tuple[list[Reject], list[ImportWarning]]:
        """Rejects and warnings."""
        return self._result.rejects, self._result.warnings


def import_file(
    content: bytes, file_name: str, this_month: str | None = None, *, least_plain: int = LEAST_PLAIN_BYTES
) -> ImportInPieces:
    """What a file says, be it JSON, CSV or Excel; `pieces_of` writes it.

    Raises:
        UnreadableFile: it is no table and no JSON. InvalidPortfolio: it is JSON with fields to mend.
    """
    if len(content) >= least_plain and kind_of(content) == "text":
        plain = _read_plainly(content, file_name, this_month)
        if plain is not None:
            return plain
    return RowByRow(read_file(content, file_name, this_month))


def pieces_of(answer: ImportInPieces, *, most: int | None = None) -> Iterator[bytes]:
    """The answer as `ImportResult` would be written, in pieces of some hundred kilobytes.

    At most so many rejects and so many warnings are listed; all are counted.
    """
    return _gathered(_written(answer, most))


def rejects_csv(answer: ImportInPieces, language: str = "en") -> Iterator[bytes]:
    """Every reject as a row of a CSV, its reason in a language, in pieces of some hundred kilobytes."""
    return _gathered(_as_csv(answer, language))


def _gathered(pieces: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= PIECE_BYTES:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


def _written(answer: ImportInPieces, most: int | None) -> Iterator[bytes | memoryview]:
    yield b'{"portfolios":['
    yield from _without_first_comma(answer.portfolios())
    rejects, warnings = answer.notes()
    yield b'],"rejects":['
    yield from _without_first_comma(b"," + reject.model_dump_json().encode() for reject in rejects[:most])
    yield b'],"warnings":['
    yield from _without_first_comma(b"," + warning.model_dump_json().encode() for warning in warnings[:most])
    yield b'],"rejects_total":%d,"warnings_total":%d}' % (len(rejects), len(warnings))


def _as_csv(answer: ImportInPieces, language: str) -> Iterator[bytes]:
    # Read to the end first: only then all rejects are known.
    for _ in answer.portfolios():
        pass
    rejects, _ = answer.notes()
    # Excel takes a file without the mark for one of the system's own encoding.
    yield codecs.BOM_UTF8 + _line(REJECT_COLUMNS)
    for reject in rejects:
        reason = reject.reason if language == "en" else reject.said.in_language(language)
        cells = (reject.sheet or "", str(reject.row), reject.column or "", reject.value or "", reason)
        yield _line([guarded_text(cell) for cell in cells])


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def _without_first_comma(pieces: Iterator[bytes | memoryview]) -> Iterator[bytes | memoryview]:
    begun = False
    for piece in pieces:
        if len(piece):
            yield piece if begun else piece[1:]
            begun = True


def _read_plainly(content: bytes, file_name: str, this_month: str | None) -> ImportInPieces | None:
    from data.files.plain.plain_file import open_plainly  # noqa: PLC0415 (a third of a second that few files need)
    from data.files.plain.plain_import import PlainImport  # noqa: PLC0415

    file = open_plainly(content)
    if file is None:
        return None
    reading = SheetReading(
        file.header, id_of_file(file_name), file.comma_decimal, this_month=this_month, faults=file.faults
    )
    return PlainImport(file, reading, header_warnings(file.head, reading))
