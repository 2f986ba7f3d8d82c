"""Writes of several callers in one transaction: what commits, what fails alone."""

import asyncio

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from data.records.database import Database
from data.records.group_commit import GroupCommit

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(database: Database) -> Database:
    async with database.session() as session:
        await (await session.connection()).execute(text("CREATE TABLE kept (n INTEGER PRIMARY KEY)"))
    return database


def keep(number: int):
    async def write(session: AsyncSession) -> int:
        connection = await session.connection()
        await connection.execute(text(f"INSERT INTO kept VALUES ({number})"))
        return number

    return write


async def kept(database: Database) -> list[int]:
    async with database.reading() as session:
        rows = await (await session.connection()).execute(text("SELECT n FROM kept ORDER BY n"))
        return [number for (number,) in rows]


async def test_each_caller_gets_what_its_own_write_returns(database: Database):
    writes = GroupCommit(database)
    assert await asyncio.gather(*(writes.run(keep(number)) for number in range(100))) == [*range(100)]
    assert await kept(database) == [*range(100)]


async def test_those_who_come_together_share_a_transaction(database: Database, monkeypatch):
    begun: list[int] = []
    session = database.session

    def counted():
        begun.append(1)
        return session()

    monkeypatch.setattr(database, "session", counted)
    writes = GroupCommit(database)
    await asyncio.gather(*(writes.run(keep(number)) for number in range(30)))
    assert len(begun) == 1


async def test_a_write_that_fails_fails_alone(database: Database):
    async def broken(session: AsyncSession) -> None:
        await keep(77)(session)
        raise ValueError("mine")

    writes = GroupCommit(database)
    outcomes = await asyncio.gather(
        writes.run(keep(1)), writes.run(broken), writes.run(keep(1)), writes.run(keep(2)), return_exceptions=True
    )
    assert outcomes[0] == 1
    assert str(outcomes[1]) == "mine"
    assert "UNIQUE" in str(outcomes[2]) or "unique" in str(outcomes[2])
    assert outcomes[3] == 2
    assert await kept(database) == [1, 2]


async def test_a_caller_who_goes_leaves_the_others_theirs(database: Database):
    writes = GroupCommit(database)
    first, second, third = (asyncio.create_task(writes.run(keep(number))) for number in range(3))
    await asyncio.sleep(0)
    second.cancel()
    assert (await first, await third) == (0, 2)
    assert {0, 2} <= {*await kept(database)}
