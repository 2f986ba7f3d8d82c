"""Works on the batches that came over HTTP, one at a time, in the background. Plain asyncio and a thread, without Ray.

A batch is claimed by attempt and lease; its progress goes into its row and to those who follow. When this process dies,
the lease lapses and the next runner goes on from the parts that are done. While the store of the files does not answer,
the batch waits.
"""

import asyncio
import logging
import re
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_when_event_set,
    wait_exponential,
)

from data.answers.plan import Strategy
from data.channels.patience import patiently
from data.channels.token_stream.stream import TokenStream
from data.clock import Clock, utc_now
from data.errors import BadSetting, DebtOptimizerError, FilesAway, LostClaim, OperatorError, ServiceUnavailable
from data.records.batches.batch import Batch
from data.records.batches.batch_store import BatchDone, BatchStore
from data.wire.batch import BatchStatus
from data.wire.event import EventType, NewEvent
from serve.batches.files.bucket import BucketPath
from serve.batches.files.folder import input_of
from serve.batches.files.place import BatchPath, folders_in, take_away

if TYPE_CHECKING:
    from serve.batches.run import BatchSummary, Progress, Workforce

LOG = logging.getLogger(__name__)
ORPHAN_S = 24 * 3600.0  # a folder of no batch is kept so long: its upload may still be on its way
TELL_S = 0.25
THE_BUCKET = "The service's bucket for batches"
RESUME = ". Whoever runs the service mends it; resume the batch then: nothing is lost."
LONGEST_PAUSE_S = 30.0  # between two looks whether the store of the files answers


@dataclass
class BatchRunner:
    """Takes batches, oldest first, until it is drained.

    Attributes:
        folder: each batch's files lie there under its id.
        lease_s: how long a claim holds without a heartbeat. look_s: how often it looks for new batches, and whether
            the one at hand is to be cancelled.
        max_attempts: a batch whose runner died so often has failed.
    """

    batches: BatchStore
    stream: TokenStream
    folder: BatchPath
    workforce: "Workforce"
    lease_s: float = 15.0
    look_s: float = 0.5
    max_attempts: int = 5
    clock: Clock = utc_now
    _draining: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _loop: "asyncio.Task[None] | None" = field(default=None, init=False)

    @property
    def is_alive(self) -> bool:
        """True while it takes batches."""
        return self._loop is not None and not self._loop.done()

    async def run_forever(self) -> None:
        """Take and run batches; returns when it has been drained."""
        self._loop = asyncio.current_task()
        # In a thread: deleting large folders would stop every heartbeat of this process.
        await self._sweep()
        while not self._draining.is_set():
            batch = await patiently(LOG)(self.batches.claim_next, self.lease_s)
            if batch is not None:
                with suppress(LostClaim):
                    await _Attempt(self, batch).run()
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._draining.wait(), self.look_s)

    async def drain(self, grace_s: float = 20.0) -> None:
        """Take nothing more; the batch at hand stops after the ranges in work, for others to go on with."""
        self._draining.set()
        if self._loop is not None and not self._loop.done():
            await asyncio.wait({self._loop}, timeout=grace_s)

    @property
    def is_draining(self) -> bool:
        """True once it takes nothing more."""
        return self._draining.is_set()

    async def _sweep(self) -> None:
        try:
            await asyncio.to_thread(_take_away, await self._orphans())
        # Whoever begins to work need not wait for it: the next one sweeps.
        except OperatorError as error:
            LOG.warning("cannot look for uploads that were cut off: %s", error)

    async def _orphans(self) -> Sequence[BatchPath]:
        """Old folders of no batch: uploads that were cut off."""
        now = time.time()
        changed = await asyncio.to_thread(folders_in, self.folder)
        old = [path for path, at in changed.items() if now - at > ORPHAN_S]
        if not old:
            return []
        unknown = await patiently(LOG)(self.batches.unknown, [path.name for path in old])
        return [path for path in old if path.name in unknown]


def _take_away(orphans: Sequence[BatchPath]) -> None:
    for path in orphans:
        # Only the folder's name: paths and file names are a client's.
        LOG.warning("%s holds an upload that was cut off; it is taken away", path.name)
        take_away(path)


class _Attempt:
    """One attempt on one batch."""

    def __init__(self, runner: BatchRunner, batch: Batch) -> None:
        self._runner = runner
        self._batch = batch
        self._stop = Flag()
        self._progress: Progress | None = None
        self._is_cancelled = False

    async def run(self) -> None:
        """Work on the batch to its end.

        Raises:
            LostClaim: a newer attempt holds it.
        """
        # A batch that killed so many workers would kill the next one too.
        if self._batch.attempt > self._runner.max_attempts:
            detail = f"Its worker stopped {self._runner.max_attempts} times while at it; resume it to try again."
            await self._end(BatchStatus.FAILED, error={"type": "worker-lost", "detail": detail})
            return
        if self._batch.attempt > 1:
            await self._tell(EventType.RESTART, {"attempt": self._batch.attempt})
        # In a thread: planning would block the loop that renews the lease.
        work = asyncio.create_task(asyncio.to_thread(self._work))
        try:
            await self._watch(work)
        finally:
            # Also when the claim is lost: the thread must not go on writing.
            self._stop.set()
        await self._settle(work)

    def _work(self) -> "BatchSummary | None":
        """The batch from where it is to its end; None where it was stopped while its files were away."""
        # The planner loads for seconds, which only a service with batches need wait for.
        from serve.batches.run import BatchOptions, Watch, run_batch  # noqa: PLC0415

        batch = self._batch
        folder = self._runner.folder / batch.id
        options = BatchOptions(
            # From the row, so that every attempt plans from the same month.
            start=f"{batch.created_at:%Y-%m}",
            strategies=tuple(Strategy(name) for name in batch.strategies),
            resume=True,
            name=batch.file_name,
        )
        watch = Watch(self._note, self._stop.is_set)
        again = self._until_the_files_are_there()
        return again(run_batch, input_of(folder), folder, options, workforce=self._runner.workforce, watch=watch)

    def _until_the_files_are_there(self) -> Retrying:
        def tell(state: RetryCallState) -> None:
            LOG.warning("batch %s waits: %s", self._batch.id, state.outcome and state.outcome.exception())

        return Retrying(
            retry=retry_if_exception_type(FilesAway),
            wait=wait_exponential(max=LONGEST_PAUSE_S),
            sleep=sleep_using_event(self._stop),
            stop=stop_when_event_set(self._stop),
            before_sleep=tell,
            retry_error_callback=lambda _: None,
        )

    def _note(self, progress: "Progress") -> None:
        self._progress = progress

    async def _watch(self, work: "asyncio.Task[BatchSummary | None]") -> None:
        """Until the work is done: tell its progress, keep the claim, and stop it when that is asked for."""
        told: Progress | None = None
        looked = float("-inf")
        while not work.done():
            await asyncio.wait({work}, timeout=TELL_S)
            progress = self._progress
            if progress is not None and progress != told:
                told = progress
                await self._tell(EventType.PROGRESS, _payload(progress))
            if time.monotonic() - looked >= self._runner.look_s:
                looked = time.monotonic()
                await self._look()

    async def _look(self) -> None:
        """Renew the lease, note the progress, see whether to stop; a database that is away is asked again."""
        batch, runner = self._batch, self._runner
        try:
            beat = runner.batches.heartbeat(batch.id, batch.attempt, runner.lease_s, self._done())
            self._is_cancelled = await beat
        # The lease may lapse meanwhile; parts are whole or absent, so that two runs at once do no harm.
        except ServiceUnavailable as error:
            LOG.warning("the record of batch %s cannot be written: %s", batch.id, error)
        if self._is_cancelled or runner.is_draining:
            self._stop.set()

    async def _settle(self, work: "asyncio.Task[BatchSummary | None]") -> None:
        """Record how it ended; whatever went wrong, the batch comes to an end."""
        error = work.exception()
        if error is not None:
            await self._end(BatchStatus.FAILED, error=_problem(self._batch, error, self._runner.folder))
        elif (summary := work.result()) is not None and summary.status is BatchStatus.COMPLETED:
            await self._end(BatchStatus.COMPLETED, summary=summary)
        elif self._is_cancelled:
            await self._end(BatchStatus.CANCELLED)
        else:
            # Drained: handed back, for the next runner to go on.
            await patiently(LOG)(self._runner.batches.release, self._batch.id, self._batch.attempt)

    async def _end(
        self, status: BatchStatus, *, summary: "BatchSummary | None" = None, error: dict[str, Any] | None = None
    ) -> None:
        batch, done = self._batch, self._done()
        if summary is not None:
            done = BatchDone(batch.bytes_total, summary.rows, summary.portfolios, summary.rejects)
        finish = self._runner.batches.finish
        # The row first, then the event: whoever hears of the end finds it in the record.
        await patiently(LOG)(finish, batch.id, batch.attempt, status, done=done, error=error)
        kind = {BatchStatus.COMPLETED: EventType.COMPLETE, BatchStatus.FAILED: EventType.FAILED}.get(
            status, EventType.CANCELLED
        )
        payloads: dict[EventType, dict[str, Any]] = {
            EventType.COMPLETE: {"result": asdict(summary) if summary else {}},
            EventType.FAILED: {"error": error},
        }
        await self._tell(kind, payloads.get(kind, {}))

    def _done(self) -> BatchDone | None:
        """How far it is, as its owner counts: in bytes of the file that came."""
        progress = self._progress
        if progress is None or progress.stage == "reading":
            return None
        bytes_done = self._batch.bytes_total * progress.percent // 100
        return BatchDone(bytes_done, progress.rows, progress.portfolios, progress.rejects)

    async def _tell(self, kind: EventType, payload: dict[str, Any]) -> None:
        """Tell those who follow; without the stream they learn it from the record."""
        batch, now = self._batch, self._runner.clock()
        event = NewEvent(type=kind, task_id=batch.id, attempt=batch.attempt, at=now, payload=payload)
        try:
            await self._runner.stream.append(event)
        except ServiceUnavailable as error:
            LOG.warning("the stream of batch %s does not answer: %s", batch.id, error)


def _payload(progress: "Progress") -> dict[str, Any]:
    counted = {"rows": progress.rows, "portfolios": progress.portfolios, "rejects": progress.rejects}
    return {"percent": progress.percent, "stage": progress.stage, **counted}


def _problem(batch: Batch, error: BaseException, folder: BatchPath) -> dict[str, Any]:
    """What the owner is told; a defect of ours is logged and not shown."""
    if isinstance(error, DebtOptimizerError):
        # Where things lie on this machine is nothing to a caller.
        detail = error.message.replace(str(folder / batch.id), "the service")
        if isinstance(error, BadSetting) and isinstance(folder, BucketPath):
            LOG.error("batch %s: %s", batch.id, error)
            detail = f"{detail.replace(str(folder.bucket), THE_BUCKET)}{RESUME}"
        return {"type": _type(error), "detail": detail}
    if isinstance(error, OSError):
        return {"type": "service-unavailable", "detail": f"The batch's files cannot be used: {error.strerror}."}
    # Where it happened, without the message: that may hold a client's data.
    place = "".join(traceback.format_tb(error.__traceback__))
    LOG.error("batch %s: %s\n%s", batch.id, type(error).__name__, place)
    return {"type": "internal-error", "detail": f"Something is wrong with us; tell us the batch's id, {batch.id}."}


def _type(error: DebtOptimizerError) -> str:
    """The error's name as callers see it: UnreadableFile is `unreadable-file`."""
    return "-".join(re.findall(r"[A-Z][a-z]*", type(error).__name__)).lower()
