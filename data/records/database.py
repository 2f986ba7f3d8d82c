"""The engine and its transactions: SQLite in a file or another SQLAlchemy URL; only this file knows the difference."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

import aiosqlite
from filelock import AsyncFileLock
from sqlalchemy import URL, Connection, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidRequestError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from data.errors import BadSetting, DiskFull, ServiceUnavailable
from data.records.migrations.upgrade import Schema, revisions, schema_of, upgrade

ASYNC_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg2": "postgresql+psycopg",
}
BUSY_TIMEOUT_S = 30.0
CLOSE_PATIENCE_S = 5.0
MIGRATION_LOCK = 0x0DEB7  # any number, as long as every process takes the same
# WAL lets readers go on while somebody writes. FULL: what is committed outlasts a power cut, on a Mac only with
# `fullfsync`, which elsewhere does nothing. The wait for the disk is shared: `group_commit.py`.
# What is deleted is overwritten, and does not lie about in the file.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "fullfsync=ON", "foreign_keys=ON", "secure_delete=ON")
DISK_FULL = "the disk is full; free some space"
MENDS = {
    "database or disk is full": DISK_FULL,
    "no space left": DISK_FULL,
    "readonly": "it may only be read; give this user the right to write",
    "permission denied": "it may only be read; give this user the right to write",
    "read-only": "it may only be read; give this user the right to write",
    "unable to open": "it cannot be opened; its folder must exist and be writable",
    "disk i/o error": "the disk reports an error; check it",
    "locked": "another process keeps it busy; try again in a moment",
    "not a database": "it is no SQLite database; move it away or choose another file",
}


class Database:
    """The records' database: transactions for the stores, migrations at the start.

    `session` reads and writes, `reading` only reads. On SQLite a writer takes the write lock as it begins
    (BEGIN IMMEDIATE), and the writers of one process queue in order, so that none fails half-way. Until the tables are
    found to be those of this version, either raises NotMigrated; whoever is patient goes on once they are.
    """

    def __init__(self, url: str) -> None:
        """Prepare the engine; nothing is opened before the first use."""
        self.url = _async_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._threads: list[Thread] = []
        self._engine = _engine(self.url, self._threads if self.is_sqlite else None)
        # A transaction that reads first and writes later may fail half-way; IMMEDIATE waits as it begins.
        self._writers = self._engine.execution_options(begin_with="BEGIN IMMEDIATE")
        # One writer at a time in this process: waiting here is fair, waiting for SQLite's lock is not.
        self._turn = asyncio.Lock() if self.is_sqlite else None
        self._is_current = False
        self._open, self._is_still = 0, asyncio.Event()
        self._is_still.set()

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[AsyncSession]:
        """One transaction that may write: committed at the end, rolled back when the block raises."""
        with self._under_way():
            async with self._turn or nullcontext(), self._transaction(self._writers) as session:
                yield session

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """One transaction that only reads: it waits for nobody, and nobody waits for it."""
        with self._under_way():
            async with self._transaction(self._engine) as session:
                yield session

    async def migrate(self) -> Schema:
        """Bring the tables to this version; what was found before. Safe when several processes start at once.

        Raises:
            NotMigrated: the tables are of a newer version.
        """
        with self._explained():
            async with self._alone(), self._writers.begin() as connection:
                await self._lock_migrations(connection)
                found = await connection.run_sync(upgrade)
        self._is_current = True
        return found

    async def schema(self) -> Schema:
        """Which tables there are, and which this version needs; nothing is changed or made."""
        if self._is_missing():
            return Schema(None, revisions()[0])
        with self._under_way(), self._explained():
            async with self._engine.connect() as connection:
                return await connection.run_sync(schema_of)

    async def is_empty(self) -> bool:
        """True where there is no table at all, whoever's."""
        if self._is_missing():
            return True
        with self._under_way(), self._explained():
            async with self._engine.connect() as connection:
                return not await connection.run_sync(lambda on: inspect(on).get_table_names())

    async def ping(self) -> None:
        """Raise ServiceUnavailable unless the database answers and has the tables of this version."""
        (await self.schema()).need_current()

    async def scrub(self) -> None:
        """Take what was deleted out of the files too: SQLite's are written anew; a server cleans up by itself."""
        if not self.is_sqlite:
            return
        with self._explained():
            async with self._turn or nullcontext(), self._engine.connect() as connection:
                # On the driver's own connection: within a transaction neither is allowed.
                driver: Any = (await connection.get_raw_connection()).driver_connection
                await driver.execute("VACUUM")
                await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Close every connection, once what is under way has come to its end."""
        # What several callers ask or write together goes on when all of them have gone.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._is_still.wait(), CLOSE_PATIENCE_S)
        await self._engine.dispose()
        # A driver's thread whose statement was cancelled tells its end to the event loop, which must still be there.
        await asyncio.to_thread(_joined, self._threads)

    @contextmanager
    def _under_way(self) -> Generator[None]:
        self._open += 1
        self._is_still.clear()
        try:
            yield
        finally:
            self._open -= 1
            if self._open == 0:
                self._is_still.set()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncGenerator[AsyncSession]:
        if not self._is_current:
            (await self.schema()).need_current()
            self._is_current = True
        with self._explained():
            # Rows stay readable after the commit: stores hand them out.
            async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
                yield session

    def _is_missing(self) -> bool:
        """True where there is no SQLite file yet: opening one would make it."""
        file = self.url.database or ""
        return self.is_sqlite and not file.startswith("file:") and not Path(file).exists()

    @asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None]:
        """On SQLite: no other process opens the file while its journal mode and tables are made."""
        if not self.is_sqlite:
            yield
            return
        file = Path(self.url.database or "")
        file.parent.mkdir(parents=True, exist_ok=True)
        # Even opening a fresh SQLite file writes (its journal mode), so processes that start together take turns.
        async with AsyncFileLock(f"{file}.lock"):
            yield

    async def _lock_migrations(self, connection: AsyncConnection) -> None:
        if self.url.get_backend_name() == "postgresql":
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))

    @contextmanager
    def _explained(self) -> Generator[None]:
        """Turn the driver's errors into ours, which name the database and what to do."""
        try:
            yield
        except (DBAPIError, PoolTimeout, OSError) as error:
            # A wrong statement is a defect of ours: it is not for the operator to mend.
            if isinstance(error, DBAPIError) and not _is_outage(error):
                raise
            mend = _mend(error)
            kind = DiskFull if mend == f"{DISK_FULL}." else ServiceUnavailable
            raise kind(f"The database {_place(self.url)} does not serve: {mend}") from error


def _async_url(url: str) -> URL:
    """The URL with its asynchronous driver.

    Raises:
        BadSetting: it is no database URL, or an in-memory SQLite, which keeps nothing.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadSetting("DATABASE_URL is not a URL; write for example sqlite:////var/lib/debts.db") from error
    parsed = parsed.set(drivername=ASYNC_DRIVERS.get(parsed.drivername, parsed.drivername))
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise BadSetting(
            "DATABASE_URL names an in-memory SQLite, which keeps nothing; name a file: sqlite:///records.db"
        )
    return parsed


def _engine(url: URL, threads: list[Thread] | None) -> AsyncEngine:
    """The engine; on SQLite, where each connection has a thread, these are written down in the list."""
    is_sqlite = threads is not None

    def opened(*where: Any, **how: Any) -> aiosqlite.Connection:
        connection = aiosqlite.connect(*where, **how)
        thread: Thread = connection._thread  # pyright: ignore[reportPrivateUsage] (the driver's only way to it)
        thread.daemon = True  # as SQLAlchemy has it: none keeps a process from ending
        assert threads is not None
        threads[:] = [*(other for other in threads if other.is_alive()), thread]
        return connection

    # `isolation_level=None`: the driver must not begin transactions of its own; `_begin` does.
    how = {"timeout": BUSY_TIMEOUT_S, "isolation_level": None, "async_creator_fn": opened}
    options: dict[str, Any] = {"connect_args": how}
    if not is_sqlite:
        # A connection that died while idle is replaced before it is used.
        options = {"pool_pre_ping": True, "pool_timeout": BUSY_TIMEOUT_S}
    try:
        # A failed statement's values may be a client's: they stand in no error, and so in no log.
        engine = create_async_engine(url, hide_parameters=True, **options)
    except (NoSuchModuleError, InvalidRequestError, ModuleNotFoundError) as error:
        raise BadSetting(f'DATABASE_URL: no asynchronous driver "{url.drivername}" is installed here') from error
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", _set_pragmas)
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _joined(threads: list[Thread]) -> None:
    ends = monotonic() + CLOSE_PATIENCE_S
    for thread in [one for one in threads if one.is_alive()]:
        thread.join(max(0.0, ends - monotonic()))


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin_with", "BEGIN"))


def _is_outage(error: DBAPIError) -> bool:
    """True when the database is what failed, false when the statement was."""
    kinds = ("DatabaseError", "OperationalError", "InterfaceError", "InternalError")
    return type(error).__name__ in kinds or error.connection_invalidated


def _place(url: URL) -> str:
    return str(url.database) if url.get_backend_name() == "sqlite" else f"at {url.host}:{url.port or 5432}"


def _mend(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error)
    for sign, mend in MENDS.items():
        if sign in said.lower():
            return f"{mend}."
    return f"{said.strip().splitlines()[0] if said.strip() else type(error).__name__}."
