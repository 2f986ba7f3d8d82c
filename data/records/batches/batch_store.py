"""Batches in SQL: who may see them, who works on them, how far they are.

A batch is worked on by whoever holds its newest attempt and a lease that has not lapsed; every write of a runner names
its attempt and is refused once a newer one exists.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from data.clock import Clock, utc_now
from data.errors import Conflict, LostClaim, NotFound
from data.ident import IDEMPOTENCY_KEPT
from data.records.batches.batch import Batch
from data.records.cursor import older_than, page_size, to_cursor
from data.records.database import Database
from data.wire.batch import BatchStatus
from data.wording.sentence import say

UNFINISHED = (BatchStatus.PENDING.value, BatchStatus.PROCESSING.value)


@dataclass(frozen=True)
class NewBatch:
    """A batch whose file already lies under its id."""

    id: str
    organisation_id: str
    key_id: str
    file_name: str
    strategies: Sequence[str]
    bytes_total: int
    idempotency_key: str | None = None


@dataclass(frozen=True)
class BatchDone:
    """How much of a batch is done."""

    bytes_done: int
    rows: int
    portfolios: int
    rejects: int


class BatchStore:
    """The only SQL on batches."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        """Keep the database; `clock` tells the time that leases and lists go by."""
        self._database = database
        self._clock = clock

    async def add(self, new: NewBatch) -> Batch:
        """Record a batch as pending; with an idempotency key seen before, the batch recorded then."""
        now = self._clock()
        fields: dict[str, Any] = asdict(new) | {"strategies": list(new.strategies)}
        batch = Batch(**fields, created_at=now, updated_at=now)
        if new.idempotency_key is not None:
            await self._free_key(new)
        try:
            async with self._database.session() as session:
                session.add(batch)
        # The unique index decides, not a look beforehand: two requests with one key may arrive together.
        except IntegrityError:
            known = await self._with_key(new.organisation_id, new.idempotency_key)
            if known is None:
                raise
            return known
        return batch

    async def get(self, batch_id: str, organisation_id: str) -> Batch:
        """One batch of this organisation.

        Raises:
            NotFound: there is none of that id, or it is another's.
        """
        async with self._database.reading() as session:
            return await _owned(session, batch_id, organisation_id)

    async def list(
        self, organisation_id: str, *, status: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> tuple[Sequence[Batch], str | None]:
        """The newest batches first, and the cursor of the next page."""
        size = page_size(limit)
        query = select(Batch).where(col(Batch.organisation_id) == organisation_id)
        if status is not None:
            query = query.where(col(Batch.status) == status)
        if cursor is not None:
            query = query.where(older_than(cursor, col(Batch.created_at), col(Batch.id)))
        query = query.order_by(col(Batch.created_at).desc(), col(Batch.id).desc()).limit(size + 1)
        async with self._database.reading() as session:
            found = (await session.exec(query)).all()
        page = found[:size]
        return page, to_cursor(page[-1].created_at, page[-1].id) if len(found) > size else None

    async def claim_next(self, lease_s: float) -> Batch | None:
        """Claim the oldest batch that waits or whose lease has lapsed; None if there is none."""
        now = self._clock()
        is_free = _claimable(now)
        # Found without a lock; the update below only takes it if nobody has been quicker.
        async with self._database.reading() as session:
            query = select(Batch).where(is_free).order_by(col(Batch.created_at), col(Batch.id)).limit(1)
            found = (await session.exec(query)).first()
        if found is None:
            return None
        changes = {"status": BatchStatus.PROCESSING.value, "attempt": found.attempt + 1}
        async with self._database.session() as session:
            # Compare and swap on the attempt: of two runners that found the same batch one gets it.
            is_ours = and_(col(Batch.id) == found.id, col(Batch.attempt) == found.attempt, is_free)
            query = update(Batch).where(is_ours)
            lease = {"lease_until": now + timedelta(seconds=lease_s), "updated_at": now}
            claimed = await session.exec(query.values(**changes, **lease))
            return await session.get(Batch, found.id) if claimed.rowcount == 1 else None

    async def heartbeat(self, batch_id: str, attempt: int, lease_s: float, done: BatchDone | None = None) -> bool:
        """Renew the lease and note how far it is; answers whether cancelling has been asked for.

        Raises:
            LostClaim: a newer attempt holds the batch.
        """
        now = self._clock()
        lease = {"lease_until": now + timedelta(seconds=lease_s)}
        return (await self._write(batch_id, attempt, lease | (asdict(done) if done else {}))).cancel_requested

    async def finish(
        self, batch_id: str, attempt: int, status: BatchStatus, *, done: BatchDone | None = None, error: Any = None
    ) -> None:
        """Record how it ended.

        Raises:
            LostClaim: a newer attempt holds the batch.
        """
        end = {"status": status.value, "error": error, "lease_until": None, "finished_at": self._clock()}
        await self._write(batch_id, attempt, end | (asdict(done) if done else {}))

    async def release(self, batch_id: str, attempt: int) -> None:
        """Let another runner claim it at once: this one stops.

        Raises:
            LostClaim: a newer attempt holds the batch.
        """
        await self._write(batch_id, attempt, {"lease_until": self._clock()})

    async def request_cancel(self, batch_id: str, organisation_id: str) -> Batch:
        """Cancel it: a waiting batch at once, a running one as soon as its runner sees the request.

        Raises:
            NotFound: there is none of that id. Conflict: it has already ended.
        """
        async with self._database.session() as session:
            # Locked: its status must not change between the look and the write.
            batch = await _owned(session, batch_id, organisation_id, lock=True)
            if batch.status not in UNFINISHED:
                raise Conflict(say("batch_not_cancellable", status=batch.status))
            batch.updated_at = self._clock()
            if batch.status == BatchStatus.PENDING:
                batch.status, batch.finished_at = BatchStatus.CANCELLED.value, batch.updated_at
            else:
                batch.cancel_requested = True
        return batch

    async def resume(self, batch_id: str, organisation_id: str) -> Batch:
        """Let a failed or cancelled batch go on from the parts that are done.

        Raises:
            NotFound: there is none of that id. Conflict: it runs, or is complete.
        """
        async with self._database.session() as session:
            batch = await _owned(session, batch_id, organisation_id, lock=True)
            if batch.status not in (BatchStatus.FAILED, BatchStatus.CANCELLED):
                raise Conflict(say("batch_not_resumable", status=batch.status))
            batch.status, batch.error, batch.finished_at = BatchStatus.PENDING.value, None, None
            batch.cancel_requested, batch.lease_until, batch.updated_at = False, None, self._clock()
        return batch

    async def _free_key(self, new: NewBatch) -> None:
        """Take an idempotency key from the batch that had it a day ago or longer."""
        is_old = and_(
            col(Batch.organisation_id) == new.organisation_id,
            col(Batch.idempotency_key) == new.idempotency_key,
            col(Batch.created_at) <= self._clock() - IDEMPOTENCY_KEPT,
        )
        async with self._database.session() as session:
            await session.exec(update(Batch).where(is_old).values(idempotency_key=None))

    async def _with_key(self, organisation_id: str, idempotency_key: str | None) -> Batch | None:
        is_same = and_(col(Batch.organisation_id) == organisation_id, col(Batch.idempotency_key) == idempotency_key)
        async with self._database.reading() as session:
            return (await session.exec(select(Batch).where(is_same))).first()

    async def unknown(self, batch_ids: Sequence[str]) -> set[str]:
        """Those of some ids that are of no batch."""
        async with self._database.reading() as session:
            known = (await session.exec(select(Batch.id).where(col(Batch.id).in_(batch_ids)))).all()
        return set(batch_ids) - set(known)

    async def _write(self, batch_id: str, attempt: int, changes: dict[str, Any]) -> Batch:
        async with self._database.session() as session:
            # The fence: only the newest attempt of a running batch may write.
            is_ours = and_(
                col(Batch.id) == batch_id,
                col(Batch.attempt) == attempt,
                col(Batch.status) == BatchStatus.PROCESSING.value,
            )
            query = update(Batch).where(is_ours)
            written = await session.exec(query.values(**changes, updated_at=self._clock()))
            batch = await session.get(Batch, batch_id)
            if written.rowcount != 1 or batch is None:
                raise LostClaim(f"Attempt {attempt} no longer holds batch {batch_id}.")
        return batch


def _claimable(now: Any) -> ColumnElement[bool]:
    has_lapsed = and_(col(Batch.status) == BatchStatus.PROCESSING.value, col(Batch.lease_until) <= now)
    return or_(col(Batch.status) == BatchStatus.PENDING.value, has_lapsed)


async def _owned(session: AsyncSession, batch_id: str, organisation_id: str, *, lock: bool = False) -> Batch:
    query = select(Batch).where(col(Batch.id) == batch_id, col(Batch.organisation_id) == organisation_id)
    found = (await session.exec(query.with_for_update() if lock else query)).first()
    if found is None:
        # Another organisation's batch looks like none at all.
        raise NotFound(say("no_such_batch", id=batch_id))
    return found
