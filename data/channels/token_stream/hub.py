"""One reader of Redis for all readers of a process: a single blocking XREAD over every stream that somebody follows."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from redis.asyncio import Redis

from data.channels.pace import Pace
from data.channels.patience import end, patiently
from data.channels.redis_connection import LONGEST_BLOCK_S, entries_by_stream, explained
from data.channels.token_stream.tape import order
from data.ident import new_id
from data.wire.event import Event

LOG = logging.getLogger(__name__)
QUEUED_EVENTS = 1_000
PAGE = 500
WAKE_TTL_S = 3600
# A read names all streams, and costs by their number.
FEW_STREAMS, REST_FOR_EACH_S, LONGEST_REST_S = 20, 0.0001, 0.15

Decode = Callable[[str, str, dict[str, str]], Event]  # task id, entry id, fields


@dataclass(eq=False)
class Reader:
    """One follower; when it falls behind, what waits for it is dropped and it reads the stream itself."""

    is_behind: bool = False
    is_closed: bool = False
    _events: list[Event] = field(default_factory=list[Event])
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, events: Sequence[Event]) -> None:
        """Give it the events, or mark it as fallen behind."""
        self.is_behind = self.is_behind or len(self._events) + len(events) > QUEUED_EVENTS
        if not self.is_behind:
            self._events += events
        self._news.set()

    async def take(self, pause_s: float | None) -> list[Event]:
        """All that has come; nothing after a pause, when it has fallen behind, and at the end."""
        if not (self._events or self.is_behind or self.is_closed):
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._news.wait()
        self._news.clear()
        events, self._events = self._events, []
        return events

    def caught_up(self) -> None:
        """Begin anew: what was dropped is about to be read from the stream."""
        self._events, self.is_behind = [], False

    def close(self) -> None:
        """There will be no more."""
        self.is_closed = True
        self._news.set()


@dataclass
class _Watched:
    task_id: str
    position: str
    readers: set[Reader]


class Hub:
    """Runs while somebody follows."""

    def __init__(self, client: Redis, decode: Decode) -> None:
        """Nothing runs before the first reader."""
        self._redis = client
        self._decode = decode
        self._watched: dict[str, _Watched] = {}
        # A stream of this process alone: an entry in it ends a blocking read that does not yet watch a new stream.
        self._wake_key, self._wake_position = f"token_stream_wake:{new_id()}", "0-0"
        self._reading: set[str] = set()
        self._running: asyncio.Task[None] | None = None
        self._waking: asyncio.Task[None] | None = None
        self._pace = Pace(FEW_STREAMS, REST_FOR_EACH_S, LONGEST_REST_S)

    def join(self, key: str, task_id: str, position: str) -> Reader:
        """A reader of what comes after the position; behind from the start where others are further than that."""
        watched = self._watched.setdefault(key, _Watched(task_id, position, set()))
        reader = Reader(is_behind=order(watched.position) > order(position))
        watched.readers.add(reader)
        self._wake()
        return reader

    def leave(self, key: str, reader: Reader) -> None:
        """Forget the reader."""
        watched = self._watched.get(key)
        if watched is not None:
            watched.readers.discard(reader)
            if not watched.readers:
                del self._watched[key]

    async def close(self) -> None:
        """Stop reading; those who follow come to an end."""
        for watched in self._watched.values():
            for reader in watched.readers:
                reader.close()
        for running in (self._running, self._waking):
            if running is not None:
                await end(running)

    def _wake(self) -> None:
        """Have the blocking read begin again with the streams that are followed now."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        # One interruption for all who come while it is on its way.
        elif self._waking is None or self._waking.done():
            self._waking = asyncio.create_task(self._interrupt())

    async def _run(self) -> None:
        while self._watched:
            # A copy: readers come and go while the read waits.
            positions = {key: watched.position for key, watched in self._watched.items()}
            self._reading = {*positions}
            positions[self._wake_key] = self._wake_position
            found = await patiently(LOG)(self._read, positions)
            for key, entries in found.items():
                self._hand_out(key, entries)
            self._reading = set()
            await self._pace.rest(len(self._watched))

    async def _read(self, positions: dict[str, str]) -> dict[str, list[tuple[str, dict[str, str]]]]:
        with explained(self._redis):
            answer = await self._redis.xread({**positions}, count=PAGE, block=int(LONGEST_BLOCK_S * 1000))
        return entries_by_stream(answer)

    async def _interrupt(self) -> None:
        # Only a read that is under way and lacks a stream, and each but once: an interruption costs a round trip.
        interrupted: set[str] = set()
        while self._reading and self._reading is not interrupted and not self._reading >= self._watched.keys():
            interrupted = self._reading
            await patiently(LOG)(self._write_to_wake)

    async def _write_to_wake(self) -> None:
        with explained(self._redis):
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.xadd(self._wake_key, {"wake": "1"}, maxlen=1, approximate=False)
                pipeline.expire(self._wake_key, WAKE_TTL_S)
                await pipeline.execute()

    def _hand_out(self, key: str, entries: list[tuple[str, dict[str, str]]]) -> None:
        if key == self._wake_key:
            self._wake_position = entries[-1][0]
            return
        watched = self._watched.get(key)
        if watched is None:
            return
        watched.position = entries[-1][0]
        events = [self._decode(watched.task_id, entry_id, fields) for entry_id, fields in entries]
        for reader in watched.readers:
            reader.offer(events)
