"""One attempt at a task: run the agent, and bring the task to its end.

The order at the end is: the row is final, its readers are told, the queue may forget it. Knows neither HTTP nor Ray.
"""

import asyncio
import json
import logging
import re
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from data.channels.patience import end, patiently
from data.channels.task_queue.queue import Delivery, TaskQueue
from data.channels.token_stream.stream import TokenStream
from data.errors import DebtOptimizerError, LostClaim, ServiceUnavailable
from data.ident import new_id
from data.records.tasks.task import AgentTask
from data.records.tasks.task_runs import Reached
from data.records.tasks.task_store import TaskStore
from data.wire.agent_run import AgentRun, RunAgent, Step
from data.wire.event import EventType, NewEvent
from data.wire.task import NewTask, TaskStatus
from data.wire.task_result import TaskResult
from data.wording.sentence import say

LOG = logging.getLogger(__name__)
STOP_GRACE_S = 1.0  # what a run may take to end when it is cancelled
FINAL_EVENTS = {
    TaskStatus.COMPLETED: EventType.COMPLETE,
    TaskStatus.FAILED: EventType.FAILED,
    TaskStatus.CANCELLED: EventType.CANCELLED,
}


class Stop(StrEnum):
    """Why a run is stopped before its end."""

    CANCEL = "its owner wants it cancelled"
    DRAIN = "the worker shuts down"
    LOST = "a newer attempt holds the task"


@dataclass(frozen=True)
class Outcome:
    """How a task ends."""

    status: TaskStatus
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


CANCELLED = Outcome(TaskStatus.CANCELLED)


@dataclass(frozen=True)
class WorkerParts:
    """What every attempt of a worker uses."""

    tasks: TaskStore
    queue: TaskQueue
    stream: TokenStream
    run: RunAgent
    lease_s: float
    max_deaths: int


@dataclass(eq=False)
class Attempt:
    """A claimed task in this worker's hands.

    Attributes:
        started: called when the agent begins to wait for its model.
    """

    parts: WorkerParts
    delivery: Delivery
    task: AgentTask
    started: Callable[[], None] = lambda: None
    until_its_turn: Callable[["Attempt"], Awaitable[None]] | None = None
    _why: Stop | None = None
    _asked: asyncio.Event = field(default_factory=asyncio.Event)
    _reached: Reached | None = None

    def __post_init__(self) -> None:
        """Open the way to the readers."""
        self._writer = self.parts.stream.writer(self.task.id, self.task.attempt)

    def stop(self, why: Stop) -> None:
        """End the run early; the first reason counts."""
        self._why = self._why or why
        self._asked.set()

    def take_progress(self) -> Reached | None:
        """How far it is, if that has changed since the last call."""
        reached, self._reached = self._reached, None
        return reached

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None]:
        """The writer is open meanwhile; when the claim is lost, the block ends silently."""
        try:
            yield
        except LostClaim:
            LOG.info("task %s: attempt %d is no longer the newest", self.task.id, self.task.attempt)
            # This worker was kept from renewing the claim, but lives: nothing that its task has done.
            with suppress(ServiceUnavailable):
                await self.parts.tasks.forgive(self.task.id, self.task.attempt)
        finally:
            # Closed first: a run that will not end can tell its readers nothing more.
            self._writer.close()

    async def run(self) -> None:
        """Run the agent to the end and write down the outcome; an error of ours is the task's error."""
        try:
            if self.task.deaths >= self.parts.max_deaths:
                await self._give_up()
                return
            outcome = await self._outcome()
            await (self._hand_back() if outcome is None else self._conclude(outcome))
        # Somebody else's task by now: nothing of it may be written here.
        except LostClaim:
            raise
        except DebtOptimizerError as error:
            await self._conclude(failure(_type(error), error.message))

    async def record_defect(self, error: Exception) -> None:
        """End the task with what its owner may know of a defect.

        The log gets the defect's place, but not its message, which may hold a client's data.
        """
        trace_id = new_id()
        place = "".join(traceback.format_tb(error.__traceback__))
        LOG.error("task %s, trace %s: %s\n%s", self.task.id, trace_id, type(error).__name__, place)
        detail = f"Something went wrong inside; quote trace {trace_id} when you report it."
        outcome = failure("internal-error", detail)
        await self._conclude(Outcome(outcome.status, error={**(outcome.error or {}), "trace_id": trace_id}))

    async def _outcome(self) -> Outcome | None:
        """The outcome of the run; None when it is to be handed back."""
        if self.task.cancel_requested:
            return CANCELLED
        work = asyncio.create_task(self._work())
        try:
            await _either(work, self._asked)
            # A run that is finished counts, even if it was asked to stop in the same moment.
            if work.done() and not work.cancelled() and (self._why is None or work.exception() is None):
                return Outcome(TaskStatus.COMPLETED, result=work.result())
        finally:
            await _stop(work)
        if self._why is None:
            raise RuntimeError("the run cancelled itself")
        if self._why is Stop.LOST:
            raise LostClaim
        return CANCELLED if self._why is Stop.CANCEL else None

    async def _work(self) -> dict[str, Any]:
        if self.until_its_turn is not None:
            await self.until_its_turn(self)
        if self.task.attempt > 1:
            await self._writer.emit(EventType.RESTART, {"attempt": self.task.attempt})
        await self._writer.emit(EventType.PROGRESS, {"percent": self.task.progress, "stage": self.task.stage})
        run = AgentRun(
            task_id=self.task.id,
            attempt=self.task.attempt,
            request=NewTask.model_validate(self.task.request),
            checkpoint=self.task.checkpoint,
            emit=self._emit,
            save=self._save,
            progress=self._progress,
            traceparent=self.task.traceparent,
        )
        answered = TaskResult.model_validate(await self.parts.run(run))
        result = answered.model_dump(mode="json")
        json.dumps(result, allow_nan=False)  # what cannot be kept fails here
        return result

    async def _emit(self, kind: EventType, payload: dict[str, Any]) -> None:
        await self._writer.emit(kind, payload)
        if kind is EventType.THINKING:
            self.started()

    async def _save(self, messages: bytes, steps: list[Step]) -> None:
        save, at = self.parts.tasks.checkpoint, self.parts.tasks.now()
        await patiently(LOG)(save, self.task.id, self.task.attempt, messages=messages, steps=steps, at=at)

    async def _progress(self, percent: int, stage: str) -> None:
        # The readers are told at once; the record is, with those of others, by the worker.
        self._reached = Reached(self.task.id, self.task.attempt, percent, stage)
        await self._writer.emit(EventType.PROGRESS, {"percent": percent, "stage": stage})

    async def _conclude(self, outcome: Outcome, *, buried_for: str | None = None) -> None:
        """Make the row final, tell the readers, and let the queue forget the task."""
        finish = self.parts.tasks.finish
        how = {"result": outcome.result, "error": outcome.error}
        at = await patiently(LOG)(finish, self.task.id, self.task.attempt, outcome.status, **how)
        event = _final(self.task.id, self.task.attempt, outcome, at)
        await self._writer.emit(event.type, event.payload)
        await self._writer.flush()
        if buried_for is not None:
            await patiently(LOG)(self.parts.queue.bury, self.delivery, buried_for)
        else:
            await patiently(LOG)(self.parts.queue.acknowledge, self.delivery)

    async def _give_up(self) -> None:
        died = str(say("worker_died", times=self.parts.max_deaths))
        await self._conclude(failure("gave-up", died), buried_for=died)

    async def _hand_back(self) -> None:
        await self.parts.tasks.release(self.task.id, self.task.attempt)
        await self.parts.queue.release(self.delivery)


def final_event(task: AgentTask) -> NewEvent:
    """The event that ends a finished task's stream, from its row."""
    outcome = Outcome(TaskStatus(task.status), task.result, task.error)
    return _final(task.id, task.attempt, outcome, task.finished_at or task.updated_at)


def ending(task: AgentTask) -> list[NewEvent]:
    """What ends a finished task's stream in place of its worker: the whole text too, whose last words may be lost."""
    final, text = final_event(task), str((task.result or {}).get("narrative", ""))
    if final.type is not EventType.COMPLETE:
        return [final]
    restart = {"type": EventType.RESTART, "payload": {"attempt": final.attempt}}
    whole = {"type": EventType.CHUNK, "payload": {"text": text}}
    return [*(final.model_copy(update=change) for change in (restart, whole)), final]


def failure(type: str, detail: str) -> Outcome:
    """A failed end, in words for the task's owner."""
    return Outcome(TaskStatus.FAILED, error={"type": type, "detail": detail})


def _final(task_id: str, attempt: int, outcome: Outcome, at: datetime) -> NewEvent:
    payloads: dict[TaskStatus, dict[str, Any]] = {
        TaskStatus.COMPLETED: {"result": outcome.result},
        TaskStatus.FAILED: {"error": outcome.error},
        TaskStatus.CANCELLED: {},
    }
    type_, payload = FINAL_EVENTS[outcome.status], payloads[outcome.status]
    return NewEvent(type=type_, task_id=task_id, attempt=attempt, at=at, payload=payload)


def _type(error: DebtOptimizerError) -> str:
    """The error's name as callers see it: ModelUnavailable is `model-unavailable`."""
    return "-".join(re.findall(r"[A-Z][a-z]*", type(error).__name__)).lower()


async def _either(work: "asyncio.Task[Any]", asked: asyncio.Event) -> None:
    """Wait until the work is done or somebody asks it to stop."""
    asking = asyncio.create_task(asked.wait())
    try:
        await asyncio.wait({work, asking}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(asking)


async def _stop(work: "asyncio.Task[Any]") -> None:
    """Cancel the work; one that will not end is left behind: its claim and its writer are closed to it."""
    work.add_done_callback(_look_away)
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_GRACE_S):
            await end(work, every_s=STOP_GRACE_S / 4)


def _look_away(work: "asyncio.Task[Any]") -> None:
    """Take the exception of work that nobody waits for, which asyncio would report else."""
    if not work.cancelled():
        work.exception()
