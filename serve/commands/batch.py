"""`batch`: a CSV of many portfolios into results and rejects, with no server; Ray is started for it where it pays."""

import json
import signal
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from data.wire.batch import BatchStatus
from serve.batches.run import BatchOptions, BatchSummary, Progress, Watch, alone, run_batch
from serve.batches.strategies import BATCH_STRATEGIES
from serve.commands.shared.options import AsJson, parse_strategies

INTERRUPTED = 130


def batch(
    source: Annotated[Path, typer.Argument(metavar="IN.csv", help="Debts of many clients, a client's rows together.")],
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for results.csv, rejects.csv and summary.json.")],
    strategies: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Only these; default: every order but your own. With optimal: a search of up to 1 s a client.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an earlier run into DIR stopped.")] = False,
    as_json: AsJson = False,
) -> None:
    """Plan every portfolio of a CSV; every row ends in the results or, with its reason, in the rejects."""
    source.stat()  # a file that is not there is said at once
    chosen = tuple(parse_strategies(strategies) or BATCH_STRATEGIES)
    start = f"{datetime.now(UTC):%Y-%m}"
    summary = _run(source, out, BatchOptions(start=start, strategies=chosen, resume=resume))
    if summary.status is BatchStatus.CANCELLED:
        sys.stderr.write(f"stopped; what is done is kept in {out}, go on with --resume\n")
        raise typer.Exit(INTERRUPTED)
    if as_json:
        sys.stdout.write(json.dumps(asdict(summary)) + "\n")
    else:
        _tell(summary, out)


def _run(source: Path, out: Path, options: BatchOptions) -> BatchSummary:
    """The batch with a bar on standard error; Ctrl-C stops it in order."""
    stopping = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    # Not KeyboardInterrupt: parts in work are finished and kept for `--resume`.
    before = signal.signal(signal.SIGINT, stop)
    try:
        with _bar() as bar:
            line = bar.add_task("starting", total=None)

            def tell(progress: Progress) -> None:
                bar.update(line, description=progress.stage, completed=progress.bytes_done, total=progress.bytes_total)

            return _on_workforce(source, out, options, Watch(tell, stopping.is_set))
    finally:
        signal.signal(signal.SIGINT, before)


def _on_workforce(source: Path, out: Path, options: BatchOptions, watch: Watch) -> BatchSummary:
    """A file of one range is done here, in less time than Ray takes to start; the bytes are the same."""
    if source.stat().st_size <= options.bytes_at_once:
        return run_batch(source, out, options, workforce=alone, watch=watch)
    from serve.batches.ray import on_ray  # noqa: PLC0415 (Ray loads for a second that small files do not need)
    from serve.machine.own_ray.batch import ray_at_hand  # noqa: PLC0415 (the same)

    with ray_at_hand():
        return run_batch(source, out, options, workforce=on_ray, watch=watch)


def _bar() -> Bar:
    columns = [TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()]
    return Bar(*columns, console=Console(stderr=True))


def _tell(summary: BatchSummary, out: Path) -> None:
    for warning in summary.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    sys.stdout.write(
        f"{summary.rows:,} rows: {summary.portfolios:,} portfolios in {out / 'results.csv'}, "
        f"{summary.rejects:,} rejects in {out / 'rejects.csv'}\n"
    )
