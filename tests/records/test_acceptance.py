"""Tasks that are accepted together: one wait for the disk, and to each caller its own answer."""

import asyncio

import pytest
from sqlalchemy import Engine, event, text

from data.errors import Conflict, DiskFull
from data.records.database import Database
from data.records.tasks.task import AgentTask
from data.records.tasks.task_store import TaskStore

pytestmark = pytest.mark.anyio


async def add(tasks: TaskStore, idempotency_key: str | None = None) -> AgentTask:
    new = {"type": "debt_analysis"}
    return await tasks.add(new, organisation_id="house", key_id="key", idempotency_key=idempotency_key)


async def test_many_that_come_together_share_a_commit_and_all_are_kept(database: Database):
    commits = []
    count = commits.append
    event.listen(Engine, "commit", count)
    tasks = TaskStore(database)
    added = await asyncio.gather(*(add(tasks) for _ in range(100)))
    event.remove(Engine, "commit", count)
    # Thirteen groups: eight together, so that the first of many need not wait for the last.
    assert len(commits) <= 13
    assert {(await tasks.get(task.id, "house")).status for task in added} == {"pending"}


async def test_one_idempotency_key_in_one_group_is_one_task(database: Database):
    tasks = TaskStore(database)
    added = await asyncio.gather(*(add(tasks, idempotency_key=f"key {n % 3}") for n in range(30)))
    assert len({task.id for task in added}) == 3
    with pytest.raises(Conflict):
        await tasks.add({"type": "repayment_plan"}, organisation_id="house", key_id="key", idempotency_key="key 0")


async def test_a_caller_who_has_gone_takes_nobody_with_him(database: Database):
    tasks = TaskStore(database)
    first, gone, last = (asyncio.create_task(add(tasks)) for _ in range(3))
    await asyncio.sleep(0)
    gone.cancel()
    added = await asyncio.gather(first, last)
    assert gone.cancelled()
    assert [(await tasks.get(task.id, "house")).id for task in added] == [task.id for task in added]


async def test_a_database_that_fails_is_told_to_every_caller_and_serves_again_later(database: Database):
    async with database.session() as session:
        await (await session.connection()).execute(text("ALTER TABLE agent_task RENAME TO away"))
    tasks = TaskStore(database)
    outcomes = await asyncio.gather(*(add(tasks) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(outcome, Exception) for outcome in outcomes)
    async with database.session() as session:
        await (await session.connection()).execute(text("ALTER TABLE away RENAME TO agent_task"))
    assert (await tasks.get((await add(tasks)).id, "house")).status == "pending"


async def test_what_is_committed_outlasts_a_power_cut_on_every_connection_that_writes(database: Database):
    asked = "PRAGMA synchronous" if database.is_sqlite else "SHOW synchronous_commit"
    async with database.session() as first, database.reading() as second:
        found = [(await (await one.connection()).execute(text(asked))).scalar_one() for one in (first, second)]
    assert found == ([2, 2] if database.is_sqlite else ["on", "on"])  # 2 is FULL


async def test_a_full_disk_refuses_the_whole_group_in_words(database: Database):
    if not database.is_sqlite:
        pytest.skip("a full disk is played with SQLite's own limit")
    async with database.session() as session:
        connection = await session.connection()
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))
    tasks = TaskStore(database)
    many = [tasks.add({"type": "debt_analysis", "x": "y" * 5000}, organisation_id="o", key_id="k") for _ in range(40)]
    outcomes = await asyncio.gather(*many, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)][-1] is DiskFull
