"""The SQL of tasks while they run: claimed, kept, told of and ended by workers. A newer attempt fences off older ones.

What several tasks of a process write at the same time goes into one transaction.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, case, not_, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from data.clock import Clock, utc_now
from data.errors import LostClaim
from data.records.database import Database
from data.records.group_commit import GroupCommit
from data.records.task import AgentTask, TaskStep
from data.wire.agent_run import Step
from data.wire.task import LEGAL_MOVES, TaskStatus

TABLE = cast("Table", AgentTask.__dict__["__table__"])
STEPS = cast("Table", TaskStep.__dict__["__table__"])
MOST_STALLS = 10
WAITS = "waits:"  # before a worker's id: the task is in its hands, but does not run yet
PROGRESS = (
    update(TABLE)
    .where(TABLE.c.id == bindparam("task"), TABLE.c.attempt == bindparam("number"))
    .where(TABLE.c.status == TaskStatus.PROCESSING.value)
    .values(progress=bindparam("percent"), stage=bindparam("word"), updated_at=bindparam("at"))
)


@dataclass(frozen=True)
class Holding:
    """What the record says of a task that a worker holds."""

    attempt: int
    cancel_requested: bool


@dataclass(frozen=True)
class Reached:
    """How far an attempt is: `percent` from 0 to 100, and the stage in a word."""

    task_id: str
    attempt: int
    percent: int
    stage: str


class TaskRuns:
    """Tasks in the hands of workers; each write of a run names its attempt."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        """Work on this database."""
        self._database = database
        self._writes = GroupCommit(database)
        self._now = clock

    def now(self) -> datetime:
        """The moment, by this store's clock."""
        return self._now()

    async def claim(self, task_id: str, worker_id: str, lease_s: float) -> AgentTask | None:
        """The task as a new attempt of this worker; None if it is finished, leased by another, or nobody's.

        The attempt before counts against the task only if a worker of this same run of the service held it.
        """
        asked = self._now()
        # A lease that has lapsed is free to take; the attempt's number then fences the former worker off.
        is_free = or_(col(AgentTask.lease_until).is_(None), col(AgentTask.lease_until) <= asked)
        claimable = and_(col(AgentTask.id) == task_id, col(AgentTask.status).in_(sources(TaskStatus.PROCESSING)))
        values = {
            "status": TaskStatus.PROCESSING.value,
            "stage": "started",
            # Counted by the database: two claims cannot get the same number.
            "attempt": col(AgentTask.attempt) + 1,
            "attempts_forgiven": col(AgentTask.attempts_forgiven) + case((_is_machines_fault(worker_id), 1), else_=0),
            "worker_id": worker_id,
        }
        claimed = update(TABLE).where(claimable, is_free).values(values).returning(*TABLE.c)

        async def write(session: AsyncSession) -> AgentTask | None:
            connection = await session.connection()
            now = self._now()  # the wait until the database lets us write may have been longer than a lease
            times = {"lease_until": now + timedelta(seconds=lease_s), "updated_at": now}
            row = (await connection.execute(claimed.values(times))).mappings().one_or_none()
            return None if row is None else AgentTask(**row)

        return await self._writes.run(write)

    async def held(self, worker_id: str) -> dict[str, Holding]:
        """What this worker holds by the record, by task id; whatever is missing, or of another attempt, it has lost."""
        chosen = select(AgentTask.id, AgentTask.attempt, AgentTask.cancel_requested).where(_is_run_by(worker_id))
        async with self._database.reading() as session:
            rows = (await session.exec(chosen)).all()
        return {task_id: Holding(attempt, is_cancelled) for task_id, attempt, is_cancelled in rows}

    async def renew(self, worker_id: str, task_ids: Sequence[str], lease_s: float) -> dict[str, Holding]:
        """Renew the leases of those of the tasks that this worker still holds; which, as `held` tells."""
        is_named = and_(_is_run_by(worker_id), col(AgentTask.id).in_(task_ids))
        told = (col(AgentTask.id), col(AgentTask.attempt), col(AgentTask.cancel_requested))
        renewed = update(TABLE).where(is_named).returning(*told)

        async def write(session: AsyncSession) -> dict[str, Holding]:
            connection = await session.connection()
            # By the clock once the database lets us write: the wait for that may have been longer than a lease.
            until = self._now() + timedelta(seconds=lease_s)
            rows = await connection.execute(renewed.values(lease_until=until))
            return {task_id: Holding(attempt, is_cancelled) for task_id, attempt, is_cancelled in rows.all()}

        return await self._writes.run(write)

    async def progress(self, reached: Sequence[Reached]) -> None:
        """Keep how far attempts are; one that has ended, or is no longer the newest, is left as it is."""
        now = self._now()
        # The percent comes from an agent: a slip of its own must not break the bar.
        rows = [
            {
                "task": one.task_id,
                "number": one.attempt,
                "percent": max(0, min(one.percent, 100)),
                "word": one.stage,
                "at": now,
            }
            for one in reached
        ]

        async def write(session: AsyncSession) -> None:
            await (await session.connection()).execute(PROGRESS, rows)

        if rows:
            await self._writes.run(write)

    async def checkpoint(
        self, task_id: str, attempt: int, *, messages: bytes, steps: Sequence[Step], at: datetime | None = None
    ) -> None:
        """Keep the messages so far and the steps finished since the last checkpoint, all or nothing.

        Whoever asks again until it answers names the same moment (`at`): what is kept already is not kept twice.

        Raises:
            LostClaim: as for `finish`.
        """
        now = at or self.now()
        # Numbered over all attempts: a later one goes on after the steps of those before.
        told = {"task_id": task_id, "attempt": attempt, "created_at": now}
        of_task = select(TaskStep.number, TaskStep.attempt, TaskStep.created_at).where(col(TaskStep.task_id) == task_id)
        highest = of_task.order_by(col(TaskStep.number).desc()).limit(1)

        async def write(session: AsyncSession) -> None:
            await self._write(session, task_id, attempt, checkpoint=messages, updated_at=now)
            if steps:
                connection = await session.connection()
                last = (await connection.execute(highest)).one_or_none()
                # The answer to a commit may be lost, and its steps be there.
                if at is not None and last is not None and (last.attempt, last.created_at) == (attempt, now):
                    return
                start = 1 if last is None else last.number + 1
                rows = [{**asdict(step), **told, "number": number} for number, step in enumerate(steps, start)]
                await connection.execute(STEPS.insert(), rows)

        await self._writes.run(write)

    async def finish(
        self,
        task_id: str,
        attempt: int,
        status: TaskStatus,
        *,
        result: dict[str, Any] | None = None,
        error: dict[str, Any] | None = None,
    ) -> datetime:
        """End the task: completed with its result, failed with its error, or cancelled. When it ended.

        Raises:
            LostClaim: a newer attempt holds the task, or it is finished.
        """
        now = self._now()
        values: dict[str, Any] = {"status": status.value, "stage": status.value, "result": result, "error": error}
        if status is TaskStatus.COMPLETED:
            values["progress"] = 100
        values |= {"lease_until": None, "worker_id": None, "updated_at": now, "finished_at": now}

        async def write(session: AsyncSession) -> None:
            await self._write(session, task_id, attempt, target=status, **values)

        await self._writes.run(write)
        return now

    async def release(self, task_id: str, attempt: int) -> None:
        """Hand the task back unfinished, so that another worker may claim it at once.

        Raises:
            LostClaim: as for `finish`.
        """
        async with self._database.session() as session:
            # Without a worker it does not count as one that died.
            await self._write(session, task_id, attempt, lease_until=self._now(), worker_id=None)

    async def hand(self, task_id: str, attempt: int, worker_id: str, *, waits: bool) -> None:
        """Say that it waits in its worker's hands, whose death meanwhile is not its doing; or that it runs.

        Raises:
            LostClaim: as for `finish`.
        """
        async with self._database.session() as session:
            await self._write(session, task_id, attempt, worker_id=WAITS + worker_id if waits else worker_id)

    async def forgive(self, task_id: str, attempt: int) -> None:
        """Let an attempt that lost its claim not count: its worker lives, and was only kept from renewing the lease."""
        # Bounded, or a task that always stalls its worker would be begun for ever.
        may_be = col(AgentTask.attempts_forgiven) < MOST_STALLS
        is_open = col(AgentTask.status).in_([TaskStatus.PENDING.value, TaskStatus.PROCESSING.value])
        is_newer = and_(col(AgentTask.id) == task_id, col(AgentTask.attempt) > attempt, is_open, may_be)
        async with self._database.session() as session:
            await changed_rows(session, is_newer, {"attempts_forgiven": col(AgentTask.attempts_forgiven) + 1})

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
        if await changed_rows(session, and_(is_mine, may_move), values) == 0:
            raise LostClaim(f"Attempt {attempt} no longer holds task {task_id}.")


def sources(target: TaskStatus) -> list[str]:
    """The statuses from which a task may move to the target."""
    return [source.value for source, targets in LEGAL_MOVES.items() if target in targets]


def _is_run_by(worker_id: str) -> ColumnElement[bool]:
    is_named = col(AgentTask.worker_id).in_([worker_id, WAITS + worker_id])
    return and_(is_named, col(AgentTask.status) == TaskStatus.PROCESSING.value)


def _is_machines_fault(worker_id: str) -> ColumnElement[bool]:
    """True for a claim that nobody held, or a worker of another run of the service: all of those died together."""
    run, colon, _ = worker_id.rpartition(":")
    is_of_another_run = not_(col(AgentTask.worker_id).startswith(run + colon, autoescape=True))
    is_running = col(AgentTask.status) == TaskStatus.PROCESSING.value
    return and_(is_running, or_(col(AgentTask.worker_id).is_(None), is_of_another_run))


async def changed_rows(session: AsyncSession, condition: ColumnElement[bool], values: dict[str, Any]) -> int:
    """How many rows the update changed; past the session, which knows nothing of them."""
    connection = await session.connection()
    return (await connection.execute(update(TABLE).where(condition).values(values))).rowcount
