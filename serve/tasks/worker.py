"""The worker's loop: take a task, claim its row, run it; several at once. Plain asyncio, without Ray.

Nothing is lost when it dies: its claims lapse, its deliveries come to another worker. A task whose worker died twice is
a suspect: it runs alone, so that a third death is its own and harms no other.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from data.channels.pace import Pace
from data.channels.patience import end, patiently
from data.channels.task_queue.queue import Delivery, TaskQueue
from data.channels.token_stream.stream import TokenStream
from data.errors import LostClaim, ServiceUnavailable
from data.ident import new_id
from data.records.tasks.task_store import TaskStore
from data.wire.agent_run import RunAgent
from data.wire.event import FINAL
from data.wire.task import FINISHED
from serve.tasks.attempt import STOP_GRACE_S, Attempt, Stop, WorkerParts, ending
from serve.tasks.sent_to_model import MAX_DEATHS

LOG = logging.getLogger(__name__)
BLOCK_S = 1.0
SUSPECTED_AFTER = 2  # deaths
BEATS_PER_LEASE = 3


@dataclass
class Worker:
    """Works on up to `slots` tasks at once until it is drained.

    Attributes:
        lease_s: how long its claims hold without a heartbeat; the queue's `idle_s` should be the same.
        service: the run of the service it belongs to: the deaths of those that a whole run takes with it do not count.
        max_deaths: a task whose worker died so often while it ran has failed.
        most_starting: so many are on their way to their model at once: of many that come together the first has its
            first word before the last has begun, and none is later for it.
        longest_start_s: a task that takes longer to get there waits for something, for which others need not.
        pace: of whoever reads for the tasks that run; hurried while others are on their way to their model.
        look_s: how often it asks the record of its tasks: whether they are still its own, and not to be cancelled.
    """

    tasks: TaskStore
    queue: TaskQueue
    stream: TokenStream
    run: RunAgent
    service: str = "service"
    slots: int = 8
    lease_s: float = 15.0
    max_deaths: int = MAX_DEATHS
    look_s: float = 0.5
    most_starting: int = 3
    longest_start_s: float = 0.25
    pace: Pace = field(default_factory=Pace)
    _attempts: set[Attempt] = field(default_factory=set[Attempt], init=False)  # two of one task after a lapsed claim
    _suspects: list[Attempt] = field(default_factory=list[Attempt], init=False)
    _ends: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _busy: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"], init=False)
    _starting: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"], init=False)
    _started: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _draining: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _loops: list["asyncio.Task[None]"] = field(default_factory=list["asyncio.Task[None]"], init=False)
    _keeping: "asyncio.Task[None] | None" = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Put together what every attempt uses."""
        self.worker_id = f"{self.service}:{new_id()}"
        self.parts = WorkerParts(self.tasks, self.queue, self.stream, self.run, self.lease_s, self.max_deaths)

    @property
    def is_alive(self) -> bool:
        """True while it takes tasks and watches over them; false before, after, and when a loop has died."""
        return bool(self._loops) and not any(loop.done() for loop in self._loops)

    @property
    def running(self) -> int:
        """How many attempts it is working on."""
        return len(self._attempts)

    async def run_forever(self) -> None:
        """Take and run tasks; returns when it has been drained, and ends all it began when it is cancelled."""
        self._loops = [asyncio.create_task(self._take_tasks()), asyncio.create_task(self._watch())]
        taking, watching = self._loops
        try:
            await asyncio.wait({taking, watching}, return_when=asyncio.FIRST_COMPLETED)
            # Drained: what still runs ends by itself, or is stopped by `drain`.
            while taking.done() and self._busy:
                await asyncio.wait(self._busy)
        finally:
            # All at once: what waits for another's end must not begin because of this one.
            begun = [*self._loops, *self._busy, *([self._keeping] if self._keeping else [])]
            for task in begun:
                task.cancel()
            for task in begun:
                await end(task)
        # A loop that died of an error raises it here.
        for loop in (taking, watching):
            if not loop.cancelled():
                loop.result()

    async def drain(self, grace_s: float = 20.0) -> None:
        """Take nothing more, give what runs some time to end, and hand the rest back for others to take at once."""
        self._draining.set()
        if self._busy:
            await asyncio.wait(self._busy, timeout=grace_s)
        for attempt in [*self._attempts]:
            attempt.stop(Stop.DRAIN)
        if self._busy:
            await asyncio.wait(self._busy, timeout=2 * STOP_GRACE_S)
        for task in [*self._busy]:
            await end(task)

    async def _take_tasks(self) -> None:
        draining = asyncio.create_task(self._draining.wait())
        try:
            while not draining.done():
                if len(self._busy) >= self.slots or self._suspects:
                    await asyncio.wait({draining, *self._busy}, return_when=asyncio.FIRST_COMPLETED)
                elif (delivery := await self._next(draining)) is not None:
                    await self._begin(delivery)
                    await self._until_few_start()
        finally:
            await end(draining)

    async def _next(self, draining: "asyncio.Task[bool]") -> Delivery | None:
        taking = asyncio.create_task(patiently(LOG)(self.queue.take, self.worker_id, block_s=BLOCK_S))
        try:
            await asyncio.wait({taking, draining}, return_when=asyncio.FIRST_COMPLETED)
            # A task that is just being taken is waited for: dropped, it would lie until it counts as idle.
            await asyncio.wait({taking}, timeout=2 * BLOCK_S)
            return taking.result() if taking.done() else None
        finally:
            await end(taking)

    async def _begin(self, delivery: Delivery) -> None:
        # Taken as draining began: handed back at once.
        if self._draining.is_set():
            with suppress(ServiceUnavailable):
                await self.queue.release(delivery)
            return
        task = asyncio.create_task(self._handle(delivery))
        self._busy.add(task)
        self._starting.add(task)
        self.pace.hurried = len(self._starting)
        task.add_done_callback(self._ended)

    async def _until_few_start(self) -> None:
        try:
            async with asyncio.timeout(self.longest_start_s):
                while len(self._starting) >= self.most_starting:
                    self._started.clear()
                    await self._started.wait()
        except TimeoutError:
            self._starting.clear()

    def _has_started(self, task: "asyncio.Task[None] | None") -> None:
        if task in self._starting:
            self._starting.discard(task)
            self.pace.hurried = len(self._starting)
            self._started.set()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._busy.discard(task)
        self._has_started(task)
        # A pulse: suspects look whether they are alone now.
        self._ends.set()
        self._ends.clear()
        if not task.cancelled() and (error := task.exception()) is not None:
            LOG.error("a task could not be brought to its end; it comes again: %s", type(error).__name__)

    async def _handle(self, delivery: Delivery) -> None:
        parts = self.parts
        task = await patiently(LOG)(parts.tasks.claim, delivery.task_id, self.worker_id, parts.lease_s)
        if task is None:
            await patiently(LOG)(self._settle, delivery)
            return
        attempt = Attempt(parts, delivery, task, started=partial(self._has_started, asyncio.current_task()))
        self._attempts.add(attempt)
        if task.deaths >= SUSPECTED_AFTER:
            attempt.until_its_turn = self._until_alone
            self._suspects.append(attempt)
        try:
            async with attempt.held():
                await self._run(attempt)
        finally:
            self._attempts.discard(attempt)
            if attempt in self._suspects:
                self._suspects.remove(attempt)

    async def _until_alone(self, suspect: Attempt) -> None:
        """Wait until this worker has nothing else to do; nothing new is taken while a suspect is in its hands."""
        if self._is_alone(suspect):
            return
        which = (suspect.task.id, suspect.task.attempt, self.worker_id)
        # What kills the worker meanwhile is one of the others.
        await patiently(LOG)(self.tasks.hand, *which, waits=True)
        while not self._is_alone(suspect):
            await self._ends.wait()
        await patiently(LOG)(self.tasks.hand, *which, waits=False)

    def _is_alone(self, suspect: Attempt) -> bool:
        return self._suspects[0] is suspect and len(self._busy) == len(self._suspects)

    async def _run(self, attempt: Attempt) -> None:
        try:
            await attempt.run()
        except LostClaim:
            raise
        except Exception as error:  # noqa: BLE001 (whatever an agent does, its task comes to an end; nowhere else)
            await attempt.record_defect(error)

    async def _settle(self, delivery: Delivery) -> None:
        """A delivery of what cannot be claimed: finished (its end may still have to be told), nobody's, or in work."""
        parts = self.parts
        row = await parts.tasks.find(delivery.task_id)
        if row is None:
            await parts.queue.bury(delivery, "there is no such task")
        elif row.status in FINISHED:
            last = await parts.stream.last(row.id)
            # A worker may have died between the row and the final event.
            if last is not None and last.type not in FINAL:
                with suppress(LostClaim):
                    await parts.stream.append(*ending(row))
            await parts.queue.acknowledge(delivery)

    async def _watch(self) -> None:
        """Keep record and queue told of all that runs here, in one go, and stop what is cancelled or lost."""
        loop = asyncio.get_running_loop()
        beat_at = loop.time()
        while True:
            await asyncio.sleep(self.look_s)
            # Before the record is asked: what is claimed afterwards is not in its answer.
            attempts = [*self._attempts]
            is_beat = loop.time() >= beat_at
            try:
                await self._look_after(attempts, is_beat=is_beat)
            except ServiceUnavailable as error:
                LOG.warning("cannot look after %d running tasks now: %s", len(attempts), error)
                continue
            if is_beat:
                # So often that two beats may fail before a lease lapses.
                beat_at = loop.time() + self.lease_s / BEATS_PER_LEASE

    async def _look_after(self, attempts: Sequence[Attempt], *, is_beat: bool) -> None:
        if not attempts:
            return
        tasks = self.parts.tasks
        await tasks.progress([reached for one in attempts if (reached := one.take_progress()) is not None])
        ids = [attempt.task.id for attempt in attempts]
        held = await (tasks.renew(self.worker_id, ids, self.lease_s) if is_beat else tasks.held(self.worker_id))
        kept: list[Delivery] = []
        for attempt in attempts:
            found = held.get(attempt.task.id)
            if found is None or found.attempt != attempt.task.attempt:
                attempt.stop(Stop.LOST)
            else:
                if found.cancel_requested:
                    attempt.stop(Stop.CANCEL)
                # After the row: whoever has lost that must not keep the delivery.
                kept.append(attempt.delivery)
        # Beside the next looks: a queue that hangs must not let the leases lapse.
        if is_beat and (self._keeping is None or self._keeping.done()):
            self._keeping = asyncio.create_task(self._keep(kept))

    async def _keep(self, deliveries: Sequence[Delivery]) -> None:
        try:
            await asyncio.gather(*map(self.parts.queue.keep, deliveries))
        except ServiceUnavailable as error:
            LOG.warning("cannot keep %d deliveries now: %s", len(deliveries), error)
