"""Organisations and keys in SQL."""

import re

import pytest
from sqlalchemy import text

from data.errors import NotFound
from data.records.accounts.account_store import AccountStore, Caller
from data.records.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
def accounts(database: Database, clock) -> AccountStore:
    return AccountStore(database, clock)


async def test_a_secret_opens_its_organisation(accounts: AccountStore):
    house = await accounts.create_organisation("House of Ann")
    key, secret = await accounts.create_key("laptop", house.id)
    assert re.fullmatch(r"do_[A-Za-z0-9_-]{43}", secret)
    assert await accounts.authenticate(secret) == Caller(house.id, key.id, is_admin=True)
    assert key.hint == secret[-4:]


@pytest.mark.parametrize("secret", ["", "do_", "do_wrong", "x" * 10_000, "do_ÿ\x00"])
async def test_an_unknown_secret_opens_nothing(accounts: AccountStore, secret: str):
    assert await accounts.authenticate(secret) is None


async def test_the_secret_itself_is_nowhere_in_the_database(accounts: AccountStore, database: Database):
    house = await accounts.create_organisation("House")
    key, secret = await accounts.create_key("laptop", house.id)
    async with database.reading() as session:
        rows = (await (await session.connection()).execute(text("SELECT * FROM api_key"))).all()
    assert secret not in str(rows)
    assert key.secret_hash in str(rows)


async def test_a_revoked_key_opens_nothing(accounts: AccountStore, clock):
    house = await accounts.create_organisation("House")
    key, secret = await accounts.create_key("laptop", house.id)
    await accounts.revoke_key(key.id, house.id)
    revoked_at = clock()
    clock.move(5)
    await accounts.revoke_key(key.id, house.id)
    assert await accounts.authenticate(secret) is None
    assert [(key.name, key.revoked_at) for key in await accounts.list_keys(house.id)] == [("laptop", revoked_at)]


async def test_another_organisations_key_is_not_found(accounts: AccountStore):
    house, other = await accounts.create_organisation("House"), await accounts.create_organisation("Other")
    key, secret = await accounts.create_key("laptop", house.id)
    with pytest.raises(NotFound):
        await accounts.revoke_key(key.id, other.id)
    assert await accounts.authenticate(secret) is not None
    assert await accounts.list_keys(other.id) == []


async def test_a_key_needs_an_organisation(accounts: AccountStore):
    with pytest.raises(NotFound, match="nobody"):
        await accounts.create_key("laptop", "nobody")


async def test_keys_and_organisations_are_listed_in_order(accounts: AccountStore, clock):
    houses = []
    for name in ("first", "second"):
        houses.append(await accounts.create_organisation(name))
        clock.move(1)
    for name in ("old", "new"):
        await accounts.create_key(name, houses[0].id, is_admin=False)
        clock.move(1)
    assert [house.name for house in await accounts.organisations()] == ["first", "second"]
    assert [(key.name, key.is_admin) for key in await accounts.list_keys(houses[0].id)] == [
        ("new", False),
        ("old", False),
    ]
