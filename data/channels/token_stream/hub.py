"""One reader of Redis for all readers of a process: a single blocking XREAD over every stream that somebody follows."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from redis.asyncio import Redis

from data.channels.patience import end, patiently
from data.channels.redis_connection import LONGEST_BLOCK_S, entries_by_stream, explained
from data.ident import new_id
from data.wire.event import Event

LOG = logging.getLogger(__name__)
QUEUED_EVENTS = 1_000
PAGE = 500
WAKE_TTL_S = 3600
FEW_STREAMS = 20  # each of whose events may come by itself
REST_FOR_EACH_S = 0.0001  # beyond those: a read names all streams, and costs by their number
LONGEST_REST_S = 0.02

Decode = Callable[[str, str, dict[str, str]], Event]  # task id, entry id, fields


@dataclass(eq=False)
class Reader:
    """One follower; when it falls behind, its queue is dropped and it reads the stream itself."""

    queue: "asyncio.Queue[Event | None]" = field(default_factory=lambda: asyncio.Queue(QUEUED_EVENTS))
    is_behind: bool = False
    is_closed: bool = False

    def offer(self, event: Event) -> None:
        """Give it the event, or mark it as fallen behind."""
        if self.queue.full():
            self.is_behind = True
        if not self.is_behind:
            self.queue.put_nowait(event)

    def caught_up(self) -> None:
        """Begin anew with an empty queue: what was dropped is about to be read from the stream."""
        self.queue, self.is_behind = asyncio.Queue(QUEUED_EVENTS), False

    def close(self) -> None:
        """There will be no more; None tells a reader who waits."""
        self.is_closed = True
        # A reader with events waiting sees `is_closed` after the next one; only an idle one must be woken.
        if self.queue.empty():
            self.queue.put_nowait(None)


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

    def join(self, key: str, task_id: str, position: str) -> Reader:
        """A reader of what comes after the position, or later: then `wake`, and read the stream itself once more."""
        reader = Reader()
        if key in self._watched:
            self._watched[key].readers.add(reader)
        else:
            self._watched[key] = _Watched(task_id, position, {reader})
        return reader

    async def wake(self) -> None:
        """Have the blocking read begin again with the streams that are followed now."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        # Only where the running read lacks a stream: an interruption costs a round trip.
        elif self._reading != self._watched.keys():
            await patiently(LOG)(self._interrupt)

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
        if self._running is not None:
            await end(self._running)

    async def _run(self) -> None:
        while self._watched:
            # A copy: readers come and go while the read waits.
            positions = {key: watched.position for key, watched in self._watched.items()}
            self._reading = {*positions}
            positions[self._wake_key] = self._wake_position
            found = await patiently(LOG)(self._read, positions)
            for key, entries in found.items():
                self._hand_out(key, entries)
            many = len(self._watched) - FEW_STREAMS
            if many > 0:
                await asyncio.sleep(min(many * REST_FOR_EACH_S, LONGEST_REST_S))

    async def _read(self, positions: dict[str, str]) -> dict[str, list[tuple[str, dict[str, str]]]]:
        with explained(self._redis):
            answer = await self._redis.xread({**positions}, count=PAGE, block=int(LONGEST_BLOCK_S * 1000))
        return entries_by_stream(answer)

    async def _interrupt(self) -> None:
        with explained(self._redis):
            await self._redis.xadd(self._wake_key, {"wake": "1"}, maxlen=1, approximate=False)
            await self._redis.expire(self._wake_key, WAKE_TTL_S)

    def _hand_out(self, key: str, entries: list[tuple[str, dict[str, str]]]) -> None:
        if key == self._wake_key:
            self._wake_position = entries[-1][0]
            return
        watched = self._watched.get(key)
        if watched is None:
            return
        watched.position = entries[-1][0]
        for entry_id, fields in entries:
            event = self._decode(watched.task_id, entry_id, fields)
            for reader in watched.readers:
                reader.offer(event)
