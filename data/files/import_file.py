"""What a file says as the JSON of an import, piece by piece: never the whole answer at once.

A large CSV of many portfolios is read by columns, any other file row by row; the answer is the same to the byte.
"""

from collections.abc import Iterator
from typing import Protocol

from data.files.portfolio_file import header_warnings, id_of_file, read_file
from data.files.rows.row_draft import SheetReading
from data.files.sheets.file_kind import kind_of
from data.wire.import_result import ImportResult, ImportWarning, Reject

PIECE_BYTES = 1 << 18
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


def pieces_of(answer: ImportInPieces) -> Iterator[bytes]:
    """The answer as `ImportResult` would be written, in pieces of some hundred kilobytes."""
    gathered = bytearray()
    for piece in _written(answer):
        gathered += piece
        if len(gathered) >= PIECE_BYTES:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


def _written(answer: ImportInPieces) -> Iterator[bytes | memoryview]:
    yield b'{"portfolios":['
    yield from _without_first_comma(answer.portfolios())
    rejects, warnings = answer.notes()
    yield b'],"rejects":['
    yield from _without_first_comma(b"," + reject.model_dump_json().encode() for reject in rejects)
    yield b'],"warnings":['
    yield from _without_first_comma(b"," + warning.model_dump_json().encode() for warning in warnings)
    yield b"]}"


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
