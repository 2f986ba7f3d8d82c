"""The audit log: a chain that tells of every change made behind its back, whoever writes to it at the same time."""

import asyncio
import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from data.errors import BadInput, ServiceUnavailable
from data.records.accounts.account_store import AccountStore, KeyGrant
from data.records.accounts.user_store import NewPerson, UserStore
from data.records.audit.audit_event import GENESIS, NO_ORGANISATION, Actor, AuditEvent, Deed
from data.records.audit.audit_store import AuditFilter, AuditStore
from data.records.database import Database
from data.wire.access import Role

pytestmark = pytest.mark.anyio
AT = datetime(2027, 1, 2, 3, 4, 5, 600000, tzinfo=UTC)
ANN = Actor("user", "ann", "trace")


def deed(number: int, organisation_id: str = "house") -> Deed:
    return Deed(organisation_id, ANN, "task.read", AT, f"task-{number}", {"times_before": number, "why": "读"})


@pytest.fixture
def audit(database: Database) -> AuditStore:
    return AuditStore(database)


@pytest.fixture
async def chain(audit: AuditStore) -> AuditStore:
    """Nine rows, in several transactions, between those of another organisation."""
    for n in range(1, 10, 3):
        await audit.append([deed(n), deed(n, "other"), deed(n + 1), deed(n + 2)])
    return audit


async def execute(database: Database, *statements: str) -> None:
    async with database.session() as session:
        for statement in statements:
            await (await session.connection()).execute(text(statement))


async def test_rows_follow_each_other_in_each_organisation(chain: AuditStore, database: Database):
    async with database.reading() as session:
        chosen = select(AuditEvent).where(col(AuditEvent.organisation_id) == "house").order_by(col(AuditEvent.number))
        rows = (await session.exec(chosen)).all()
    assert [row.number for row in rows] == list(range(1, 10))
    assert [row.previous_hash for row in rows] == [GENESIS, *(row.hash for row in rows[:-1])]
    assert (rows[0].at, rows[0].actor_id, rows[0].trace_id) == (AT, "ann", "trace")
    for organisation_id, checked in (("house", 9), ("other", 3)):
        verdict = await chain.verify(organisation_id)
        assert (verdict.checked, verdict.broken) == (checked, None)


HOUSE = "organisation_id = 'house'"
COLUMNS = "at, actor_kind, actor_id, action, subject, detail, trace_id, previous_hash, hash"
TAMPERED = {
    "changed who": ([f"UPDATE audit_event SET actor_id = 'bob' WHERE {HOUSE} AND number = 4"], 4),
    "changed what": ([f"UPDATE audit_event SET detail = '{{}}' WHERE {HOUSE} AND number = 1"], 1),
    "changed hash": ([f"UPDATE audit_event SET hash = '{'0' * 64}' WHERE {HOUSE} AND number = 9"], 9),
    "moved in time": ([f"UPDATE audit_event SET at = (SELECT at FROM audit_event WHERE {HOUSE} AND number = 1), "
                       f"trace_id = '' WHERE {HOUSE} AND number = 6"], 6),
    "deleted": ([f"DELETE FROM audit_event WHERE {HOUSE} AND number = 5"], 5),
    "deleted the first": ([f"DELETE FROM audit_event WHERE {HOUSE} AND number = 1"], 1),
    "deleted the last": ([f"DELETE FROM audit_event WHERE {HOUSE} AND number = 9"], 9),
    "deleted all": ([f"DELETE FROM audit_event WHERE {HOUSE}"], 1),
    "deleted with its head": (
        [f"DELETE FROM audit_event WHERE {HOUSE}", f"DELETE FROM audit_head WHERE {HOUSE}"], 1
    ),
    "deleted and closed up": (
        [f"DELETE FROM audit_event WHERE {HOUSE} AND number = 5",
         *(f"UPDATE audit_event SET number = {n - 1} WHERE {HOUSE} AND number = {n}" for n in range(6, 10)),
         f"UPDATE audit_head SET number = 8 WHERE {HOUSE}"], 5
    ),
    "swapped": (
        [f"UPDATE audit_event SET number = {a} WHERE {HOUSE} AND number = {b}" for a, b in ((99, 3), (3, 4), (4, 99))],
        3,
    ),
    "inserted at the end": (
        [f"INSERT INTO audit_event (organisation_id, number, {COLUMNS}) "
         f"SELECT 'house', 10, {COLUMNS} FROM audit_event WHERE {HOUSE} AND number = 2"], 10
    ),
    "inserted in between": (
        [f"UPDATE audit_event SET number = -number WHERE {HOUSE} AND number > 6",
         f"UPDATE audit_event SET number = 1 - number WHERE {HOUSE} AND number < 0",
         f"INSERT INTO audit_event (organisation_id, number, {COLUMNS}) "
         f"SELECT 'house', 7, {COLUMNS} FROM audit_event WHERE {HOUSE} AND number = 2",
         f"UPDATE audit_head SET number = 10 WHERE {HOUSE}"], 7
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERED)
async def test_whatever_is_changed_behind_its_back_is_found_and_named(chain: AuditStore, database: Database, how: str):
    statements, row = TAMPERED[how]
    await execute(database, *statements)
    verdict = await chain.verify("house")
    assert verdict.broken == row
    assert verdict.reason
    assert (await chain.verify("other")).broken is None


async def test_a_chain_made_anew_does_not_go_through_a_head_kept_elsewhere(chain: AuditStore, database: Database):
    anchor = (await chain.verify("house")).head
    await chain.append([deed(10)])
    assert (await chain.verify("house", anchor)).broken is None
    await execute(
        database,
        f"DELETE FROM audit_event WHERE {HOUSE}",
        f"UPDATE audit_head SET number = 0, hash = '{GENESIS}' WHERE {HOUSE}",
    )
    await chain.append([deed(n) for n in range(20, 24)])
    assert (await chain.verify("house")).broken is None
    assert (await chain.verify("house", anchor)).reason == "the chain was longer once"
    await chain.append([deed(n) for n in range(24, 40)])
    assert (await chain.verify("house", anchor)).broken == 9


def append_from_a_process(url: str, name: str) -> None:
    async def write() -> None:
        database = Database(url)
        audit = AuditStore(database)
        for n in range(20):
            both = [deed(n), deed(n, "other")]
            await asyncio.gather(audit.append(both), audit.append([*reversed(both)]))
        await database.close()

    asyncio.run(write())


async def test_several_processes_that_write_together_keep_one_chain(database: Database, database_url: str):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=append_from_a_process, args=(database_url, f"p{n}")) for n in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        await asyncio.to_thread(process.join, 120)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    for organisation_id in ("house", "other"):
        verdict = await AuditStore(database).verify(organisation_id)
        assert (verdict.checked, verdict.broken) == (120, None)


async def test_what_is_not_noted_is_not_changed_and_the_other_way_round(database: Database, audit: AuditStore):
    accounts, users = AccountStore(database), UserStore(database)
    house = await accounts.create_organisation("House", by=ANN)
    ann = await users.create(house.id, NewPerson("Ann", Role.ANALYST), ANN)
    key, _ = await accounts.create_key("k", house.id, KeyGrant(user_id=ann.id), ANN)
    await users.change(ann.id, house.id, ANN, is_disabled=True)
    await accounts.revoke_key(key.id, house.id, ANN)
    rows, _ = await audit.page(house.id)
    assert [(row.action, row.subject) for row in reversed(rows)] == [
        ("organisation.created", house.id),
        ("user.created", ann.id),
        ("key.created", key.id),
        ("user.changed", ann.id),
        ("key.revoked", key.id),
    ]
    assert {row.actor_id for row in rows} == {"ann"}
    assert "Ann" not in str([row.model_dump() for row in rows])
    await execute(database, "ALTER TABLE audit_event RENAME TO gone")
    with pytest.raises((ServiceUnavailable, DBAPIError)):
        await accounts.create_key("unnoted", house.id)
    assert [each.name for each in await accounts.list_keys(house.id)] == ["k"]


async def test_the_log_is_read_in_pages_and_by_what_is_sought(chain: AuditStore):
    rows, following = await chain.page("house", limit=4)
    assert [row.number for row in rows] == [9, 8, 7, 6]
    rows, following = await chain.page("house", cursor=following, limit=4)
    rows, following = await chain.page("house", cursor=following, limit=4)
    assert ([row.number for row in rows], following) == ([1], None)
    assert [row.number for row in (await chain.page("house", AuditFilter(subject="task-3")))[0]] == [3]
    assert (await chain.page("house", AuditFilter(action="key.created")))[0] == []
    with pytest.raises(BadInput):
        await chain.page("house", cursor="yesterday")


async def test_every_chain_has_its_head_from_the_beginning(database: Database, audit: AuditStore):
    house = await AccountStore(database).create_organisation("House")
    assert (await audit.verify(NO_ORGANISATION)).broken is None
    assert (await audit.verify(house.id)).checked == 1


def test_the_hash_is_of_everything_in_the_row():
    row = AuditEvent(**dict.fromkeys(AuditEvent.model_fields, "x") | {"number": 1, "at": AT, "detail": {}})
    changed: dict[str, Callable[[], object]] = {
        "number": lambda: 2,
        "at": lambda: AT.replace(microsecond=1),
        "detail": lambda: {"a": 1},
    }
    for name in set(AuditEvent.model_fields) - {"hash"}:
        other = row.model_copy(update={name: changed.get(name, lambda: "y")()})
        assert other.digest() != row.digest(), name
