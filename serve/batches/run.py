"""A CSV of portfolios in, results and rejects out: cut into byte ranges, worked on side by side, resumable.

The file is read once to find where it can be cut. Each range becomes a part of its own, whole or absent; the parts in
their order are the results. So a run that was killed goes on with the parts that are missing, and its bytes are the
same. Memory does not grow with the file. Knows nothing of HTTP, nor of who does the work: that is a `Workforce`.
"""

import errno
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from data.answers.plan import Strategy
from data.errors import Conflict, OperatorError, ServiceUnavailable
from data.wire.batch import BatchStatus
from data.wording.sentence import say
from serve.batches.files.folder import BatchFolder, RangeReport, join, write_json
from serve.batches.files.place import BatchPath
from serve.batches.files.ranges import RANGE_BYTES, SEARCHED_BYTES
from serve.batches.files.source import BatchFile, open_source
from serve.batches.results import REJECT_COLUMNS, csv_text, result_columns
from serve.batches.splits import find_splits, rejects_of_splits, rejects_with, results_without
from serve.batches.strategies import BATCH_STRATEGIES, strategies_named
from serve.batches.work import Job, work

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
ONE_PERCENT = 10**10  # in 10^-12

Workforce = Callable[[Job, Sequence[int], Callable[[], bool]], Iterator[RangeReport]]
"""Does the work on some ranges of a job and gives each part as it is done; ends early once it is told to stop."""


@dataclass(frozen=True)
class Progress:
    """How far a batch is."""

    stage: str
    bytes_done: int
    bytes_total: int
    rows: int = 0
    portfolios: int = 0
    rejects: int = 0

    @property
    def percent(self) -> int:
        """0 to 100."""
        return self.bytes_done * 100 // max(self.bytes_total, 1)


@dataclass(frozen=True)
class BatchSummary:
    """The totals of a batch.

    Attributes:
        rows: those below the header that are not blank; each is a debt in some result (`planned_rows`), is named in
            the rejects, is left out with its portfolio, which is, or is a line of totals.
    """

    status: BatchStatus
    rows: int
    planned_rows: int
    portfolios: int
    rejects: int
    strategies: tuple[str, ...]
    start: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class BatchOptions:
    """What to do with the file.

    Attributes:
        start: the month from which portfolios are planned that name none. resume: go on where an earlier run stopped.
        name: what the owner calls the file; without it the file's own.
    """

    start: str
    strategies: tuple[Strategy, ...] = BATCH_STRATEGIES
    resume: bool = False
    name: str | None = None
    range_bytes: int | None = None

    @property
    def bytes_at_once(self) -> int:
        """How much of the file is worked on in one piece."""
        if self.range_bytes is not None:
            return self.range_bytes
        # A search takes up to a second a portfolio: smaller ranges, so that progress is seen and cancelling is quick.
        return SEARCHED_BYTES if Strategy.OPTIMAL in self.strategies else RANGE_BYTES


def never() -> bool:
    """Nobody cancels."""
    return False


def ignore(_: Progress) -> None:
    """Nobody watches."""


def alone(job: Job, numbers: Sequence[int], is_cancelled: Callable[[], bool]) -> Iterator[RangeReport]:
    """The work done here, one range after the other."""
    for number in numbers:
        part = None if is_cancelled() else work(job, number)
        if part is None:
            return
        yield part


@dataclass(frozen=True)
class Watch:
    """Who looks on: is told of progress, and may cancel; a cancelled batch stops within a range."""

    tell: Callable[[Progress], None] = ignore
    is_cancelled: Callable[[], bool] = never


def run_batch(
    source: BatchPath,
    out: BatchPath,
    options: BatchOptions,
    *,
    workforce: Workforce = alone,
    watch: Watch | None = None,
) -> BatchSummary:
    """Plan every portfolio of a CSV; `out` then holds results.csv, rejects.csv and summary.json, or none of them.

    Raises:
        BadInput: a strategy that needs more than a CSV holds. UnreadableFile: it is no CSV of debts.
        Conflict: there is something to resume, but of another file or choice.
        OperatorError: there is no room on the disk; what is done is kept for `resume`.
    """
    try:
        return _Run(source, out, options, watch or Watch()).through(workforce)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise OperatorError(f"The disk of {out} is full. Free some space and resume: what is done is kept.") from error


class _Run:
    """One run of one batch."""

    def __init__(self, source: BatchPath, out: BatchPath, options: BatchOptions, watch: Watch) -> None:
        self._folder = BatchFolder(out)
        self._options = options
        self._tell = watch.tell
        self._is_cancelled = watch.is_cancelled
        # Refused before the file is read.
        strategies_named(options.strategies)
        size = source.stat().st_size
        self._tell(Progress("reading", 0, size))
        name = options.name or source.name
        self._source = open_source(source, name, self._folder.plain_source, range_bytes=options.bytes_at_once)
        self._parts: dict[int, RangeReport] = {}

    def through(self, workforce: Workforce) -> BatchSummary:
        # Another file or choice than before is refused before anything is written.
        manifest = self._manifest()
        whole = _whole(self._folder, manifest) if self._options.resume else None
        if whole is not None:
            return whole
        self._folder.open(manifest, resume=self._options.resume)
        try:
            return self._work(workforce, manifest)
        except FileNotFoundError:
            # Another run of the same batch, whose claim had lapsed, came to the end first and took the parts away.
            whole = _whole(self._folder, manifest)
            if whole is None:
                raise
            return whole

    def _work(self, workforce: Workforce, manifest: dict[str, Any]) -> BatchSummary:
        job = Job(self._source, self._folder.out, self._options.strategies, str(manifest["start"]), uuid4().hex)
        missing = self._take_up()
        if missing:
            for part in workforce(job, missing, self._is_cancelled):
                self._take(part)
        if self._is_cancelled():
            self._folder.stop(job.run)
            return self._summary(BatchStatus.CANCELLED, manifest)
        if len(self._parts) < len(self._source.ranges):
            raise ServiceUnavailable("The work ended before all of the file was done; resume it.")
        return self._finish(manifest)

    def _manifest(self) -> dict[str, Any]:
        """What the parts are made of; a run that goes on keeps the month in which the first began."""
        # All that decides the bytes of a part: where any of it differs, earlier parts cannot be used.
        made_of: dict[str, Any] = {
            "version": version("debt-optimizer"),
            "file": self._source.name,
            "size": self._source.size,
            "checksum": self._source.checksum,
            "ranges": [piece.start for piece in self._source.ranges],
            "strategies": [*self._options.strategies],
            "start": self._options.start,
        }
        before = self._folder.made_of() if self._options.resume else None
        if before is None:
            return made_of
        for field, code in (("checksum", "another_batch_file"), ("strategies", "another_batch_choice")):
            if before.get(field) != made_of[field]:
                raise Conflict(say(code, folder=str(self._folder.out)))
        # The month in which the first run began: a run over midnight of the last day must not mix two months.
        return made_of | {"start": before["start"]}

    def _take_up(self) -> list[int]:
        """Count what is done already; answers the parts that are missing."""
        numbers = range(len(self._source.ranges))
        done = {number: part for number in numbers if (part := self._folder.part(number)) is not None}
        self._parts |= done
        self._tell(self._progress("planning"))
        return [number for number in numbers if number not in done]

    def _take(self, part: RangeReport) -> None:
        self._parts[part.number] = part
        self._tell(self._progress("planning"))

    def _progress(self, stage: str) -> Progress:
        parts = self._parts.values()
        return Progress(
            stage,
            sum(part.size for part in parts),
            sum(piece.stop - piece.start for piece in self._source.ranges),
            sum(part.rows for part in parts),
            sum(part.portfolios for part in parts),
            sum(part.rejects for part in parts),
        )

    def _finish(self, manifest: dict[str, Any]) -> BatchSummary:
        """Join the parts; the rejects first, the summary last, so that results tell of a whole batch."""
        self._tell(self._progress("writing"))
        folder, numbers = self._folder, sorted(self._parts)
        results: dict[int, BatchPath | bytes] = {number: folder.results_of(number) for number in numbers}
        rejects: dict[int, BatchPath | bytes] = {number: folder.rejects_of(number) for number in numbers}
        self._leave_out_splits(results, rejects)
        is_ascii = all(part.is_ascii for part in self._parts.values())
        join(folder.rejects, csv_text([REJECT_COLUMNS]), rejects.values(), is_ascii=is_ascii)
        header = csv_text([result_columns(self._options.strategies)])
        join(folder.results, header, results.values(), is_ascii=is_ascii)
        summary = self._summary(BatchStatus.COMPLETED, manifest)
        write_json(folder.summary, {**asdict(summary), "made_of": manifest})
        folder.close()
        return summary

    def _leave_out_splits(self, results: dict[int, BatchPath | bytes], rejects: dict[int, BatchPath | bytes]) -> None:
        # Only here are all parts known: two runs of one id may lie in different ranges.
        folder = self._folder
        splits = find_splits(folder, len(self._parts))
        told = rejects_of_splits(splits)
        for number in {split.part for split in splits}:
            lines = {split.line for split in splits if split.part == number and split.line >= 0}
            mine = [reject for part, reject in told if part == number]
            results[number], debts = results_without(folder.results_of(number), lines)
            rejects[number] = rejects_with(folder.rejects_of(number), mine)
            part = self._parts[number]
            self._parts[number] = replace(
                part,
                portfolios=part.portfolios - len(lines),
                planned_rows=part.planned_rows - debts,
                rejects=part.rejects + len(mine),
            )

    def _summary(self, status: BatchStatus, manifest: dict[str, Any]) -> BatchSummary:
        parts = self._parts.values()
        return BatchSummary(
            status=status,
            rows=sum(part.rows for part in parts),
            planned_rows=sum(part.planned_rows for part in parts),
            portfolios=sum(part.portfolios for part in parts),
            rejects=sum(part.rejects for part in parts),
            strategies=tuple(self._options.strategies),
            start=str(manifest["start"]),
            warnings=(*_header_warnings(self._source), *self._rate_warnings()),
        )

    def _rate_warnings(self) -> list[str]:
        highest = max((part.highest_rate for part in self._parts.values()), default=0)
        if not 0 < highest < ONE_PERCENT:
            return []
        return ["every rate of the file is below 1 %; if 24.99 % is meant, write 24.99"]


def _header_warnings(source: BatchFile) -> list[str]:
    warnings = [warning.reason for warning in source.header.warnings]
    return [*warnings, "the comma was read as the decimal sign"] if source.comma_decimal else warnings


def _whole(folder: BatchFolder, manifest: dict[str, Any]) -> BatchSummary | None:
    """What the folder holds, if it is the whole of the same batch."""
    found = folder.whole()
    if found is None or found.pop("made_of", None) != manifest:
        return None
    return TypeAdapter(BatchSummary).validate_python(found)
