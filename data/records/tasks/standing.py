"""Where the unfinished tasks of all organisations stand, for who watches over the service."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import col

from data.records.database import Database
from data.records.tasks.task import AgentTask
from data.wire.task import TaskPriority, TaskStatus

UNFINISHED_TASKS = (TaskStatus.PENDING.value, TaskStatus.PROCESSING.value)


class Standing(NamedTuple):
    """How many unfinished tasks of a priority have a status, and when the oldest of them was accepted."""

    priority: TaskPriority
    status: TaskStatus
    number: int
    oldest: datetime


async def standing_of(database: Database) -> Sequence[Standing]:
    """Each priority and status of which there are unfinished tasks."""
    columns = (col(AgentTask.priority), col(AgentTask.status), func.count(), func.min(col(AgentTask.created_at)))
    unfinished = col(AgentTask.status).in_(UNFINISHED_TASKS)
    chosen = select(*columns).where(unfinished).group_by(col(AgentTask.priority), col(AgentTask.status))
    async with database.reading() as session:
        found = (await (await session.connection()).execute(chosen)).all()
    return [Standing(TaskPriority(row[0]), TaskStatus(row[1]), row[2], row[3]) for row in found]
