"""Rows that arrive together are written together: one transaction and one wait for the disk for all of them.

Knows nothing of what the rows mean.
"""

import asyncio

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from data.records.database import Database

MOST_AT_ONCE = 64


class GroupInsert:
    """The way into one table for many callers at once.

    The first row is written at once; those that come meanwhile wait for it and then go together. Nobody waits for a
    clock, so that one who comes alone is as quick as ever.
    """

    def __init__(self, database: Database, model: type[SQLModel]) -> None:
        """Write rows of this model."""
        self._database = database
        table = model.__dict__["__table__"]
        assert isinstance(table, Table)
        dialect = sqlite if database.is_sqlite else postgresql
        # What is there already is left alone; the ids that come back are those of the rows that are new.
        self._statement = dialect.insert(table).on_conflict_do_nothing().returning(table.c.id)
        self._waiting: list[tuple[SQLModel, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, row: SQLModel) -> bool:
        """Write the row; false if one with the same unique values is there. True: it outlasts a power cut.

        Raises:
            ServiceUnavailable: the database does not answer; nothing is written.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((row, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await done

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            # One whose caller has gone is not written.
            group = [(row, done) for row, done in group if not done.done()]
            (outcome,) = await asyncio.gather(self._insert([row for row, _ in group]), return_exceptions=True)
            for row, done in group:
                if done.done():
                    continue
                if isinstance(outcome, BaseException):
                    done.set_exception(outcome)
                else:
                    done.set_result(row.model_dump()["id"] in outcome)

    async def _insert(self, rows: list[SQLModel]) -> set[str]:
        if not rows:
            return set()
        async with self._database.session() as session:
            connection = await session.connection()
            written = await connection.execute(self._statement, [row.model_dump() for row in rows])
            return {id_ for (id_,) in written.all()}
