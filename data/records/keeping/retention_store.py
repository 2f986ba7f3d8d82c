"""The only SQL about how long organisations keep what, and about chores that one process at a time does."""

from datetime import timedelta

from sqlalchemy import and_, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from data.clock import Clock, utc_now
from data.errors import LostClaim
from data.records.database import Database
from data.records.keeping.retention import Chore, Retention


class RetentionStore:
    """What organisations have decided to keep no longer than so many days."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        """Work on this database."""
        self._database = database
        self._now = clock

    async def of(self, organisation_id: str) -> Retention:
        """What the organisation has decided; everything is kept where it has decided nothing."""
        async with self._database.reading() as session:
            return await session.get(Retention, organisation_id) or Retention(organisation_id=organisation_id)

    async def decide(self, decided: Retention) -> None:
        """Keep it so from now on."""
        async with self._database.session() as session:
            await session.merge(decided)

    async def all(self) -> list[Retention]:
        """Of every organisation that has decided anything."""
        chosen = select(Retention).order_by(col(Retention.organisation_id))
        async with self._database.reading() as session:
            return [*(await session.exec(chosen)).all()]


class ChoreStore:
    """Chores: each is done by one process at a time, and by another when that one has died."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        """Work on this database."""
        self._database = database
        self._now = clock

    async def claim(self, name: str, lease_s: float) -> int | None:
        """The number of this turn; None where the chore is not due, or another has it in hand."""
        await self._ensure(name)
        now = self._now()
        is_free = or_(col(Chore.lease_until).is_(None), col(Chore.lease_until) <= now)
        is_due = and_(col(Chore.name) == name, col(Chore.due_at) <= now, is_free)
        values = {"lease_until": now + timedelta(seconds=lease_s), "turn": col(Chore.turn) + 1}
        async with self._database.session() as session:
            claimed = await session.exec(update(Chore).where(is_due).values(values))
            if claimed.rowcount == 0:
                return None
            return (await session.exec(select(Chore.turn).where(col(Chore.name) == name))).one()

    async def keep(self, name: str, turn: int, lease_s: float) -> None:
        """Renew the lease.

        Raises:
            LostClaim: another has taken it over.
        """
        await self._write(name, turn, lease_until=self._now() + timedelta(seconds=lease_s))

    async def finish(self, name: str, turn: int, again_s: float) -> None:
        """It is done, and due again after so many seconds.

        Raises:
            LostClaim: another has taken it over.
        """
        await self._write(name, turn, lease_until=None, due_at=self._now() + timedelta(seconds=again_s))

    async def _ensure(self, name: str) -> None:
        async with self._database.reading() as session:
            if await session.get(Chore, name) is not None:
                return
        try:
            async with self._database.session() as session:
                session.add(Chore(name=name, due_at=self._now()))
        # Another process was quicker.
        except IntegrityError:
            return

    async def _write(self, name: str, turn: int, **values: object) -> None:
        is_mine = and_(col(Chore.name) == name, col(Chore.turn) == turn)
        async with self._database.session() as session:
            if (await session.exec(update(Chore).where(is_mine).values(**values))).rowcount == 0:
                raise LostClaim(f"Turn {turn} of {name} has been taken over.")
