"""The database behind the stores: migrations, several processes at once, and what goes wrong in words."""

import asyncio
import multiprocessing
import re
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlmodel import SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from data.clock import utc_now
from data.errors import BadSetting, NotMigrated, ServiceUnavailable
from data.records.database import Database
from data.records.gathered import Gathered
from data.records.group_commit import GroupCommit
from data.records.migrations.upgrade import revisions
from data.records.tables import TABLES
from data.records.tasks.task import AgentTask
from data.records.tasks.task_runs import Reached
from data.records.tasks.task_store import TaskStore
from tests.records.earlier import apply, moved_to

pytestmark = pytest.mark.anyio


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return compare_metadata(context, SQLModel.metadata)


async def add(tasks: TaskStore, **values: str) -> AgentTask:
    return await tasks.add({"type": "debt_analysis"}, organisation_id="house", key_id="key", **values)


async def count(database: Database) -> int:
    async with database.reading() as session:
        return (await session.exec(select(func.count(col(AgentTask.id))))).one()


async def test_the_migrations_make_exactly_the_models_tables(database: Database):
    async with database.session() as session:
        found = await (await session.connection()).run_sync(differences)
    assert found == []
    assert {table.__tablename__ for table in TABLES} == set(SQLModel.metadata.tables)


async def test_several_that_start_at_once_migrate_once(database_url: str):
    databases = [Database(database_url) for _ in range(5)]
    await asyncio.gather(*(database.migrate() for database in databases))
    for database in databases:
        await database.ping()
        await database.close()


def write_from_a_process(url: str, name: str) -> None:
    async def write() -> None:
        database = Database(url)
        await database.migrate()
        tasks = TaskStore(database)
        added = await asyncio.gather(*(add(tasks, idempotency_key=f"{name}-{n}") for n in range(40)))
        for task in added:
            claimed = await tasks.claim(task.id, name, 60)
            assert claimed is not None
            await tasks.progress([Reached(task.id, 1, 50, "half")])
        await database.close()

    asyncio.run(write())


async def test_processes_that_start_and_write_together_never_find_it_locked(database_url: str):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=write_from_a_process, args=(database_url, f"p{n}")) for n in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        await asyncio.to_thread(process.join, 60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    database = Database(database_url)
    assert await count(database) == 120
    await database.close()


async def test_sqlite_is_in_wal_mode_with_foreign_keys(sqlite_url: str):
    database = Database(sqlite_url)
    await database.migrate()
    async with database.reading() as session:
        connection = await session.connection()
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}
    await database.close()


async def test_a_block_that_raises_leaves_nothing_behind(database: Database):
    half = AgentTask(
        id="a", organisation_id="o", key_id="k", type="x", request={}, created_at=utc_now(), updated_at=utc_now()
    )

    async def break_off() -> None:
        async with database.session() as session:
            session.add(half)
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()
    assert await count(database) == 0


async def test_a_cancelled_writer_leaves_nothing_behind_and_blocks_nobody(database: Database):
    tasks = TaskStore(database)
    for _ in range(20):
        writing = asyncio.create_task(add(tasks))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait({writing})
    before = await count(database)
    await add(tasks)
    assert await count(database) == before + 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "DATABASE_URL is not a URL"),
        ("sqlite://", "keeps nothing"),
        ("sqlite:///:memory:", "keeps nothing"),
        ("nosuch://host/db", "driver"),
    ],
)
async def test_a_url_that_cannot_work_is_a_bad_setting(url: str, said: str):
    with pytest.raises(BadSetting, match=said):
        Database(url)


async def test_a_postgres_that_is_not_there_is_named_without_its_password():
    database = Database("postgresql://ann:secret@127.0.0.1:1/debts")
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:1") as raised:
        await database.migrate()
    assert "secret" not in raised.value.message
    await database.close()


async def test_a_file_that_is_no_database_is_named_with_the_mend(tmp_path: Path):
    file = tmp_path / "records.db"
    file.write_text("this is a letter, not a database " * 100)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(ServiceUnavailable, match=re.escape(str(file)) + ".*move it away"):
        await database.migrate()
    await database.close()
    assert file.read_text().startswith("this is a letter")


async def test_a_database_without_tables_is_not_ready(tmp_path: Path):
    file = tmp_path / "empty.db"
    database = Database(f"sqlite:///{file}")
    with pytest.raises(NotMigrated, match=r"no tables yet.*debt-optimizer migrate"):
        await database.ping()
    assert not file.exists()
    file.touch()
    with pytest.raises(NotMigrated, match="no tables yet"):
        await database.ping()
    await database.close()


async def test_a_full_disk_is_told_in_words_and_nothing_is_half_written(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'records.db'}")
    await database.migrate()
    tasks = TaskStore(database)
    await add(tasks)
    async with database.session() as session:
        connection = await session.connection()
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))
    many = [tasks.add({"type": "debt_analysis", "x": "y" * 5000}, organisation_id="o", key_id="k") for _ in range(100)]
    outcomes = await asyncio.gather(*many, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, ServiceUnavailable)]
    assert refused
    assert "free some space" in refused[0].message
    assert await count(database) == 1 + len(outcomes) - len(refused)
    await database.close()


async def test_a_database_of_a_newer_version_is_refused(database: Database):
    async with database.session() as session:
        await (await session.connection()).execute(text("UPDATE alembic_version SET version_num = 'future'"))
    with pytest.raises(NotMigrated, match=r"newer version.*future"):
        await database.migrate()
    with pytest.raises(NotMigrated, match="newer version"):
        await database.ping()


async def test_tables_of_another_version_are_neither_read_nor_written(database_url: str):
    await apply(database_url, moved_to("0003"))
    database = Database(database_url)
    with pytest.raises(NotMigrated, match=r"older version.*0003"):
        await add(TaskStore(database))
    with pytest.raises(NotMigrated):
        await count(database)
    await database.migrate()
    await add(TaskStore(database))
    assert await count(database) == 1
    await database.close()


async def test_of_two_that_migrate_at_once_one_does_it(database_url: str):
    databases = [Database(database_url) for _ in range(2)]
    found = await asyncio.gather(*(database.migrate() for database in databases))
    assert sorted(str(schema.found) for schema in found) == sorted([revisions()[0], "None"])
    for database in databases:
        await database.close()


async def test_a_folder_with_a_percent_sign_and_spaces_works(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / '50% of it' / 'records.db'}")
    await database.migrate()
    await database.ping()
    await database.close()


# A quarter of a second of work for SQLite.
LONG = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000) SELECT count(*) FROM n"


def drivers_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if "_connection_worker_thread" in thread.name]


async def test_closing_waits_for_a_connection_whose_opening_was_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    database, before = Database(f"sqlite:///{tmp_path / 'records.db'}"), drivers_threads()
    (tmp_path / "records.db").touch()
    began, may_open, connect = threading.Event(), threading.Event(), sqlite3.connect

    def slow(*where: Any, **how: Any) -> sqlite3.Connection:
        began.set()
        may_open.wait(60)
        return connect(*where, **how)

    monkeypatch.setattr("aiosqlite.core.sqlite3.connect", slow)
    opening = asyncio.create_task(database.ping())
    await asyncio.to_thread(began.wait, 60)
    opening.cancel()
    await asyncio.wait({opening})
    # Ended too late, its thread would tell a closed loop of it.
    threading.Timer(0.2, may_open.set).start()
    await database.close()
    assert drivers_threads() == before


@pytest.mark.parametrize("kind", ["writing", "reading"])
async def test_closing_waits_for_what_callers_who_have_gone_asked_together(tmp_path: Path, kind: str):
    database, before = Database(f"sqlite:///{tmp_path / 'records.db'}"), drivers_threads()
    await database.migrate()
    began = asyncio.Event()

    async def work(session: AsyncSession) -> None:
        connection = await session.connection()
        began.set()
        await connection.execute(text(LONG))

    async def read(asked: Sequence[int]) -> Sequence[int]:
        async with database.reading() as session:
            await work(session)
        return asked

    asking = GroupCommit(database).run(work) if kind == "writing" else Gathered[int, int](read).run(1)
    caller = asyncio.create_task(asking)
    await began.wait()
    caller.cancel()
    await asyncio.wait({caller})
    await database.close()
    assert drivers_threads() == before
