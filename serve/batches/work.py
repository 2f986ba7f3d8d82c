"""The work on one range, from bytes to a finished part; done by whoever runs batches, in any process.

Knows nothing of other ranges, of Ray or of progress.
"""

from dataclasses import dataclass

from data.answers.plan import Strategy
from data.files.plain.arrow import arrow
from data.files.plain.rows import Rows, read_rows
from data.files.portfolio_file import id_of_file
from data.files.rows.row_draft import SheetReading
from serve.batches.files.content import read_content
from serve.batches.files.folder import BatchFolder, RangeReport
from serve.batches.files.place import BatchPath, write_whole
from serve.batches.files.source import BatchFile
from serve.batches.portfolios import BatchQuestion, RangeResult, solve
from serve.batches.results import csv_lines, reject_lines, result_table, with_baseline
from serve.batches.runs import Runs, runs_of
from serve.batches.splits import write_ids


@dataclass(frozen=True)
class Job:
    """A batch as its workers know it.

    Attributes:
        start: the month from which portfolios are planned that name none.
        run: which of the batch's runs they work for; another may be at work beside it.
    """

    source: BatchFile
    out: BatchPath
    strategies: tuple[Strategy, ...]
    start: str
    run: str


def work(job: Job, number: int) -> RangeReport | None:
    """Finish the part of a range, unless it is finished already; None when the batch is being stopped.

    Raises:
        UnreadableFile: the range is not in the file's encoding. OSError: the part cannot be written.
    """
    folder = BatchFolder(job.out)
    done = folder.part(number)
    # Finished by an earlier run, or by another worker meanwhile: either has the same bytes.
    if done is not None or folder.is_stopped(job.run):
        return done
    content = read_content(job.source, job.source.ranges[number])
    rows = read_rows(content, job.source.header, [row for row, _ in job.source.faults])
    runs = runs_of(rows, job.source)
    outcome = solve(rows, runs, content, _question(job, runs))
    # Looked at again: a search over the range may have taken long.
    if folder.is_stopped(job.run):
        return None
    part = _write(job, number, rows, runs, outcome)
    folder.finish(part)
    return part


def _question(job: Job, runs: Runs) -> BatchQuestion:
    source = job.source
    faults, named = dict(source.faults), id_of_file(source.name)
    reading = SheetReading(source.header, named, source.comma_decimal, this_month=job.start, faults=faults)
    return BatchQuestion(with_baseline(job.strategies), job.start, reading, ids_required=runs.have_ids)


def _write(job: Job, number: int, rows: Rows, runs: Runs, outcome: RangeResult) -> RangeReport:
    """The part's files, each whole, the ids last."""
    folder, piece = BatchFolder(job.out), job.source.ranges[number]
    results = csv_lines(result_table(runs.ids.take(arrow.array(outcome.runs)), outcome, job.strategies))
    rejects = reject_lines(outcome.rejects)
    write_whole(folder.results_of(number), lambda file: file.write(results))
    write_whole(folder.rejects_of(number), lambda file: file.write(rejects))
    if runs.have_ids:
        first_rows = rows.places[runs.starts] + piece.row
        write_whole(folder.ids_of(number), lambda file: write_ids(file, runs.ids, first_rows, outcome.runs))
    return RangeReport(
        number=number,
        size=piece.stop - piece.start,
        rows=len(rows.places),
        planned_rows=int(outcome.debts.sum()),
        portfolios=len(outcome.runs),
        rejects=len(outcome.rejects),
        is_ascii=results.isascii() and rejects.isascii(),
        highest_rate=outcome.highest_rate,
    )
