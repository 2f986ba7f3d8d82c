"""The only SQL about tasks, with `task_runs.py` beside it, which has what workers write of a run.

Knows neither the queue nor the stream: the row is the truth, whatever Redis says.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from data.clock import Clock, utc_now
from data.errors import Conflict, NotFound
from data.ident import IDEMPOTENCY_KEPT, fingerprint, new_id
from data.records.cursor import older_than, page_size, to_cursor
from data.records.database import Database
from data.records.gathered import Gathered
from data.records.tasks.task import AgentTask, TaskStep
from data.records.tasks.task_runs import TABLE, Noted, TaskRuns, changed_rows, sources
from data.wire.task import TaskPriority, TaskStatus, TaskType
from data.wording.sentence import say

MAX_STRANDED = 10_000
FIRST_COME = 8  # go together: the first of many need not wait for the last
FIND = TABLE.select().where(TABLE.c.id.in_(bindparam("tasks", expanding=True)))


class Stranded(NamedTuple):
    """A task that nobody works on, and what its line in the queue is known by."""

    task_id: str
    organisation_id: str
    key_id: str
    priority: TaskPriority


class TaskStore(TaskRuns):
    """Tasks and their steps, for their owners and for workers; time comes from the clock."""

    def __init__(self, database: Database, clock: Clock = utc_now, *, noted: Noted = lambda _: None) -> None:
        """Work on this database; `noted` is what the audit log is told of a claimed task."""
        super().__init__(database, clock, noted=noted)
        self._added = Gathered[AgentTask, bool](self._add_all, most=FIRST_COME)
        self._found = Gathered[str, AgentTask | None](self._find_all, most=FIRST_COME)

    async def add(  # noqa: PLR0913 (a name for each of the row's columns that its owner decides)
        self,
        request: dict[str, Any],
        *,
        organisation_id: str,
        key_id: str,
        priority: TaskPriority = TaskPriority.TASK,
        idempotency_key: str | None = None,
        sent: dict[str, Any] | None = None,
        traceparent: str | None = None,
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
            priority=priority.value,
            idempotency_key=idempotency_key,
            fingerprint=fingerprint(sent or request),
            portfolio_id=(sent or request).get("portfolio_id"),
            request=request,
            traceparent=traceparent,
            created_at=now,
            updated_at=now,
        )
        if await self._added.run(task) or (await self._free_key(task) and await self._added.run(task)):
            return task
        return await self._earlier(task)

    async def _add_all(self, tasks: Sequence[AgentTask]) -> list[bool]:
        """Which of the tasks are new; the unique index decides: two requests with one key may arrive together."""
        insert = (sqlite if self._database.is_sqlite else postgresql).insert(TABLE)
        # Not `rowcount`: not every driver counts what it inserts.
        added = insert.on_conflict_do_nothing().returning(TABLE.c.id)
        async with self._database.session() as session:
            rows = await (await session.connection()).execute(added, [task.model_dump() for task in tasks])
            new = {*rows.scalars()}
        return [task.id in new for task in tasks]

    async def _free_key(self, task: AgentTask) -> bool:
        """Take an idempotency key from the task that had it a day ago or longer; False where it is younger."""
        is_old = and_(_is_same_key(task), col(AgentTask.created_at) <= self._now() - IDEMPOTENCY_KEPT)
        async with self._database.session() as session:
            return bool(await changed_rows(session, is_old, {"idempotency_key": None}))

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
        return await self._found.run(task_id)

    async def _find_all(self, task_ids: Sequence[str]) -> list[AgentTask | None]:
        async with self._database.reading() as session:
            rows = (await (await session.connection()).execute(FIND, {"tasks": task_ids})).mappings()
            found = {row["id"]: dict(row) for row in rows}
        # Each its own: what is asked for twice belongs to two callers.
        return [AgentTask(**found[task_id]) if task_id in found else None for task_id in task_ids]

    async def steps(self, task_id: str) -> list[TaskStep]:
        """The task's finished steps in their order, of all attempts."""
        chosen = select(TaskStep).where(col(TaskStep.task_id) == task_id).order_by(col(TaskStep.number))
        async with self._database.reading() as session:
            return [*(await session.exec(chosen)).all()]

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
            if await changed_rows(session, waits, ended) == 0:
                await changed_rows(session, runs, {"cancel_requested": True, "updated_at": now})
        task = await self.get(task_id, organisation_id)
        if task.status in (TaskStatus.COMPLETED, TaskStatus.FAILED):
            raise Conflict(say("task_over", status=task.status))
        return task

    async def retry(self, task_id: str, organisation_id: str, traceparent: str | None = None) -> AgentTask:
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
        if traceparent is not None:
            fresh |= {"traceparent": traceparent}
        async with self._database.session() as session:
            moved = await changed_rows(session, may_move, fresh | claims | times)
        task = await self.get(task_id, organisation_id)
        if moved == 0:
            raise Conflict(say("task_not_retryable", status=task.status))
        return task

    async def stranded(self, older_than_s: float) -> list[Stranded]:
        """Tasks that have waited long, or whose worker let the lease lapse; oldest first."""
        now = self._now()
        waits = and_(
            col(AgentTask.status) == TaskStatus.PENDING.value,
            col(AgentTask.updated_at) <= now - timedelta(seconds=older_than_s),
        )
        lapsed = and_(col(AgentTask.status) == TaskStatus.PROCESSING.value, col(AgentTask.lease_until) <= now)
        chosen = select(AgentTask.id, AgentTask.organisation_id, AgentTask.key_id, AgentTask.priority)
        # Bounded, so that a great backlog does not fill the memory; the next round takes the rest.
        oldest_first = chosen.where(or_(waits, lapsed)).order_by(col(AgentTask.created_at)).limit(MAX_STRANDED)
        async with self._database.reading() as session:
            found = (await session.exec(oldest_first)).all()
        return [Stranded(task_id, owner, key_id, TaskPriority(priority)) for task_id, owner, key_id, priority in found]

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
        async with self._database.reading() as session:
            earlier = (await session.exec(select(AgentTask).where(_is_same_key(task)))).one()
        if earlier.fingerprint != task.fingerprint:
            raise Conflict(say("key_reused_for_request"))
        return earlier


def _is_same_key(task: AgentTask) -> ColumnElement[bool]:
    return and_(
        col(AgentTask.organisation_id) == task.organisation_id,
        col(AgentTask.idempotency_key) == task.idempotency_key,
    )
