"""Callers who come while one round is under way wait, and go together in the next: what a round costs is shared."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Query = TypeVar("Query")
Reply = TypeVar("Reply")
MOST_AT_ONCE = 64


@dataclass(frozen=True)
class _Caller(Generic[Query]):
    asked: Query
    done: asyncio.Future[Any]


class Gathered(Generic[Query, Reply]):
    """Asks for several callers at once; whoever comes while nothing is under way goes alone and at once."""

    def __init__(
        self, ask: Callable[[Sequence[Query]], Awaitable[Sequence[Reply]]], *, most: int = MOST_AT_ONCE
    ) -> None:
        """`ask` answers all of its callers in their order; it may be called twice for one, the first time in vain.

        `most` of them go together: with fewer the first of many have their answers sooner.
        """
        self._ask = ask
        self._most = most
        self._waiting: list[_Caller[Query]] = []
        self._running: asyncio.Task[None] | None = None

    async def run(self, asked: Query) -> Reply:
        """The answer to this caller, or whatever error its own question raises when it is asked alone."""
        done: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Caller(asked, done))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            # For a caller who has gone nothing is begun.
            group = [caller for caller in group if not caller.done.done()]
            answers = await self._round(group)
            if isinstance(answers, BaseException) and len(group) > 1:
                # One of them failed and took the others with it: each alone, so that only that one fails.
                for caller in group:
                    _tell([caller], await self._round([caller]))
            else:
                _tell(group, answers)

    async def _round(self, group: Sequence[_Caller[Query]]) -> Sequence[Reply] | BaseException:
        """The answers of a round, or why there are none."""
        if not group:
            return []
        (answers,) = await asyncio.gather(self._asked(group), return_exceptions=True)
        return answers

    async def _asked(self, group: Sequence[_Caller[Query]]) -> Sequence[Reply]:
        return await self._ask([caller.asked for caller in group])


def _tell(group: Sequence[_Caller[Any]], answers: Sequence[Any] | BaseException) -> None:
    for place, caller in enumerate(group):
        if caller.done.done():
            continue
        if isinstance(answers, BaseException):
            caller.done.set_exception(answers)
        else:
            caller.done.set_result(answers[place])
