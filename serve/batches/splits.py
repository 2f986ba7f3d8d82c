"""Portfolios whose rows do not stand together: they are left out whole, and their owner is told where.

Each part keeps the ids of its runs. Two runs of one id anywhere in the file make a split portfolio. Memory: eight bytes
a portfolio, the hash of its id; only ids whose hashes meet are compared letter by letter.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from data.arrays import Ints
from data.files.plain.arrow import Column, Table, arrow, arrow_ipc
from data.wire.import_result import Reject
from data.wording.sentence import say
from serve.batches.files.folder import BatchFolder
from serve.batches.files.place import BatchPath
from serve.batches.results import LEADING_COLUMNS, csv_text, reject_lines


def write_ids(file: BinaryIO, ids: Column, first_rows: Ints, planned: Ints) -> None:
    """Keep the id of each run of a part, its first row, and its line among the results, -1 where it has none."""
    lines = np.full(len(ids), -1, np.int64)
    lines[planned] = np.arange(len(planned))
    table = arrow.table({"id": ids, "row": first_rows, "line": lines})
    with arrow_ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


@dataclass(frozen=True)
class Split:
    """One run of a split portfolio: in which part, at which row of the file, on which line of the results."""

    portfolio_id: str
    part: int
    row: int
    line: int
    first_row: int


def find_splits(folder: BatchFolder, parts: int) -> list[Split]:
    """Every run of every split portfolio, in the order of the file."""
    suspects = _repeated_hashes(folder, parts)
    if len(suspects) == 0:
        return []
    runs: dict[str, list[Split]] = {}
    # A second pass, only where hashes meet: the letters of few ids need be held.
    for number, table in _ids(folder, parts):
        meets = np.isin(_hashes(table), suspects)
        for run in table.filter(arrow.array(meets)).to_pylist():
            split = Split(run["id"], number, run["row"], run["line"], run["row"])
            runs.setdefault(split.portfolio_id, []).append(split)
    split = [replace(run, first_row=group[0].row) for group in runs.values() if len(group) > 1 for run in group]
    return sorted(split, key=lambda run: run.row)


def rejects_of_splits(splits: list[Split]) -> list[tuple[int, Reject]]:
    """One reject for each split portfolio, on the row where its rows begin again; each with that row's part."""
    again: dict[str, tuple[int, Reject]] = {}
    for split in splits:
        if split.row != split.first_row and split.portfolio_id not in again:
            said = say("rows_apart", row=split.first_row, left_out=True)
            reject = Reject.of(said, row=split.row, column="portfolio_id", value=split.portfolio_id)
            again[split.portfolio_id] = (split.part, reject)
    return list(again.values())


def results_without(path: BatchPath, lines: set[int]) -> tuple[bytes, int]:
    """A part's result rows without some of its lines, and how many debts those held."""
    rows = path.read_bytes().splitlines(keepends=True)
    left_out = csv.reader([rows[line].decode() for line in sorted(lines)])
    debts = sum(int(cells[LEADING_COLUMNS.index("debts")]) for cells in left_out)
    return b"".join(row for line, row in enumerate(rows) if line not in lines), debts


def rejects_with(path: BatchPath, more: list[Reject]) -> bytes:
    """A part's rejects and some more, in the order of the file."""
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))
    rows += list(csv.reader(io.StringIO(reject_lines(more).decode(), newline="")))
    rows.sort(key=lambda cells: (int(cells[0]), cells[1:]))
    return csv_text(rows)


def _repeated_hashes(folder: BatchFolder, parts: int) -> Ints:
    """Hashes that more than one run has."""
    found = [_hashes(table) for _, table in _ids(folder, parts)]
    hashes = np.sort(np.concatenate(found)) if found else np.zeros(0, np.int64)
    return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])


def _ids(folder: BatchFolder, parts: int) -> Iterator[tuple[int, Table]]:
    for number in range(parts):
        path = folder.ids_of(number)
        if path.exists():
            content = path if isinstance(path, Path) else arrow.BufferReader(path.read_bytes())
            yield number, arrow_ipc.open_file(content).read_all()


def _hashes(table: Table) -> Ints:
    """Python's hashes of the ids: 64 bits, the same for the same text throughout this process."""
    # Python's hash differs between processes, so hashes are never stored.
    ids = table.column("id").to_pylist()
    return np.fromiter(map(hash, ids), np.int64, len(ids))
