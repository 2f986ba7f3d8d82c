"""Organisations and keys in SQL."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from data.errors import Conflict, NotAuthenticated, NotFound
from data.records.accounts.account_store import WHOLE, AccountStore, KeyGrant, Wish
from data.records.accounts.caller import Caller
from data.records.accounts.user_store import NewPerson, UserStore
from data.records.audit.audit_event import OPERATOR
from data.records.database import Database
from data.wire.access import Role, Scope

pytestmark = pytest.mark.anyio


@pytest.fixture
def accounts(database: Database, clock) -> AccountStore:
    return AccountStore(database, clock)


@pytest.fixture
def users(database: Database, clock) -> UserStore:
    return UserStore(database, clock)


async def test_a_secret_opens_its_organisation(accounts: AccountStore):
    house = await accounts.create_organisation("House of Ann")
    key, secret = await accounts.create_key("laptop", house.id)
    assert re.fullmatch(r"do_[A-Za-z0-9_-]{43}", secret)
    assert await accounts.authenticate(secret) == Caller(house.id, key.id, is_use_due=True)
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


async def test_one_wish_makes_one_key_a_day(accounts: AccountStore, clock):
    house, wish = await accounts.create_organisation("House"), Wish("monday", "abc")

    async def made() -> tuple[str, bool]:
        key, secret = await accounts.create_key_once("nightly", house.id, WHOLE, OPERATOR, wish)
        return key.id, secret is not None

    answers = await asyncio.gather(*[made() for _ in range(4)])
    assert len({key_id for key_id, _ in answers}) == 1
    assert [is_shown for _, is_shown in answers].count(True) == 1
    with pytest.raises(Conflict):
        await accounts.made_before(house.id, Wish("monday", "xyz"))
    clock.move(24 * 3600)
    assert await accounts.made_before(house.id, wish) is None
    again, is_shown = await made()
    assert (again != answers[0][0], is_shown) == (True, True)


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
        await accounts.create_key(name, houses[0].id, KeyGrant(Role.ANALYST))
        clock.move(1)
    assert [house.name for house in await accounts.organisations()] == ["first", "second"]
    assert [(key.name, key.is_admin) for key in await accounts.list_keys(houses[0].id)] == [
        ("new", False),
        ("old", False),
    ]


async def test_an_expired_key_is_refused_and_says_when_it_ended(accounts: AccountStore, clock):
    house = await accounts.create_organisation("House")
    ends = clock() + timedelta(minutes=2)
    _, secret = await accounts.create_key("short", house.id, KeyGrant(Role.ANALYST, expires_at=ends))
    caller = await accounts.authenticate(secret)
    assert caller is not None
    assert caller.lasts_s == 120
    clock.move(120)
    with pytest.raises(NotAuthenticated, match="expired on 2027-01-02 03:06 UTC"):
        await accounts.authenticate(secret)


async def test_a_key_opens_what_its_role_and_its_scopes_both_do(accounts: AccountStore):
    house = await accounts.create_organisation("House")

    async def scopes(role: Role, granted: list[Scope] | None) -> set[Scope]:
        _, secret = await accounts.create_key("k", house.id, KeyGrant(role, granted))
        caller = await accounts.authenticate(secret)
        assert caller is not None
        return set(caller.scopes)

    assert await scopes(Role.ADMIN, None) == set(Scope)
    assert await scopes(Role.VIEWER, None) == {scope for scope in Scope if scope.endswith(":read")} - {Scope.ADMIN_READ}
    assert await scopes(Role.ANALYST, [Scope.TASKS_WRITE]) == {Scope.TASKS_WRITE, Scope.TASKS_READ}
    assert await scopes(Role.VIEWER, [Scope.TASKS_WRITE, Scope.ADMIN_WRITE]) == {Scope.TASKS_READ}


async def test_the_last_use_is_noted_once_a_minute(accounts: AccountStore, clock):
    house = await accounts.create_organisation("House")
    key, secret = await accounts.create_key("laptop", house.id)
    noted = []
    for _ in range(7):
        caller = await accounts.authenticate(secret)
        assert caller is not None
        if caller.is_use_due:
            await accounts.note_use([key.id])
        noted.append((await accounts.list_keys(house.id))[0].last_used_at)
        clock.move(20)
    assert len(set(noted)) == 3
    clock.move(60)
    await accounts.note_use([key.id])
    before = (await accounts.list_keys(house.id))[0].last_used_at
    clock.move(59)
    await accounts.note_use([key.id])  # another replica that asked in the same moment
    assert (await accounts.list_keys(house.id))[0].last_used_at == before


async def test_a_persons_key_follows_them(accounts: AccountStore, users: UserStore):
    house = await accounts.create_organisation("House")
    ann = await users.create(house.id, NewPerson("Ann", Role.ADMIN, "ann@example.org"))
    _, secret = await accounts.create_key("laptop", house.id, KeyGrant(user_id=ann.id))

    async def caller() -> Caller:
        found = await accounts.authenticate(secret)
        assert found is not None
        return found

    assert (await caller()).user_id == ann.id
    assert (await caller()).role is Role.ADMIN
    await users.change(ann.id, house.id, role=Role.VIEWER)
    assert (await caller()).role is Role.VIEWER
    assert Scope.TASKS_WRITE not in (await caller()).scopes
    await users.change(ann.id, house.id, is_disabled=True)
    with pytest.raises(NotAuthenticated, match="may not come in any more"):
        await caller()
    await users.change(ann.id, house.id, is_disabled=False)
    assert (await caller()).role is Role.VIEWER


async def test_another_organisations_people_are_not_found(accounts: AccountStore, users: UserStore):
    house, other = await accounts.create_organisation("House"), await accounts.create_organisation("Other")
    ann = await users.create(house.id, NewPerson("Ann", Role.VIEWER, "ann@example.org"))
    for attempt in (
        users.get(ann.id, other.id),
        users.find("ann@example.org", other.id),
        users.change(ann.id, other.id, role=Role.ADMIN),
        accounts.create_key("laptop", other.id, KeyGrant(user_id=ann.id)),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await users.list(other.id) == []
    # The same address may stand for somebody else there.
    await users.create(other.id, NewPerson("Ann", Role.VIEWER, "ann@example.org"))
    with pytest.raises(Conflict):
        await users.create(house.id, NewPerson("Anne", Role.VIEWER, "ann@example.org"))


async def test_an_organisation_is_known_by_what_the_identity_provider_calls_it(accounts: AccountStore):
    house = await accounts.create_organisation("House", "house-of-ann")
    assert (await accounts.organisation_called(None)) == house
    other = await accounts.create_organisation("Other")
    assert await accounts.organisation_called("house-of-ann") == house
    assert await accounts.organisation_called(other.id) == other
    assert await accounts.organisation_called("House") is None
    assert await accounts.organisation_called(None) is None
    with pytest.raises(Conflict):
        await accounts.create_organisation("Third", "house-of-ann")
