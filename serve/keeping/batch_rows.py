"""One client's rows in the files of a batch: found, and taken out. Whole files are read here: call it in a thread.

A client is known there by the id of its portfolio. A row taken out of the uploaded file leaves an empty line, so that
the numbers of the rows after it stay what they were.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from data.errors import UnreadableFile
from data.files.cells.text import unguarded_text
from data.files.sheets.records import Mark, Record
from serve.batches.files.folder import BatchFolder, input_of
from serve.batches.files.place import BatchPath, reading, take_away, write_whole
from serve.batches.files.scan import records
from serve.batches.files.source import PortfolioOf, open_source

FIRST = Mark(0, 1)


@dataclass(frozen=True)
class ClientRows:
    """The client's rows in one file of a batch, under that file's columns."""

    file: str
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class _Table:
    """A CSV of the batch. `left` is what a row that is taken out leaves."""

    path: BatchPath
    delimiter: str
    encoding: str
    header_row: int
    is_theirs: Callable[[Record], bool]
    left: bytes = b""

    def records(self) -> Iterator[Record]:
        return records(self.path, self.delimiter, FIRST, self.encoding)

    def theirs(self) -> Iterator[Record]:
        return (record for record in self.records() if record.row > self.header_row and self.is_theirs(record))


def client_rows(client_id: str, folder: BatchPath, stem: str) -> list[ClientRows]:
    """What the files of a batch hold of the client; `stem` is the file's name, the id where it has no column for it."""
    found: list[ClientRows] = []
    for table in _tables(client_id, folder, stem):
        rows = [record.cells for record in table.theirs()]
        if rows:
            columns = next(record.cells for record in table.records() if record.row == table.header_row)
            found.append(ClientRows(table.path.name, columns, rows))
    _copy_of(folder).unlink(missing_ok=True)
    return found


def take_out(client_id: str, folder: BatchPath, stem: str) -> None:
    """Take the client's rows out of every file of a batch that nobody works on."""
    for table in _tables(client_id, folder, stem):
        target = input_of(folder) if table.path == _copy_of(folder) else table.path
        write_whole(target, lambda file, table=table: _write_without(table, file))
    _copy_of(folder).unlink(missing_ok=True)
    # Made of those files: the Parquet is made anew when next asked for, the parts when the batch is resumed.
    BatchFolder(folder).results.with_suffix(".parquet").unlink(missing_ok=True)
    take_away(BatchFolder(folder).work)


def _tables(client_id: str, folder: BatchPath, stem: str) -> list[_Table]:
    """The batch's files, as far as it has any."""
    if not input_of(folder).exists():
        return []
    uploaded, files = _uploaded(client_id, folder, stem), BatchFolder(folder)
    rows = {str(record.row) for record in uploaded.theirs()}
    results = _Table(files.results, ",", "utf-8", 1, lambda record: unguarded_text(record.cells[0]) == client_id)
    rejects = _Table(files.rejects, ",", "utf-8", 1, lambda record: record.cells[0] in rows)
    return [uploaded, *(table for table in (results, rejects) if table.path.exists())]


def _uploaded(client_id: str, folder: BatchPath, stem: str) -> _Table:
    try:
        source = open_source(input_of(folder), stem, _copy_of(folder))
    # Of a file that nobody can read nothing can be taken out but all of it.
    except UnreadableFile:
        return _Table(input_of(folder), ",", "utf-8", 0, lambda _: client_id.encode() in input_of(folder).read_bytes())
    whose = PortfolioOf(source.header)
    has_ids = "portfolio_id" in source.header.places

    def is_theirs(record: Record) -> bool:
        return whose(record.cells) == client_id if has_ids else stem == client_id

    return _Table(source.path, source.delimiter, source.encoding, source.header.row, is_theirs, left=b"\n")


def _write_without(table: _Table, file: BinaryIO) -> None:
    theirs = {record.row for record in table.theirs()}
    with reading(table.path) as original:
        for record in table.records():
            original.seek(record.offset)
            file.write(table.left if record.row in theirs else original.read(record.stop - record.offset))


def _copy_of(folder: BatchPath) -> BatchPath:
    return folder / "erasing.csv"
