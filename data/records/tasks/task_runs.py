"""The SQL of tasks while they run: claimed, kept, told of and ended by workers. A newer attempt fences off older ones.

What several tasks of a process write at the same time goes into one transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, String, Table, Update, and_, bindparam, case, func, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from data.clock import Clock, utc_now
from data.errors import LostClaim
from data.records.audit.audit_event import Deed
from data.records.audit.chain import append
from data.records.database import Database
from data.records.gathered import Gathered
from data.records.group_commit import GroupCommit
from data.records.tasks.task import AgentTask, TaskStep
from data.wire.agent_run import Step
from data.wire.task import LEGAL_MOVES, TaskStatus

TABLE = cast("Table", AgentTask.__dict__["__table__"])
STEPS = cast("Table", TaskStep.__dict__["__table__"])
MOST_STALLS = 10
Noted = Callable[[AgentTask], Deed | None]
WAITS = "waits:"  # before a worker's id: the task is in its hands, but does not run yet
PROGRESS = (
    update(TABLE)
    .where(TABLE.c.id == bindparam("task"), TABLE.c.attempt == bindparam("number"))
    .where(TABLE.c.status == TaskStatus.PROCESSING.value)
    .values(progress=bindparam("percent"), stage=bindparam("word"), updated_at=bindparam("at"))
)


ADD_STEPS = STEPS.insert()
OF_TASK = select(STEPS.c.number, STEPS.c.attempt, STEPS.c.created_at).where(STEPS.c.task_id == bindparam("task"))
HIGHEST = OF_TASK.order_by(STEPS.c.number.desc()).limit(1)


@dataclass(frozen=True)
class _Claim:
    task_id: str
    worker_id: str
    lease_s: float


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

    def __init__(self, database: Database, clock: Clock = utc_now, *, noted: Noted = lambda _: None) -> None:
        """Work on this database; what the audit log is told of a claim is written with it, or there is no claim."""
        self._database = database
        self._noted = noted
        self._writes = GroupCommit(database)
        self._claims = Gathered[_Claim, AgentTask | None](self._claim_all)
        self._now = clock

    def now(self) -> datetime:
        """The moment, by this store's clock."""
        return self._now()

    async def claim(self, task_id: str, worker_id: str, lease_s: float) -> AgentTask | None:
        """The task as a new attempt of this worker; None if it is finished, leased by another, or nobody's.

        The attempt before counts against the task only if a worker of this same run of the service held it.
        """
        return await self._claims.run(_Claim(task_id, worker_id, lease_s))

    async def held(self, worker_id: str) -> dict[str, Holding]:
        """What this worker holds by the record, by task id; whatever is missing, or of another attempt, it has lost."""
        chosen = select(TABLE.c.id, TABLE.c.attempt, TABLE.c.cancel_requested).where(_is_run_by(worker_id))
        async with self._database.reading() as session:
            rows = (await (await session.connection()).execute(chosen)).all()
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

        async def write(session: AsyncSession) -> None:
            await self._write(session, task_id, attempt, checkpoint=messages, updated_at=now)
            if steps:
                connection = await session.connection()
                last = (await connection.execute(HIGHEST, {"task": task_id})).one_or_none()
                # The answer to a commit may be lost, and its steps be there.
                if at is not None and last is not None and (last.attempt, last.created_at) == (attempt, now):
                    return
                start = 1 if last is None else last.number + 1
                rows = [{**asdict(step), **told, "number": number} for number, step in enumerate(steps, start)]
                await connection.execute(ADD_STEPS, rows)

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

    async def _claim_all(self, claims: Sequence["_Claim"]) -> list[AgentTask | None]:
        """Those of the tasks that could be claimed, in one statement for each worker."""
        asked = self._now()
        found: dict[tuple[str, str], AgentTask] = {}
        async with self._database.session() as session:
            connection = await session.connection()
            now = self._now()  # the wait until the database lets us write may have been longer than a lease
            for worker_id, lease_s in {(claim.worker_id, claim.lease_s) for claim in claims}:
                run, colon, _ = worker_id.rpartition(":")
                wanted = [claim.task_id for claim in claims if claim.worker_id == worker_id]
                times = {"asked": asked, "now": now, "until": now + timedelta(seconds=lease_s)}
                told = {"tasks": wanted, "worker": worker_id, "run": run + colon, **times}
                rows = (await connection.execute(CLAIM, told)).mappings()
                found |= {(row["id"], worker_id): AgentTask(**row) for row in rows}
            await append(session, filter(None, map(self._noted, found.values())))
        # A second claim of the same task by the same worker finds it leased.
        return [found.pop((claim.task_id, claim.worker_id), None) for claim in claims]

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
        told = {f"new_{name}": value for name, value in values.items()}
        change = _change(target, tuple(values))
        found = await (await session.connection()).execute(change, {"task": task_id, "number": attempt, **told})
        if found.rowcount == 0:
            raise LostClaim(f"Attempt {attempt} no longer holds task {task_id}.")


@cache
def _change(target: TaskStatus, names: tuple[str, ...]) -> Update:
    """The statement that changes these columns of the row that an attempt holds; made once, for that costs most."""
    is_mine = and_(TABLE.c.id == bindparam("task"), TABLE.c.attempt == bindparam("number"))
    is_running = and_(TABLE.c.status == TaskStatus.PROCESSING.value, TABLE.c.status.in_(sources(target)))
    return update(TABLE).where(is_mine, is_running).values({name: bindparam(f"new_{name}") for name in names})


def sources(target: TaskStatus) -> list[str]:
    """The statuses from which a task may move to the target."""
    return [source.value for source, targets in LEGAL_MOVES.items() if target in targets]


# Nobody held it, or a worker of another run of the service, all of which died together: not the task's doing.
_IS_MACHINES_FAULT = and_(
    TABLE.c.status == TaskStatus.PROCESSING.value,
    or_(
        TABLE.c.worker_id.is_(None),
        func.substr(TABLE.c.worker_id, 1, func.length(bindparam("run", type_=String)))
        != bindparam("run", type_=String),
    ),
)
CLAIM = (
    update(TABLE)
    .where(TABLE.c.id.in_(bindparam("tasks", expanding=True)), TABLE.c.status.in_(sources(TaskStatus.PROCESSING)))
    # A lease that has lapsed is free to take; the attempt's number then fences the former worker off.
    .where(
        or_(TABLE.c.lease_until.is_(None), TABLE.c.lease_until <= bindparam("asked", type_=TABLE.c.lease_until.type))
    )
    .values(
        status=TaskStatus.PROCESSING.value,
        stage="started",
        # Counted by the database: two claims cannot get the same number.
        attempt=TABLE.c.attempt + 1,
        attempts_forgiven=TABLE.c.attempts_forgiven + case((_IS_MACHINES_FAULT, 1), else_=0),
        worker_id=bindparam("worker"),
        lease_until=bindparam("until"),
        updated_at=bindparam("now", type_=TABLE.c.updated_at.type),
    )
    .returning(*TABLE.c)
)


def _is_run_by(worker_id: str) -> ColumnElement[bool]:
    is_named = col(AgentTask.worker_id).in_([worker_id, WAITS + worker_id])
    return and_(is_named, col(AgentTask.status) == TaskStatus.PROCESSING.value)


async def changed_rows(session: AsyncSession, condition: ColumnElement[bool], values: dict[str, Any]) -> int:
    """How many rows the update changed; past the session, which knows nothing of them."""
    connection = await session.connection()
    return (await connection.execute(update(TABLE).where(condition).values(values))).rowcount
