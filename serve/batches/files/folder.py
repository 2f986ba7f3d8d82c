"""Where a batch keeps what it has done: a part for each range, and at the end the whole files.

A part counts once its note is there, which is written last; every file is whole or absent, also after a loss of power.
Two runs of the same batch write the same bytes, so neither harms the other.
"""

import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import Any, BinaryIO

from serve.batches.files.bucket import BucketPath
from serve.batches.files.place import BatchPath, files_in, make_folder, take_away, write_whole

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def input_of(folder: BatchPath) -> BatchPath:
    """Where the file of a batch that came over HTTP lies, in the batch's folder."""
    return folder / "input.csv"


@dataclass(frozen=True)
class RangeReport:
    """The results of one range.

    Attributes:
        size: bytes of the range. rows: those not blank; each is planned, is a line of totals, is rejected, or is
            left out with its portfolio. planned_rows: those that are debts in some result.
        is_ascii: both files hold nothing but ASCII.
        highest_rate: of the annual rates, in 10^-12, to notice rates that were written as fractions.
    """

    number: int
    size: int
    rows: int = 0
    planned_rows: int = 0
    portfolios: int = 0
    rejects: int = 0
    is_ascii: bool = True
    highest_rate: int = 0


class BatchFolder:
    """The folder of one batch's results."""

    def __init__(self, out: BatchPath) -> None:
        """Nothing is made before it is needed."""
        self.out = out
        self.work = out / ".batch"
        self.results = out / "results.csv"
        self.rejects = out / "rejects.csv"
        self.summary = out / "summary.json"
        self.plain_source = self.work / "source.csv"
        self._manifest = self.work / "manifest.json"

    def open(self, manifest: dict[str, Any], *, resume: bool) -> None:
        """Begin anew, or go on where the same batch stopped."""
        # Another file, choice or version: the parts in the folder are of no use.
        if not resume or _read_json(self._manifest) != manifest:
            self.clear()
            make_folder(self.work)
            # The manifest comes first: without it nobody could tell later what parts were made of.
            write_json(self._manifest, manifest)

    def clear(self) -> None:
        """Take away an earlier run's files, but not the copy of the source that this run has just made."""
        parts = [path for path in files_in(self.work) if path != self.plain_source]
        for file in (self.summary, self.results, self.results.with_suffix(".parquet"), self.rejects, *parts):
            file.unlink(missing_ok=True)

    def made_of(self) -> dict[str, Any] | None:
        """What the parts in the folder were made of, or its whole files; None where there are none."""
        whole = self.whole()
        return _read_json(self._manifest) if whole is None else whole.get("made_of")

    def whole(self) -> dict[str, Any] | None:
        """The summary, if the files are whole."""
        return _read_json(self.summary)

    def stop(self, run: str) -> None:
        """Ask the ranges of a run that have not begun to leave it; those of another run go on."""
        # Another run may have finished the batch, and taken the folder away.
        with suppress(FileNotFoundError):
            self._stop_of(run).touch()

    def is_stopped(self, run: str) -> bool:
        """Whether the ranges of a run are asked not to begin."""
        return self._stop_of(run).exists()

    def results_of(self, number: int) -> BatchPath:
        """A part's result rows, without a header."""
        return self.work / f"{number:06d}.results.csv"

    def rejects_of(self, number: int) -> BatchPath:
        """A part's rejects, without a header."""
        return self.work / f"{number:06d}.rejects.csv"

    def ids_of(self, number: int) -> BatchPath:
        """The ids of a part's portfolios, each with its first row and its line among the results."""
        return self.work / f"{number:06d}.ids.arrow"

    def part(self, number: int) -> RangeReport | None:
        """The part, if it is done."""
        note = _read_json(self._note_of(number))
        return None if note is None else RangeReport(**{name.name: note[name.name] for name in fields(RangeReport)})

    def finish(self, part: RangeReport) -> None:
        """The part's files are whole: let it count."""
        write_json(self._note_of(part.number), asdict(part))

    def close(self) -> None:
        """Take the parts away: the whole files are there."""
        take_away(self.work)

    def _stop_of(self, run: str) -> BatchPath:
        return self.work / f"stop.{run}"

    def _note_of(self, number: int) -> BatchPath:
        return self.work / f"{number:06d}.json"


def write_json(target: BatchPath, content: dict[str, Any]) -> None:
    """Write a small JSON file whole."""
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    write_whole(target, lambda file: file.write(text.encode()))


def join(target: BatchPath, header: bytes, pieces: Iterable[BatchPath | bytes], *, is_ascii: bool) -> None:
    """Pieces one after the other under their header; with a byte order mark where Excel needs it to read them."""

    def copy(file: BinaryIO) -> None:
        # Excel takes a CSV without the mark for the local encoding; pure ASCII needs none.
        file.write(header if is_ascii else BYTE_ORDER_MARK + header)
        for piece in pieces:
            if isinstance(piece, bytes):
                file.write(piece)
                continue
            if isinstance(piece, BucketPath):
                file.write(piece.read_bytes())  # a part is small, and one answer quicker than several
                continue
            with piece.open("rb") as part:
                shutil.copyfileobj(part, file, 1 << 20)

    write_whole(target, copy)


def _read_json(path: BatchPath) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
