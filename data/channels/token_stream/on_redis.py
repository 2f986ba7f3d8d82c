"""The streams on Redis: one stream a task, with its attempt and its text so far beside it."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, ResponseError
from typing_extensions import override

from data.channels.patience import patiently
from data.channels.redis_connection import StreamEntry, connect, entries_by_stream, explained
from data.channels.token_stream import scripts
from data.channels.token_stream.hub import PAGE, Hub, Reader
from data.channels.token_stream.outbox import Emptied, EventWriter, Outbox, Parcel, kind_of, text_of
from data.channels.token_stream.stream import KEEPING, NO_MORE, Keeping, TokenStream
from data.channels.token_stream.tape import Opening, check_id, order, reset_event, to_the_end
from data.clock import Clock, utc_now
from data.errors import LostClaim
from data.ident import new_id
from data.wire.event import FINAL, Event, NewEvent

LOG = logging.getLogger(__name__)
REWRITE_S = 60.0


class RedisTokenStream(TokenStream):
    """The streams on Redis."""

    def __init__(self, url: str, *, keeping: Keeping = KEEPING, clock: Clock = utc_now) -> None:
        """Use the server at the URL; nothing is opened before the first call."""
        self._redis: Redis = connect(url)
        self._keeping = keeping
        self._now = clock
        self._append = self._redis.register_script(scripts.APPEND)
        self._opening = self._redis.register_script(scripts.OPEN)
        self._reopening = self._redis.register_script(scripts.REOPEN)
        self._erasing = self._redis.register_script(scripts.ERASE)
        self._outbox = Outbox(self._send)
        self._hub = Hub(self._redis, _event)

    @override
    def writer(self, task_id: str, attempt: int) -> EventWriter:
        return self._outbox.writer(task_id, attempt, self._now)

    @override
    async def append(self, event: NewEvent, *more: NewEvent) -> str:
        parcel = Parcel(event.task_id, event.attempt, "single", new_id(), (event, *more))
        with explained(self._redis):
            reply = (await self._replies([parcel]))[0]
        if isinstance(reply, LostClaim | Emptied):
            raise reply
        return reply

    @override
    async def read(self, task_id: str, after: str | None = None, block_s: float = 0) -> list[Event]:
        opening = await self._open(task_id, check_id(after))
        resets = [opening.reset] if opening.reset else []
        if resets or opening.events or block_s <= 0:
            return [*resets, *opening.events]
        stream = _keys(task_id)[0]
        with explained(self._redis):
            answer = await self._redis.xread({stream: opening.position}, count=PAGE, block=int(block_s * 1000))
        return [_event(task_id, *entry) for entry in entries_by_stream(answer).get(stream, [])]

    @override
    async def follow_together(
        self, task_id: str, after: str | None = None, *, pause_s: float | None = None
    ) -> AsyncGenerator[list[Event]]:
        opening = await patiently(LOG)(self._open, task_id, check_id(after))
        position = opening.events[-1].id if opening.events else opening.position
        key = _keys(task_id)[0]
        reader = self._hub.join(key, task_id, position)
        try:
            resets = [opening.reset] if opening.reset else []
            if first := to_the_end([*resets, *opening.events]):
                yield first
                if first[-1].type in FINAL:
                    return
            async for events in self._live(reader, task_id, position, pause_s):
                yield events
        finally:
            self._hub.leave(key, reader)

    @override
    async def last(self, task_id: str) -> Event | None:
        with explained(self._redis):
            entries = cast("list[StreamEntry]", await self._redis.xrevrange(_keys(task_id)[0], count=1))
        return _event(task_id, *entries[0]) if entries else None

    @override
    async def reopen(self, task_id: str) -> None:
        with explained(self._redis):
            await self._reopening(keys=_keys(task_id), args=[self._keeping.running_s])

    @override
    async def erase(self, task_id: str) -> None:
        with explained(self._redis):
            await self._erasing(keys=_keys(task_id), args=[NO_MORE, self._keeping.running_s])

    @override
    async def scrub(self) -> None:
        # A server that others run may refuse, or keep no file.
        with explained(self._redis), suppress(ResponseError):
            if not (await self._redis.info("persistence")).get("aof_enabled"):
                return
            await self._redis.bgrewriteaof()
            async with asyncio.timeout(REWRITE_S):
                while await self._is_rewriting():
                    await asyncio.sleep(0.05)

    @override
    async def close(self) -> None:
        await self._outbox.close()
        await self._hub.close()
        await self._redis.aclose()

    async def _is_rewriting(self) -> bool:
        info = await self._redis.info("persistence")
        return bool(info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"])

    async def _live(
        self, reader: Reader, task_id: str, position: str, pause_s: float | None
    ) -> AsyncGenerator[list[Event]]:
        """What the hub hands over, and what is in the stream whenever this reader has fallen behind; to the end."""
        while not reader.is_closed:
            if reader.is_behind:
                reader.caught_up()
                events = await patiently(LOG)(self._page, task_id, position)
                # There may be more than a page of them.
                reader.is_behind = reader.is_behind or bool(events)
            else:
                found = await reader.take(pause_s)
                if not found and not (reader.is_behind or reader.is_closed):
                    yield []
                # Not what was read from the stream before the hub handed it over.
                events = [event for event in found if order(event.id) > order(position)]
            if events := to_the_end(events):
                yield events
                position = events[-1].id
                if events[-1].type in FINAL:
                    return

    async def _open(self, task_id: str, after: str) -> Opening:
        with explained(self._redis):
            answer: list[Any] = await self._opening(keys=_keys(task_id), args=[after, PAGE])
        position, attempt, found, *text = answer
        events = tuple(_event(task_id, entry_id, {fields[0]: fields[1]}) for entry_id, fields in found)
        if not text:
            return Opening(position, events=events)
        return Opening(position, reset_event(task_id, position, int(attempt), text[0], self._now), events)

    async def _page(self, task_id: str, position: str) -> list[Event]:
        with explained(self._redis):
            found = await self._redis.xrange(_keys(task_id)[0], min=f"({position}", count=PAGE)
        return [_event(task_id, *entry) for entry in cast("list[StreamEntry]", found)]

    async def _send(self, parcels: Sequence[Parcel]) -> list[LostClaim | Emptied | None]:
        with explained(self._redis):
            replies = await self._replies(parcels)
        return [None if isinstance(reply, str) else reply for reply in replies]

    async def _replies(self, parcels: Sequence[Parcel]) -> list[str | LostClaim | Emptied]:
        """One round trip for all; when the server has forgotten the script, one more."""
        try:
            return [_reply(answer) for answer in await self._pipeline(parcels)]
        # The server was restarted or its scripts flushed; a pipeline does not load them again by itself.
        except NoScriptError:
            await self._redis.script_load(scripts.APPEND)
            return [_reply(answer) for answer in await self._pipeline(parcels)]

    async def _pipeline(self, parcels: Sequence[Parcel]) -> list[Any]:
        limits = (self._keeping.events, self._keeping.running_s, self._keeping.ended_s)
        # No transaction: the parcels are of different tasks, and each script is atomic by itself.
        async with self._redis.pipeline(transaction=False) as pipeline:
            for parcel in parcels:
                keys, head = _keys(parcel.task_id), (parcel.writer, parcel.number, parcel.attempt)
                events = [part for event in parcel.events for part in (kind_of(event), text_of(event), _stored(event))]
                pipeline.evalsha(self._append.sha, len(keys), *keys, *head, *limits, *events)
            # Errors are answers here: one stale attempt must not spoil the writes of the others.
            return await pipeline.execute(raise_on_error=False)


def _keys(task_id: str) -> list[str]:
    # The braces put a task's three keys into one slot of a Redis cluster.
    return [f"token_stream:{{{task_id}}}{part}" for part in ("", ":meta", ":text")]


def _stored(event: NewEvent) -> str:
    return event.model_dump_json(exclude={"task_id"})


def _event(task_id: str, entry_id: str, fields: dict[str, str]) -> Event:
    return Event(id=entry_id, task_id=task_id, **json.loads(fields["event"]))


def _reply(answer: Any) -> str | LostClaim | Emptied:
    if isinstance(answer, ResponseError) and str(answer).startswith("EMPTIED"):
        return Emptied()
    if isinstance(answer, ResponseError) and str(answer).startswith("STALE"):
        return LostClaim(f"This attempt no longer writes to its stream: {answer}.")
    if isinstance(answer, Exception):
        raise answer
    return str(answer)
