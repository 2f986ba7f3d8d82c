"""Tables with rows in them, as an earlier version left them, brought to this version."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from data.clock import utc_now
from data.records.accounts.account_store import AccountStore, KeyGrant
from data.records.database import Database
from data.records.migrations import upgrade
from data.wire.access import Role

pytestmark = pytest.mark.anyio


def moved_to(revision: str, move: Callable[[Config, str], None] = command.upgrade) -> Callable[[Connection], None]:
    def apply(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(upgrade.__file__).parent))
        config.attributes["connection"] = connection
        move(config, revision)

    return apply


async def apply(database: Database, change: Callable[[Connection], None]) -> None:
    async with database.session() as session:
        await (await session.connection()).run_sync(change)


async def execute(database: Database, statement: str, **values: object) -> None:
    async with database.session() as session:
        await (await session.connection()).execute(text(statement), values)


@pytest.fixture
async def empty(database_url: str):
    database = Database(database_url)
    yield database
    await database.close()


KEY = (
    "INSERT INTO api_key (id, organisation_id, name, secret_hash, hint, is_admin, created_at)"
    " VALUES (:id, 'house', :id, :id, 'abcd', :is_admin, :now)"
)


async def test_keys_of_before_roles_keep_what_they_opened(empty: Database):
    await apply(empty, moved_to("0002"))
    now = utc_now()
    stamp = now.isoformat(sep=" ") if empty.is_sqlite else now
    await execute(empty, "INSERT INTO organisation VALUES ('house', 'House', :now)", now=stamp)
    for name, is_admin in (("boss", True), ("clerk", False)):
        await execute(empty, KEY, id=name, is_admin=is_admin, now=stamp)
    await empty.migrate()
    keys = {key.id: key for key in await AccountStore(empty).list_keys("house")}
    assert [(keys[name].role, keys[name].scopes, keys[name].is_admin) for name in ("boss", "clerk")] == [
        (Role.ADMIN, None, True),
        (Role.ANALYST, None, False),
    ]
    assert {(key.user_id, key.expires_at, key.last_used_at, key.revoked_at) for key in keys.values()} == {(None,) * 4}


async def test_going_back_leaves_no_key_with_more_than_it_had(empty: Database):
    await empty.migrate()
    accounts = AccountStore(empty)
    house = await accounts.create_organisation("House")
    for name, grant in (("boss", KeyGrant()), ("reader", KeyGrant(Role.VIEWER))):
        await accounts.create_key(name, house.id, grant)
    await apply(empty, moved_to("0002", command.downgrade))
    async with empty.reading() as session:
        rows = await (await session.connection()).execute(text("SELECT name, is_admin, revoked_at FROM api_key"))
        found = {name: (bool(is_admin), revoked_at is None) for name, is_admin, revoked_at in rows.all()}
    assert found == {"boss": (True, True), "reader": (False, False)}
