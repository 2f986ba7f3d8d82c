"""What several callers write at the same time goes into one transaction: one begin, one commit, one wait for the disk.

Whoever comes while nothing is written goes alone and at once; those who come meanwhile wait and then go together.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from data.records.database import Database

MOST_AT_ONCE = 64
Written = TypeVar("Written")


@dataclass(frozen=True)
class _Asked:
    write: Callable[[AsyncSession], Awaitable[Any]]
    done: asyncio.Future[Any]


class GroupCommit:
    """The way to write for many callers of a process."""

    def __init__(self, database: Database) -> None:
        """Write to this database."""
        self._database = database
        self._waiting: list[_Asked] = []
        self._running: asyncio.Task[None] | None = None

    async def run(self, write: Callable[[AsyncSession], Awaitable[Written]]) -> Written:
        """What the write returns, once it is committed; it may be run twice: the first one is in vain, nearly always.

        Where the answer to a commit is lost, what was written stands, and is written again.

        Raises:
            ServiceUnavailable: the database does not answer; nothing is written. And whatever the write itself raises:
            nothing of it is written either.
        """
        done: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(write, done))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            # Of a caller who has gone nothing is begun.
            group = [one for one in group if not one.done.done()]
            written = await self._in_one(group)
            if isinstance(written, BaseException) and len(group) > 1:
                # One of them failed and took the others with it: each alone, so that only that one fails.
                for one in group:
                    _tell([one], await self._in_one([one]))
            else:
                _tell(group, written)

    async def _in_one(self, group: list[_Asked]) -> list[Any] | BaseException:
        """What each of the writes returns, all of them committed; or why none is."""

        async def write() -> list[Any]:
            async with self._database.session() as session:
                return [await one.write(session) for one in group]

        (written,) = await asyncio.gather(write(), return_exceptions=True) if group else ([],)
        return written


def _tell(group: list[_Asked], written: list[Any] | BaseException) -> None:
    for place, one in enumerate(group):
        if one.done.done():
            continue
        if isinstance(written, BaseException):
            one.done.set_exception(written)
        else:
            one.done.set_result(written[place])
