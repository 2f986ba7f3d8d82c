"""Events on their way to readers: Redis Streams, and an in-memory twin for one process.

Fleeting: a stream lives a day while its task runs and an hour after; what lasts is in the task's row. A reader names
the last id it has seen and goes on after it; where that has been trimmed, `reset` brings the text so far.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, cast

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, ResponseError

from data.channels.patience import patiently
from data.channels.redis_connection import Entry, connect, entries_by_stream, explained
from data.channels.token_stream import scripts
from data.channels.token_stream.hub import PAGE, Hub, Reader
from data.channels.token_stream.outbox import EventWriter, Outbox, Parcel, kind_of, text_of
from data.channels.token_stream.tape import START, Opening, Tape, check_id, order, reset_event
from data.clock import Clock, utc_now
from data.errors import LostClaim
from data.ident import new_id
from data.wire.event import FINAL, Event, NewEvent

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Keeping:
    """How much of a stream is kept, and how long: while its task runs, and after its end."""

    events: int = 10_000
    running_s: int = 24 * 3600
    ended_s: int = 3600


KEEPING = Keeping()


class TokenStream(Protocol):
    """What the workers and the HTTP routes ask of the streams."""

    def writer(self, task_id: str, attempt: int) -> EventWriter:
        """A writer of an attempt's events: tokens are gathered under load, order is kept, nothing comes twice."""
        ...

    async def append(self, event: NewEvent) -> str:
        """Write one event and return the stream's last id; nothing is written after the end of an attempt.

        Raises:
            LostClaim: a newer attempt writes to the stream. ServiceUnavailable: it cannot be written to now.
        """
        ...

    async def read(self, task_id: str, after: str | None = None, block_s: float = 0) -> list[Event]:
        """Some of the events after the id (from the first without one); waits up to `block_s` for one.

        Raises:
            BadInput: `after` is no id of a stream. ServiceUnavailable: it cannot be read now.
        """
        ...

    def follow(self, task_id: str, after: str | None = None) -> AsyncGenerator[Event]:
        """The events after the id as they come, up to and with the final one; waits for as long as it takes.

        A stream that does not exist (not yet, or no more) just waits: look at the task's row, and at `last`.

        Raises:
            BadInput: `after` is no id of a stream.
        """
        ...

    async def last(self, task_id: str) -> Event | None:
        """The newest event that is still there; a final one means that the stream has ended."""
        ...

    async def reopen(self, task_id: str) -> None:
        """The task is tried again: readers who come now wait for the new attempt, not for the old end."""
        ...

    async def close(self) -> None:
        """Let go of connections; those who follow come to an end."""
        ...


class RedisTokenStream:
    """The streams on Redis."""

    def __init__(self, url: str, *, keeping: Keeping = KEEPING, clock: Clock = utc_now) -> None:
        """Use the server at the URL; nothing is opened before the first call."""
        self._redis: Redis = connect(url)
        self._keeping = keeping
        self._now = clock
        self._append = self._redis.register_script(scripts.APPEND)
        self._opening = self._redis.register_script(scripts.OPEN)
        self._reopening = self._redis.register_script(scripts.REOPEN)
        self._outbox = Outbox(self._send)
        self._hub = Hub(self._redis, _event)

    def writer(self, task_id: str, attempt: int) -> EventWriter:
        """As TokenStream says."""
        return self._outbox.writer(task_id, attempt, self._now)

    async def append(self, event: NewEvent) -> str:
        """As TokenStream says."""
        parcel = Parcel(event.task_id, event.attempt, "single", new_id(), (event,))
        with explained(self._redis):
            reply = (await self._replies([parcel]))[0]
        if isinstance(reply, LostClaim):
            raise reply
        return reply

    async def read(self, task_id: str, after: str | None = None, block_s: float = 0) -> list[Event]:
        """As TokenStream says."""
        opening = await self._open(task_id, check_id(after))
        if opening.reset is not None:
            return [opening.reset, *await self._page(task_id, opening.position)]
        page = await self._page(task_id, opening.position)
        if page or block_s <= 0:
            return page
        stream = _keys(task_id)[0]
        with explained(self._redis):
            answer = await self._redis.xread({stream: opening.position}, count=PAGE, block=int(block_s * 1000))
        return [_event(task_id, *entry) for entry in entries_by_stream(answer).get(stream, [])]

    async def follow(self, task_id: str, after: str | None = None) -> AsyncGenerator[Event]:
        """As TokenStream says."""
        opening = await patiently(LOG)(self._open, task_id, check_id(after))
        if opening.reset is not None:
            yield opening.reset
        key = _keys(task_id)[0]
        reader = self._hub.join(key, task_id, opening.last)
        try:
            await self._hub.wake()
            async for event in self._live(reader, task_id, opening.position):
                yield event
                if event.type in FINAL:
                    return
        finally:
            self._hub.leave(key, reader)

    async def last(self, task_id: str) -> Event | None:
        """As TokenStream says."""
        with explained(self._redis):
            entries = cast("list[Entry]", await self._redis.xrevrange(_keys(task_id)[0], count=1))
        return _event(task_id, *entries[0]) if entries else None

    async def reopen(self, task_id: str) -> None:
        """As TokenStream says."""
        with explained(self._redis):
            await self._reopening(keys=_keys(task_id), args=[self._keeping.running_s])

    async def close(self) -> None:
        """As TokenStream says."""
        await self._outbox.close()
        await self._hub.close()
        await self._redis.aclose()

    async def _live(self, reader: Reader, task_id: str, position: str) -> AsyncGenerator[Event]:
        """What is in the stream, then what the hub hands over, and again whenever this reader has fallen behind."""
        while True:
            reader.caught_up()
            while page := await patiently(LOG)(self._page, task_id, position):
                for event in page:
                    yield event
                position = page[-1].id
            while not (reader.is_behind and reader.queue.empty()):
                event = await reader.queue.get()
                if event is None or reader.is_closed:
                    return
                if order(event.id) > order(position):
                    position = event.id
                    yield event

    async def _open(self, task_id: str, after: str) -> Opening:
        with explained(self._redis):
            answer: list[Any] = await self._opening(keys=_keys(task_id), args=[after])
        position, last, attempt, *text = answer
        if not text:
            return Opening(position, last)
        return Opening(position, last, reset_event(task_id, position, int(attempt), text[0], self._now))

    async def _page(self, task_id: str, position: str) -> list[Event]:
        with explained(self._redis):
            found = await self._redis.xrange(_keys(task_id)[0], min=f"({position}", count=PAGE)
        return [_event(task_id, *entry) for entry in cast("list[Entry]", found)]

    async def _send(self, parcels: Sequence[Parcel]) -> list[LostClaim | None]:
        with explained(self._redis):
            replies = await self._replies(parcels)
        return [reply if isinstance(reply, LostClaim) else None for reply in replies]

    async def _replies(self, parcels: Sequence[Parcel]) -> list[str | LostClaim]:
        """One round trip for all; when the server has forgotten the script, one more."""
        try:
            return [_reply(answer) for answer in await self._pipeline(parcels)]
        except NoScriptError:
            await self._redis.script_load(scripts.APPEND)
            return [_reply(answer) for answer in await self._pipeline(parcels)]

    async def _pipeline(self, parcels: Sequence[Parcel]) -> list[Any]:
        limits = (self._keeping.events, self._keeping.running_s, self._keeping.ended_s)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for parcel in parcels:
                keys, head = _keys(parcel.task_id), (parcel.writer, parcel.number, parcel.attempt)
                events = [part for event in parcel.events for part in (kind_of(event), text_of(event), _stored(event))]
                pipeline.evalsha(self._append.sha, len(keys), *keys, *head, *limits, *events)
            return await pipeline.execute(raise_on_error=False)


def _keys(task_id: str) -> list[str]:
    return [f"token_stream:{{{task_id}}}{part}" for part in ("", ":meta", ":text")]


def _stored(event: NewEvent) -> str:
    return event.model_dump_json(exclude={"task_id"})


def _event(task_id: str, entry_id: str, fields: dict[str, str]) -> Event:
    return Event(id=entry_id, task_id=task_id, **json.loads(fields["event"]))


def _reply(answer: Any) -> str | LostClaim:
    if isinstance(answer, ResponseError) and str(answer).startswith("STALE"):
        return LostClaim(f"This attempt no longer writes to its stream: {answer}.")
    if isinstance(answer, Exception):
        raise answer
    return str(answer)


class MemoryTokenStream:
    """The same within one process, for tests and for trying things; nothing expires in it."""

    def __init__(self, *, keeping: Keeping = KEEPING, clock: Clock = utc_now) -> None:
        """No streams yet."""
        self._keeping = keeping
        self._now = clock
        self._tapes: dict[str, Tape] = {}
        self._is_closed = False
        self._outbox = Outbox(self._send)

    def writer(self, task_id: str, attempt: int) -> EventWriter:
        """As TokenStream says."""
        return self._outbox.writer(task_id, attempt, self._now)

    async def append(self, event: NewEvent) -> str:
        """As TokenStream says."""
        self._write(Parcel(event.task_id, event.attempt, "single", new_id(), (event,)))
        return self._tape(event.task_id).last

    async def read(self, task_id: str, after: str | None = None, block_s: float = 0) -> list[Event]:
        """As TokenStream says."""
        tape = self._tape(task_id)
        opening = self._open(task_id, check_id(after))
        resets = [opening.reset] if opening.reset else []
        found = resets + tape.after(opening.position)
        if not found and block_s > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(block_s):
                    await tape.changed.wait()
            found = tape.after(opening.position)
        return found[:PAGE]

    async def follow(self, task_id: str, after: str | None = None) -> AsyncGenerator[Event]:
        """As TokenStream says."""
        tape = self._tape(task_id)
        opening = self._open(task_id, check_id(after))
        position = opening.position
        if opening.reset is not None:
            yield opening.reset
        while True:
            for event in tape.after(position):
                yield event
                position = event.id
                if event.type in FINAL:
                    return
            if self._is_closed:
                return
            if not tape.after(position):
                await tape.changed.wait()

    async def last(self, task_id: str) -> Event | None:
        """As TokenStream says."""
        events = self._tape(task_id).events
        return events[-1] if events else None

    async def reopen(self, task_id: str) -> None:
        """As TokenStream says."""
        self._tape(task_id).begin_anew()

    async def close(self) -> None:
        """As TokenStream says."""
        await self._outbox.close()
        self._is_closed = True
        for tape in self._tapes.values():
            tape.changed.set()
            tape.changed.clear()

    def _tape(self, task_id: str) -> Tape:
        return self._tapes.setdefault(task_id, Tape())

    def _open(self, task_id: str, after: str) -> Opening:
        tape = self._tape(task_id)
        if not tape.is_lost(after):
            return Opening(after, tape.last)
        before_end = tape.events[-2].id if len(tape.events) > 1 else START
        position = before_end if tape.has_ended else tape.last
        return Opening(position, tape.last, reset_event(task_id, position, tape.attempt, tape.text, self._now))

    async def _send(self, parcels: Sequence[Parcel]) -> list[LostClaim | None]:
        outcomes: list[LostClaim | None] = []
        for parcel in parcels:
            try:
                self._write(parcel)
                outcomes.append(None)
            except LostClaim as lost:
                outcomes.append(lost)
        return outcomes

    def _write(self, parcel: Parcel) -> None:
        tape = self._tape(parcel.task_id)
        if parcel.attempt < tape.attempt:
            raise LostClaim(f"Attempt {parcel.attempt} no longer writes to its stream; the newest is {tape.attempt}.")
        if tape.parcels.get(parcel.writer) == parcel.number or (tape.has_ended and parcel.attempt == tape.attempt):
            return
        if tape.has_ended:
            tape.begin_anew()
        for event in parcel.events:
            tape.add(event, self._keeping.events)
        tape.attempt = parcel.attempt
        tape.parcels[parcel.writer] = parcel.number
        tape.changed.set()
        tape.changed.clear()
