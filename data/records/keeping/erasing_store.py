"""SQL that finds and removes what organisations no longer keep. Knows neither queue, streams nor files."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete
from sqlmodel import col, select

from data.errors import NotFound
from data.records.batches.batch import Batch
from data.records.database import Database
from data.records.portfolios.saved_portfolio import SavedPortfolio
from data.records.tasks.task import AgentTask, TaskStep
from data.wording.sentence import say


class ErasingStore:
    """Removes records whole: with what hangs on them, or not at all."""

    def __init__(self, database: Database) -> None:
        """Work on this database."""
        self._database = database

    async def delete_task(self, task_id: str, organisation_id: str) -> None:
        """Remove the task and its steps; whoever still works on it finds its claim lost.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        is_named = and_(col(AgentTask.id) == task_id, col(AgentTask.organisation_id) == organisation_id)
        async with self._database.session() as session:
            # Locked: no step may be added between the two removals.
            if (await session.exec(select(AgentTask.id).where(is_named).with_for_update())).first() is None:
                raise NotFound(say("no_such_task", id=task_id))
            await session.exec(delete(TaskStep).where(col(TaskStep.task_id) == task_id))
            await session.exec(delete(AgentTask).where(is_named))

    async def delete_batch(self, batch_id: str, organisation_id: str) -> None:
        """Remove the batch's record; whoever still works on it finds its claim lost.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        is_named = and_(col(Batch.id) == batch_id, col(Batch.organisation_id) == organisation_id)
        async with self._database.session() as session:
            if (await session.exec(delete(Batch).where(is_named))).rowcount == 0:
                raise NotFound(say("no_such_batch", id=batch_id))

    async def versions(self, portfolio_id: str, organisation_id: str) -> Sequence[SavedPortfolio]:
        """All versions of a saved portfolio, the first one first; none where there is no such portfolio."""
        is_owned = and_(col(SavedPortfolio.id) == portfolio_id, col(SavedPortfolio.organisation_id) == organisation_id)
        async with self._database.reading() as session:
            chosen = select(SavedPortfolio).where(is_owned).order_by(col(SavedPortfolio.version))
            return (await session.exec(chosen)).all()

    async def tasks_of(self, portfolio_id: str, organisation_id: str) -> Sequence[AgentTask]:
        """Every task that was asked about the saved portfolio, oldest first."""
        is_named = and_(col(AgentTask.organisation_id) == organisation_id, col(AgentTask.portfolio_id) == portfolio_id)
        async with self._database.reading() as session:
            chosen = select(AgentTask).where(is_named).order_by(col(AgentTask.created_at), col(AgentTask.id))
            return (await session.exec(chosen)).all()

    async def batches_of(self, organisation_id: str) -> Sequence[Batch]:
        """Every batch of the organisation, oldest first."""
        async with self._database.reading() as session:
            chosen = select(Batch).where(col(Batch.organisation_id) == organisation_id)
            return (await session.exec(chosen.order_by(col(Batch.created_at), col(Batch.id)))).all()

    async def old_tasks(self, organisation_id: str, before: datetime, limit: int) -> Sequence[str]:
        """The ids of some tasks that ended before then."""
        is_old = and_(col(AgentTask.organisation_id) == organisation_id, col(AgentTask.finished_at) < before)
        async with self._database.reading() as session:
            return (await session.exec(select(AgentTask.id).where(is_old).limit(limit))).all()

    async def old_batches(self, organisation_id: str, before: datetime, limit: int) -> Sequence[str]:
        """The ids of some batches that ended before then."""
        is_old = and_(col(Batch.organisation_id) == organisation_id, col(Batch.finished_at) < before)
        async with self._database.reading() as session:
            return (await session.exec(select(Batch.id).where(is_old).limit(limit))).all()

    async def old_portfolios(self, organisation_id: str, before: datetime, limit: int) -> Sequence[str]:
        """The ids of some portfolios that have not been changed since then."""
        is_old = and_(col(SavedPortfolio.is_latest).is_(True), col(SavedPortfolio.created_at) < before)
        is_owned = col(SavedPortfolio.organisation_id) == organisation_id
        async with self._database.reading() as session:
            return (await session.exec(select(SavedPortfolio.id).where(is_owned, is_old).limit(limit))).all()
