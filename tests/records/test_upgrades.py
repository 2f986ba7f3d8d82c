"""Tables with rows in them, as every earlier version left them, brought to this version."""

from collections.abc import AsyncIterator

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from data.records.accounts.account_store import AccountStore, KeyGrant
from data.records.audit.audit_store import AuditStore
from data.records.database import Database
from data.records.migrations.upgrade import revisions
from data.records.tables import TABLES
from data.wire.access import Role
from tests.records.earlier import NOW, apply, execute, fill, moved_to, rows_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


KEY = (
    "INSERT INTO api_key (id, organisation_id, name, secret_hash, hint, is_admin, created_at)"
    " VALUES (:id, 'house', :id, :id, 'abcd', :is_admin, :now)"
)


@pytest.mark.parametrize("revision", sorted(revisions()))
async def test_rows_in_every_table_of_every_earlier_version_are_kept_and_read(
    empty: Database, database_url: str, revision: str
):
    await apply(database_url, moved_to(revision))
    before = await apply(database_url, fill)
    found = await empty.migrate()
    assert (found.found, found.needed) == (revision, revisions()[0])
    after = await apply(database_url, rows_of)
    for table, row in before.items():
        kept = [{name: value for name, value in one.items() if name in row} for one in after[table]]
        gone = {name: value for name, value in row.items() if name not in after[table][0]}
        assert {name: value for name, value in row.items() if name not in gone} in kept
        assert set(gone) <= ({"is_admin"} if table == "api_key" else set())  # told by its role since 0005
    async with empty.reading() as session:
        read = {table.__tablename__: (await session.exec(select(table))).all() for table in TABLES}
    assert {table for table, rows in read.items() if rows} >= set(before)
    # Whatever was there before chains began, or stands in them, the log of a new organisation verifies.
    other = await AccountStore(empty).create_organisation("Other")
    assert (await AuditStore(empty).verify(other.id)).broken is None


async def test_keys_of_before_roles_keep_what_they_opened(empty: Database, database_url: str):
    await apply(database_url, moved_to("0002"))
    stamp = NOW.isoformat(sep=" ") if empty.is_sqlite else NOW
    await execute(database_url, "INSERT INTO organisation VALUES ('house', 'House', :now)", now=stamp)
    for name, is_admin in (("boss", True), ("clerk", False)):
        await execute(database_url, KEY, id=name, is_admin=is_admin, now=stamp)
    await empty.migrate()
    keys = {key.id: key for key in await AccountStore(empty).list_keys("house")}
    assert [(keys[name].role, keys[name].scopes, keys[name].is_admin) for name in ("boss", "clerk")] == [
        (Role.ADMIN, None, True),
        (Role.ANALYST, None, False),
    ]
    assert {(key.user_id, key.expires_at, key.last_used_at, key.revoked_at) for key in keys.values()} == {(None,) * 4}


async def test_going_back_leaves_no_key_with_more_than_it_had(empty: Database, database_url: str):
    await empty.migrate()
    accounts = AccountStore(empty)
    house = await accounts.create_organisation("House")
    for name, grant in (("boss", KeyGrant()), ("reader", KeyGrant(Role.VIEWER))):
        await accounts.create_key(name, house.id, grant)
    await apply(database_url, moved_to("0002", command.downgrade))
    rows = await apply(
        database_url, lambda on: on.execute(text("SELECT name, is_admin, revoked_at FROM api_key")).all()
    )
    assert {name: (bool(is_admin), revoked_at is None) for name, is_admin, revoked_at in rows} == {
        "boss": (True, True),
        "reader": (False, False),
    }
