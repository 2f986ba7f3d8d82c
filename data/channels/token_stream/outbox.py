"""Events gathered on their way out: one write at a time for the whole process, in order, each event exactly once.

Nothing waits while no write is in flight; what arrives during one is gathered and leaves with the next. After a slow
write for many tasks the outbox rests as long as that write took, at most 50 ms, cut short by 256 characters of one
task, by its first token, and by every event that is no token. Knows nothing of Redis: where parcels go is `send`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from data.channels.patience import end, patiently
from data.clock import Clock
from data.errors import LostClaim
from data.ident import new_id
from data.wire.event import FINAL, EventType, NewEvent

LOG = logging.getLogger(__name__)
LONGEST_REST_S = 0.05
SLOW_WRITE_S = 0.005
MANY_TASKS = 16
GATHERED_CHARACTERS = 256
BUFFERED_CHARACTERS = 65_536  # while the stream is away: then the run waits
BUFFERED_EVENTS = 1_000


@dataclass(frozen=True)
class Parcel:
    """Events of one attempt that leave together; the number tells a repetition from news."""

    task_id: str
    attempt: int
    writer: str
    number: str
    events: tuple[NewEvent, ...]


class Emptied(Exception):
    """The stream has lost some of what was written before: the server was emptied, or killed before it kept it."""


Send = Callable[[Sequence[Parcel]], Awaitable[Sequence[LostClaim | Emptied | None]]]


@dataclass
class _Line:
    """What one writer has waiting."""

    task_id: str
    attempt: int
    writer: str = field(default_factory=new_id)
    beginnings: int = 0
    number: int = 0
    events: list[NewEvent] = field(default_factory=list[NewEvent])
    characters: int = 0
    told: list[str] = field(default_factory=list[str])  # the text so far, waiting or not
    is_in_flight: bool = False
    has_begun: bool = False
    lost: LostClaim | None = None
    landed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, event: NewEvent) -> None:
        """Queue the event; tokens flow together up to 256 characters."""
        text = text_of(event)
        self.characters += len(text)
        if text:
            self.told.append(text)
        last = self.events[-1] if self.events else None
        if text and last and last.type is EventType.CHUNK and len(text_of(last) + text) <= GATHERED_CHARACTERS:
            self.events[-1] = last.model_copy(update={"payload": {"text": text_of(last) + text}})
        else:
            self.events.append(event)

    def pack(self) -> Parcel:
        """Everything that waits, as the next parcel."""
        writer = f"{self.writer}.{self.beginnings}"
        parcel = Parcel(self.task_id, self.attempt, writer, str(self.number), tuple(self.events))
        self.number += 1
        self.events, self.characters, self.is_in_flight = [], 0, True
        return parcel

    def tell_again(self, parcel: Parcel) -> None:
        """Everything that was told, once more: readers are let drop the text, and get the whole of it."""
        others = [event for event in (*parcel.events, *self.events) if event.type is not EventType.CHUNK]
        first, text = parcel.events[0], "".join(self.told)
        restart = {"type": EventType.RESTART, "payload": {"attempt": self.attempt}}
        again = [restart, {"type": EventType.CHUNK, "payload": {"text": text}}] if text else []
        self.events = [*(first.model_copy(update=change) for change in again), *others]
        # Under another name: of those parcels the stream may still know some.
        self.beginnings, self.number, self.characters = self.beginnings + 1, 0, len(text)

    def land(self, lost: LostClaim | None) -> None:
        """The parcel in flight has arrived, or was refused; whoever waits for that looks again."""
        self.is_in_flight = False
        self.lost = self.lost or lost
        # A pulse: those who wait now look again, later ones wait for the next landing.
        self.landed.set()
        self.landed.clear()


class Outbox:
    """The one way out for all writers of a process."""

    def __init__(self, send: Send) -> None:
        """Nothing runs before the first event."""
        self._send = send
        self._lines: dict[str, _Line] = {}
        self._news, self._urgent = asyncio.Event(), asyncio.Event()
        self._took_s = 0.0
        self._running: asyncio.Task[None] | None = None

    def writer(self, task_id: str, attempt: int, clock: Clock) -> "EventWriter":
        """A writer for one attempt at a task."""
        return EventWriter(self, _Line(task_id, attempt), clock)

    def post(self, line: _Line, *, is_urgent: bool) -> None:
        """Send what waits in the line as soon as the write in flight has landed."""
        self._lines[line.writer] = line
        self._news.set()
        if is_urgent:
            self._urgent.set()
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; what has not left by now never leaves."""
        if self._running is not None:
            await end(self._running)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._news.wait()
            await self._rest()
            # Cleared before packing: what arrives during the write sets them again.
            self._news.clear()
            self._urgent.clear()
            lines, self._lines = [*self._lines.values()], {}
            parcels = [line.pack() for line in lines]
            began = loop.time()
            outcomes = await patiently(LOG)(self._send, parcels)
            # Only writes for many tasks are worth a rest; a single reader gets each token at once.
            self._took_s = loop.time() - began if len(parcels) >= MANY_TASKS else 0.0
            for line, parcel, outcome in zip(lines, parcels, outcomes, strict=True):
                if isinstance(outcome, Emptied):
                    line.tell_again(parcel)
                    self.post(line, is_urgent=True)
                line.land(outcome if isinstance(outcome, LostClaim) else None)

    async def _rest(self) -> None:
        if self._took_s <= SLOW_WRITE_S or self._urgent.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(min(self._took_s, LONGEST_REST_S)):
                await self._urgent.wait()


class EventWriter:
    """One attempt's way to its readers."""

    def __init__(self, outbox: Outbox, line: _Line, clock: Clock) -> None:
        """Use `TokenStream.writer` to make one."""
        self._outbox = outbox
        self._line = line
        self._now = clock
        self._is_ended = False

    async def emit(self, type: EventType, payload: dict[str, Any] | None = None) -> None:
        """Send an event after those before it; returns at once unless very much is waiting to leave.

        Raises:
            LostClaim: a newer attempt writes to this stream, the writer was closed, or it has already sent the final
            event.
        """
        line = self._line
        self._raise_if_lost()
        if self._is_ended:
            raise self._ended()
        payload = {"text": _speakable(str((payload or {})["text"]))} if type is EventType.CHUNK else payload or {}
        event = NewEvent(type=type, task_id=line.task_id, attempt=line.attempt, at=self._now(), payload=payload)
        event.model_dump_json()  # what cannot be written fails here, in its author's hands
        line.add(event)
        if type in FINAL:
            self._is_ended = True
        is_first = type is EventType.CHUNK and not line.has_begun
        line.has_begun = line.has_begun or is_first
        is_urgent = is_first or type is not EventType.CHUNK or line.characters >= GATHERED_CHARACTERS
        self._outbox.post(line, is_urgent=is_urgent)
        # While the stream is away the run waits here, instead of filling the memory.
        while line.characters > BUFFERED_CHARACTERS or len(line.events) > BUFFERED_EVENTS:
            await line.landed.wait()
            self._raise_if_lost()

    async def flush(self) -> None:
        """Wait until everything has been written.

        Raises:
            LostClaim: as for `emit`.
        """
        while self._line.events or self._line.is_in_flight:
            await self._line.landed.wait()
        self._raise_if_lost()

    def close(self) -> None:
        """Let nothing more out: later events are refused."""
        self._line.lost = self._line.lost or self._ended()

    def _ended(self) -> LostClaim:
        return LostClaim(f"Attempt {self._line.attempt} has ended.")

    def _raise_if_lost(self) -> None:
        if self._line.lost is not None:
            raise self._line.lost


def text_of(event: NewEvent) -> str:
    """The text of a token event, else nothing."""
    return str(event.payload["text"]) if event.type is EventType.CHUNK else ""


def kind_of(event: NewEvent) -> str:
    """What the stream does with an event beside keeping it: chunk, restart, final or plain."""
    if event.type in FINAL:
        return "final"
    return event.type.value if event.type in (EventType.CHUNK, EventType.RESTART) else "plain"


def _speakable(text: str) -> str:
    """The text without halves of characters, which no encoding can carry."""
    return text.encode("utf-8", "replace").decode()
