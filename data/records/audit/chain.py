"""Adding to an organisation's chain inside a transaction: after its last row, whoever else adds in the same moment."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from data.records.audit.audit_event import AuditEvent, AuditHead, Deed


async def append(session: AsyncSession, deeds: Iterable[Deed]) -> None:
    """Add the deeds to their organisations' chains; they are kept when the transaction is."""
    by_organisation: dict[str, list[Deed]] = defaultdict(list)
    for deed in deeds:
        by_organisation[deed.organisation_id].append(deed)
    # Always in the same order: two who each held one chain and wanted the other's would wait for ever.
    for organisation_id in sorted(by_organisation):
        await _append(session, organisation_id, by_organisation[organisation_id])


async def _append(session: AsyncSession, organisation_id: str, deeds: Sequence[Deed]) -> None:
    connection = await session.connection()
    number, last = await _held_head(connection, organisation_id)
    rows: list[dict[str, Any]] = []
    for deed in deeds:
        number += 1
        row = AuditEvent(
            organisation_id=organisation_id,
            number=number,
            at=deed.at,
            actor_kind=deed.actor.kind,
            actor_id=deed.actor.id,
            action=deed.action,
            subject=deed.subject,
            detail=deed.detail,
            trace_id=deed.actor.trace_id,
            previous_hash=last,
            hash="",
        )
        row.hash = last = row.digest()
        rows.append(row.model_dump())
    await connection.execute(insert(AuditEvent), rows)
    is_head = col(AuditHead.organisation_id) == organisation_id
    await connection.execute(update(AuditHead).where(is_head).values(number=number, hash=last))


async def _held_head(connection: AsyncConnection, organisation_id: str) -> tuple[int, str]:
    """The number and hash of the chain's last row; nobody else adds to it until the transaction ends."""
    # On SQLite the whole transaction holds the database; Postgres holds the row.
    chosen = select(AuditHead.number, AuditHead.hash).where(col(AuditHead.organisation_id) == organisation_id)
    found = (await connection.execute(chosen.with_for_update())).one_or_none()
    if found is None:
        # Two may begin the chain together: the second finds what the first has made.
        dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
        first = AuditHead(organisation_id=organisation_id).model_dump()
        await connection.execute(dialect.insert(AuditHead).values(**first).on_conflict_do_nothing())
        found = (await connection.execute(chosen.with_for_update())).one()
    return found[0], found[1]
