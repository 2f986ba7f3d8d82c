"""The audit log in SQL: adding to it, reading it, and proving that it is whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from data.errors import BadInput, FieldError
from data.records.audit.audit_event import GENESIS, AuditEvent, AuditHead, Deed
from data.records.audit.chain import append
from data.records.cursor import page_size
from data.records.database import Database
from data.records.gathered import Gathered
from data.wording.sentence import say

READ_AT_ONCE = 1000


@dataclass(frozen=True)
class Verdict:
    """What a look through a whole chain found.

    Attributes:
        checked: how many rows are in order, from the first on.
        broken: the number of the first row that is not, or None; `reason` says what is wrong there.
        head: the last row's number and hash, to be kept elsewhere: whoever can write to the database could make the
            whole chain anew, but not one that goes through this.
    """

    organisation_id: str
    checked: int
    head: str
    broken: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class AuditFilter:
    """Which rows of a chain; None for all."""

    action: str | None = None
    actor_id: str | None = None
    subject: str | None = None


EVERYTHING = AuditFilter()


class AuditStore:
    """The audit log; the deeds of one transaction stand together in it."""

    def __init__(self, database: Database) -> None:
        """Work on this database."""
        self._database = database
        self._appended = Gathered[Sequence[Deed], None](self._append_all)

    async def append(self, deeds: Iterable[Deed]) -> None:
        """Keep the deeds; those of callers who come together are kept together."""
        await self._appended.run([*deeds])

    async def _append_all(self, asked: Sequence[Sequence[Deed]]) -> list[None]:
        async with self._database.session() as session:
            await append(session, [deed for deeds in asked for deed in deeds])
        return [None for _ in asked]

    async def page(
        self,
        organisation_id: str,
        wanted: AuditFilter = EVERYTHING,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> tuple[list[AuditEvent], str | None]:
        """A page of the chain, the newest first, and the cursor of the next page, None at the end."""
        chosen = select(AuditEvent).where(col(AuditEvent.organisation_id) == organisation_id)
        for column, value in (
            (col(AuditEvent.action), wanted.action),
            (col(AuditEvent.actor_id), wanted.actor_id),
            (col(AuditEvent.subject), wanted.subject),
        ):
            chosen = chosen if value is None else chosen.where(column == value)
        if cursor is not None:
            chosen = chosen.where(col(AuditEvent.number) < _number(cursor))
        limit = page_size(limit)
        async with self._database.reading() as session:
            newest_first = chosen.order_by(col(AuditEvent.number).desc()).limit(limit + 1)
            rows = [*(await session.exec(newest_first)).all()]
        return rows[:limit], str(rows[limit - 1].number) if len(rows) > limit else None

    async def verify(self, organisation_id: str, anchor: str | None = None) -> Verdict:
        """Look through the whole chain; `anchor` is a head that was kept elsewhere, and must be on it."""
        async with self._database.reading() as session:
            head = await _head(session, organisation_id)
            number, last = 0, GENESIS
            if head is None:
                return Verdict(organisation_id, 0, "", 1, "the head of the chain is gone")
            while rows := await _after(session, organisation_id, number, head.number):
                for row in rows:
                    reason = _wrong_with(row, number + 1, last, anchor)
                    if reason:
                        return Verdict(organisation_id, number, f"{number}:{last}", number + 1, reason)
                    number, last = row.number, row.hash
            reason = await self._wrong_at_the_end(session, head, (number, last), anchor)
        return Verdict(organisation_id, number, f"{number}:{last}", number + 1 if reason else None, reason)

    async def _wrong_at_the_end(
        self, session: AsyncSession, head: AuditHead, end: tuple[int, str], anchor: str | None
    ) -> str:
        number, last = end
        if number < head.number:
            return "rows are missing at the end"
        if last != head.hash:
            return "the head of the chain says another hash than its last row"
        # The head of now: others may have added to the chain meanwhile.
        at = select(AuditHead.number).where(col(AuditHead.organisation_id) == head.organisation_id).scalar_subquery()
        beyond = select(func.count(col(AuditEvent.number))).where(
            col(AuditEvent.organisation_id) == head.organisation_id, col(AuditEvent.number) > at
        )
        if (await session.exec(beyond)).one():
            return "rows stand behind the head of the chain"
        if anchor and int(anchor.partition(":")[0]) > number:
            return "the chain was longer once"
        return ""


def _wrong_with(row: AuditEvent, number: int, last: str, anchor: str | None) -> str:
    """What is wrong with this row in this place; nothing where it is in order."""
    if row.number != number:
        return f"the row is missing; the next one is {row.number}"
    if row.digest() != row.hash:
        return "the row was changed: its hash is of another content"
    if row.previous_hash != last:
        return "the row does not follow the one before it"
    if anchor and anchor.startswith(f"{number}:") and anchor != f"{number}:{row.hash}":
        return "the chain was made anew: this row had another hash once"
    return ""


async def _head(session: AsyncSession, organisation_id: str) -> AuditHead | None:
    return await session.get(AuditHead, organisation_id)


async def _after(session: AsyncSession, organisation_id: str, number: int, most: int) -> list[AuditEvent]:
    chosen = select(AuditEvent).where(
        col(AuditEvent.organisation_id) == organisation_id,
        col(AuditEvent.number) > number,
        col(AuditEvent.number) <= most,
    )
    rows = [*(await session.exec(chosen.order_by(col(AuditEvent.number)).limit(READ_AT_ONCE))).all()]
    # A long chain must not fill the memory.
    session.expunge_all()
    return rows


def _number(cursor: str) -> int:
    """The number in a cursor.

    Raises:
        BadInput: nobody gave out this cursor.
    """
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise BadInput(say("not_our_cursor"), [FieldError("cursor", say("cursor_changed"), cursor)])
    return int(cursor)
