"""The only SQL about tasks. Each write of a run names its attempt; a newer attempt fences off the older ones.

Knows neither the queue nor the stream: the row is the truth, whatever Redis says.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, func, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from data.clock import Clock, utc_now
from data.errors import Conflict, LostClaim, NotFound
from data.ident import new_id
from data.records.cursor import older_than, page_size, to_cursor
from data.records.database import Database
from data.records.task import AgentTask, TaskStep
from data.wire.agent_run import Step
from data.wire.task import LEGAL_MOVES, TaskStatus, TaskType
from data.wording.sentence import say

MAX_STRANDED = 10_000


def sources(target: TaskStatus) -> list[str]:
    """The statuses from which a task may move to the target."""
    return [source.value for source, targets in LEGAL_MOVES.items() if target in targets]


class TaskStore:
    """Tasks and their steps; time comes from the clock."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        """Work on this database."""
        self._database = database
        self._now = clock

    async def add(
        self,
        request: dict[str, Any],
        *,
        organisation_id: str,
        key_id: str,
        idempotency_key: str | None = None,
        sent: dict[str, Any] | None = None,
    ) -> AgentTask:
        """A new pending task; the first one again when its idempotency key was used for the same request.

        `sent` is the request before anything was filled in, where that makes a difference: what is filled in changes
        with the month and with saved portfolios, what is repeated does not.

        Raises:
            Conflict: the idempotency key was used for another request.
        """
        now = self._now()
        # As JSON gives it back, so that it is equal to what is read from the database later.
        request = json.loads(json.dumps(request))
        task = AgentTask(
            id=new_id(),
            organisation_id=organisation_id,
            key_id=key_id,
            type=TaskType(request["type"]).value,
            idempotency_key=idempotency_key,
            fingerprint=_fingerprint(sent or request),
            request=request,
            created_at=now,
            updated_at=now,
        )
        # The unique index decides: two requests with one key may arrive together.
        try:
            async with self._database.session() as session:
                session.add(task)
        except IntegrityError:
            return await self._earlier(task)
        return task

    async def get(self, task_id: str, organisation_id: str) -> AgentTask:
        """The task.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        task = await self.find(task_id)
        # Another organisation's task looks like none at all.
        if task is None or task.organisation_id != organisation_id:
            raise NotFound(say("no_such_task", id=task_id))
        return task

    async def count_waiting(self, organisation_id: str | None) -> int:
        """How many tasks wait for a worker: of one organisation, or of all."""
        chosen = select(func.count()).where(col(AgentTask.status) == TaskStatus.PENDING.value)
        if organisation_id is not None:
            chosen = chosen.where(col(AgentTask.organisation_id) == organisation_id)
        async with self._database.reading() as session:
            return (await session.exec(chosen)).one()

    async def find(self, task_id: str) -> AgentTask | None:
        """The task whoever owns it, for workers; None if there is none."""
        async with self._database.reading() as session:
            return await session.get(AgentTask, task_id)

    async def steps(self, task_id: str) -> list[TaskStep]:
        """The task's finished steps in their order, of all attempts."""
        chosen = select(TaskStep).where(col(TaskStep.task_id) == task_id).order_by(col(TaskStep.number))
        async with self._database.reading() as session:
            return [*(await session.exec(chosen)).all()]

    async def claim(self, task_id: str, worker_id: str, lease_s: float) -> AgentTask | None:
        """The task as a new attempt of this worker; None if it is finished, leased by another, or nobody's."""
        now = self._now()
        # A lease that has lapsed is free to take; the attempt's number then fences the former worker off.
        is_free = or_(col(AgentTask.lease_until).is_(None), col(AgentTask.lease_until) <= now)
        claimable = and_(col(AgentTask.id) == task_id, col(AgentTask.status).in_(sources(TaskStatus.PROCESSING)))
        values = {
            "status": TaskStatus.PROCESSING.value,
            "stage": "started",
            # Counted by the database: two claims cannot get the same number.
            "attempt": col(AgentTask.attempt) + 1,
            "worker_id": worker_id,
            "lease_until": now + timedelta(seconds=lease_s),
            "updated_at": now,
        }
        async with self._database.session() as session:
            if await _update(session, and_(claimable, is_free), values) == 0:
                return None
            return await session.get(AgentTask, task_id)

    async def heartbeat(self, task_id: str, attempt: int, lease_s: float) -> bool:
        """Renew the lease; True if its owner wants the task cancelled.

        Raises:
            LostClaim: a newer attempt holds the task, or it is finished.
        """
        async with self._database.session() as session:
            lease_until = self._now() + timedelta(seconds=lease_s)
            await self._write(session, task_id, attempt, lease_until=lease_until)
            chosen = select(AgentTask.cancel_requested).where(col(AgentTask.id) == task_id)
            return (await session.exec(chosen)).one()

    async def cancel_requests(self, worker_id: str) -> list[str]:
        """The ids of this worker's running tasks whose owners want them cancelled."""
        is_mine = and_(col(AgentTask.worker_id) == worker_id, col(AgentTask.cancel_requested).is_(True))
        chosen = select(AgentTask.id).where(is_mine, col(AgentTask.status) == TaskStatus.PROCESSING.value)
        async with self._database.reading() as session:
            return [*(await session.exec(chosen)).all()]

    async def progress(self, task_id: str, attempt: int, percent: int, stage: str) -> None:
        """Keep how far the attempt is, in percent and words.

        Raises:
            LostClaim: as for `heartbeat`.
        """
        async with self._database.session() as session:
            # The percent comes from an agent: a slip of its own must not break the bar.
            percent = max(0, min(percent, 100))
            await self._write(session, task_id, attempt, progress=percent, stage=stage, updated_at=self._now())

    async def checkpoint(self, task_id: str, attempt: int, *, messages: bytes, steps: Sequence[Step]) -> None:
        """Keep the messages so far and the steps finished since the last checkpoint, all or nothing.

        Raises:
            LostClaim: as for `heartbeat`.
        """
        now = self._now()
        async with self._database.session() as session:
            await self._write(session, task_id, attempt, checkpoint=messages, updated_at=now)
            # Numbered over all attempts: a later one goes on after the steps of those before.
            highest = select(func.max(TaskStep.number)).where(col(TaskStep.task_id) == task_id)
            last = (await session.exec(highest)).one() or 0
            for number, step in enumerate(steps, start=last + 1):
                session.add(TaskStep(task_id=task_id, number=number, attempt=attempt, created_at=now, **asdict(step)))

    async def finish(
        self,
        task_id: str,
        attempt: int,
        status: TaskStatus,
        *,
        result: dict[str, Any] | None = None,
        error: dict[str, Any] | None = None,
    ) -> AgentTask:
        """End the task: completed with its result, failed with its error, or cancelled.

        Raises:
            LostClaim: as for `heartbeat`.
        """
        now = self._now()
        values: dict[str, Any] = {"status": status.value, "stage": status.value, "result": result, "error": error}
        if status is TaskStatus.COMPLETED:
            values["progress"] = 100
        values |= {"lease_until": None, "worker_id": None, "updated_at": now, "finished_at": now}
        async with self._database.session() as session:
            await self._write(session, task_id, attempt, target=status, **values)
            return await session.get_one(AgentTask, task_id)

    async def release(self, task_id: str, attempt: int) -> None:
        """Hand the task back unfinished, so that another worker may claim it at once.

        Raises:
            LostClaim: as for `heartbeat`.
        """
        async with self._database.session() as session:
            # Handed back by intention: it does not count as a worker that died.
            forgiven = col(AgentTask.attempts_forgiven) + 1
            values: dict[str, Any] = {"lease_until": self._now(), "worker_id": None, "attempts_forgiven": forgiven}
            await self._write(session, task_id, attempt, **values)

    async def request_cancel(self, task_id: str, organisation_id: str) -> AgentTask:
        """Cancel the task: at once while it waits, by its worker while it runs; one already cancelled stays so.

        Raises:
            NotFound: there is none of that id in this organisation.
            Conflict: it is completed or failed.
        """
        now = self._now()
        is_named = and_(col(AgentTask.id) == task_id, col(AgentTask.organisation_id) == organisation_id)
        ended = {"status": "cancelled", "stage": "cancelled", "updated_at": now, "finished_at": now}
        async with self._database.session() as session:
            waits = and_(is_named, col(AgentTask.status) == TaskStatus.PENDING.value)
            runs = and_(is_named, col(AgentTask.status) == TaskStatus.PROCESSING.value)
            # Waiting and running are changed by separate conditions: the task may start in between.
            if await _update(session, waits, ended) == 0:
                await _update(session, runs, {"cancel_requested": True, "updated_at": now})
        task = await self.get(task_id, organisation_id)
        if task.status in (TaskStatus.COMPLETED, TaskStatus.FAILED):
            raise Conflict(say("task_over", status=task.status))
        return task

    async def retry(self, task_id: str, organisation_id: str) -> AgentTask:
        """Put a failed or cancelled task back; attempts go on counting, and finished steps are not repeated.

        Raises:
            NotFound: there is none of that id in this organisation.
            Conflict: it has not failed and is not cancelled.
        """
        is_named = and_(col(AgentTask.id) == task_id, col(AgentTask.organisation_id) == organisation_id)
        may_move = and_(is_named, col(AgentTask.status).in_(sources(TaskStatus.PENDING)))
        fresh = {"status": TaskStatus.PENDING.value, "stage": "queued", "progress": 0, "result": None, "error": None}
        claims = {"attempts_forgiven": col(AgentTask.attempt), "worker_id": None, "lease_until": None}
        times = {"cancel_requested": False, "updated_at": self._now(), "finished_at": None}
        async with self._database.session() as session:
            moved = await _update(session, may_move, fresh | claims | times)
        task = await self.get(task_id, organisation_id)
        if moved == 0:
            raise Conflict(say("task_not_retryable", status=task.status))
        return task

    async def stranded(self, older_than_s: float) -> list[tuple[str, str]]:
        """Ids and organisations of tasks that have waited long, or whose worker let the lease lapse; oldest first."""
        now = self._now()
        waits = and_(
            col(AgentTask.status) == TaskStatus.PENDING.value,
            col(AgentTask.updated_at) <= now - timedelta(seconds=older_than_s),
        )
        lapsed = and_(col(AgentTask.status) == TaskStatus.PROCESSING.value, col(AgentTask.lease_until) <= now)
        chosen = select(AgentTask.id, AgentTask.organisation_id).where(or_(waits, lapsed))
        # Bounded, so that a great backlog does not fill the memory; the next round takes the rest.
        oldest_first = chosen.order_by(col(AgentTask.created_at)).limit(MAX_STRANDED)
        async with self._database.reading() as session:
            return [(task_id, organisation_id) for task_id, organisation_id in (await session.exec(oldest_first)).all()]

    async def list(
        self,
        organisation_id: str,
        *,
        status: TaskStatus | None = None,
        type: TaskType | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> tuple[list[AgentTask], str | None]:
        """A page of tasks, newest first, and the cursor of the next page, None at the end."""
        chosen = select(AgentTask).where(col(AgentTask.organisation_id) == organisation_id)
        if status is not None:
            chosen = chosen.where(col(AgentTask.status) == TaskStatus(status).value)
        if type is not None:
            chosen = chosen.where(col(AgentTask.type) == TaskType(type).value)
        if cursor is not None:
            chosen = chosen.where(older_than(cursor, col(AgentTask.created_at), col(AgentTask.id)))
        limit = page_size(limit)
        ordered = chosen.order_by(col(AgentTask.created_at).desc(), col(AgentTask.id).desc()).limit(limit + 1)
        async with self._database.reading() as session:
            tasks = [*(await session.exec(ordered)).all()]
        page = tasks[:limit]
        return page, to_cursor(page[-1].created_at, page[-1].id) if len(tasks) > limit else None

    async def _earlier(self, task: AgentTask) -> AgentTask:
        is_same_key = and_(
            col(AgentTask.organisation_id) == task.organisation_id,
            col(AgentTask.idempotency_key) == task.idempotency_key,
        )
        async with self._database.reading() as session:
            earlier = (await session.exec(select(AgentTask).where(is_same_key))).one()
        if earlier.fingerprint != task.fingerprint:
            raise Conflict(say("key_reused_for_request"))
        return earlier

    async def _write(
        self,
        session: AsyncSession,
        task_id: str,
        attempt: int,
        *,
        target: TaskStatus = TaskStatus.PROCESSING,
        **values: Any,
    ) -> None:
        """Change the row if it is still this attempt's."""
        is_running = col(AgentTask.status) == TaskStatus.PROCESSING.value
        is_mine = and_(col(AgentTask.id) == task_id, col(AgentTask.attempt) == attempt, is_running)
        may_move = col(AgentTask.status).in_(sources(target))
        if await _update(session, and_(is_mine, may_move), values) == 0:
            raise LostClaim(f"Attempt {attempt} no longer holds task {task_id}.")


def _fingerprint(request: dict[str, Any]) -> str:
    return sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


async def _update(session: AsyncSession, condition: ColumnElement[bool], values: dict[str, Any]) -> int:
    """How many rows the update changed; the session forgets what it knew of them."""
    # The session's objects are not adjusted one by one but all expired below: the database decides.
    statement = update(AgentTask).where(condition).values(values).execution_options(synchronize_session=False)
    result = cast("CursorResult[Any]", await session.exec(statement))
    session.expire_all()
    return result.rowcount
