"""What several callers write at the same time goes into one transaction: one begin, one commit, one flush to disk."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

from sqlmodel.ext.asyncio.session import AsyncSession

from data.records.database import Database
from data.records.gathered import Gathered

Written = TypeVar("Written")
Write = Callable[[AsyncSession], Awaitable[Any]]


class GroupCommit:
    """The way to write for many callers of a process."""

    def __init__(self, database: Database) -> None:
        """Write to this database."""
        self._database = database
        self._writes = Gathered[Write, Any](self._write_all)

    async def run(self, write: Callable[[AsyncSession], Awaitable[Written]]) -> Written:
        """What the write returns, once it is committed; it may be run twice: the first one is in vain, nearly always.

        Where the answer to a commit is lost, what was written stands, and is written again.

        Raises:
            ServiceUnavailable: the database does not answer; nothing is written. And whatever the write itself raises:
            nothing of it is written either.
        """
        return cast("Written", await self._writes.run(write))

    async def _write_all(self, writes: Sequence[Write]) -> list[Any]:
        """What each of the writes returns, all of them committed."""
        async with self._database.session() as session:
            return [await write(session) for write in writes]
