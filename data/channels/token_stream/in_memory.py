"""The streams within one process, for tests and for trying things; nothing expires in them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

from typing_extensions import override

from data.channels.token_stream.hub import PAGE
from data.channels.token_stream.outbox import EventWriter, Outbox, Parcel
from data.channels.token_stream.stream import KEEPING, NO_MORE, Keeping, TokenStream
from data.channels.token_stream.tape import START, Opening, Tape, check_id, reset_event, to_the_end
from data.clock import Clock, utc_now
from data.errors import LostClaim
from data.ident import new_id
from data.wire.event import FINAL, Event, NewEvent


class MemoryTokenStream(TokenStream):
    """The same within one process, for tests and for trying things; nothing expires in it."""

    def __init__(self, *, keeping: Keeping = KEEPING, clock: Clock = utc_now) -> None:
        """No streams yet."""
        self._keeping = keeping
        self._now = clock
        self._tapes: dict[str, Tape] = {}
        self._is_closed = False
        self._outbox = Outbox(self._send)

    @override
    def writer(self, task_id: str, attempt: int) -> EventWriter:
        return self._outbox.writer(task_id, attempt, self._now)

    @override
    async def append(self, event: NewEvent, *more: NewEvent) -> str:
        self._write(Parcel(event.task_id, event.attempt, "single", new_id(), (event, *more)))
        return self._tape(event.task_id).last

    @override
    async def read(self, task_id: str, after: str | None = None, block_s: float = 0) -> list[Event]:
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

    @override
    async def follow_together(
        self, task_id: str, after: str | None = None, *, pause_s: float | None = None
    ) -> AsyncGenerator[list[Event]]:
        tape = self._tape(task_id)
        opening = self._open(task_id, check_id(after))
        position = opening.position
        if opening.reset is not None:
            yield [opening.reset]
        while True:
            events = to_the_end(tape.after(position))
            if not events and self._is_closed:
                return
            if events:
                yield events
                position = events[-1].id
                if events[-1].type in FINAL:
                    return
            elif not await _comes(tape.changed, pause_s):
                yield []

    @override
    async def last(self, task_id: str) -> Event | None:
        events = self._tape(task_id).events
        return events[-1] if events else None

    @override
    async def reopen(self, task_id: str) -> None:
        self._tape(task_id).begin_anew()

    @override
    async def erase(self, task_id: str) -> None:
        tape = self._tape(task_id)
        tape.begin_anew()
        tape.attempt, tape.has_ended = NO_MORE, True
        tape.changed.set()
        tape.changed.clear()

    @override
    async def scrub(self) -> None:
        """There are no files."""

    @override
    async def close(self) -> None:
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
            return Opening(after)
        # The reset stands just before the final event, so that the reader still gets the end.
        before_end = tape.events[-2].id if len(tape.events) > 1 else START
        position = before_end if tape.has_ended else tape.last
        return Opening(position, reset_event(task_id, position, tape.attempt, tape.text, self._now))

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
        # Fencing: a newer attempt has written, so this one has been taken for dead.
        if parcel.attempt < tape.attempt:
            raise LostClaim(f"Attempt {parcel.attempt} no longer writes to its stream; the newest is {tape.attempt}.")
        # The same parcel again after a lost answer, or news after the end: dropped, which is no error.
        if tape.parcels.get(parcel.writer) == parcel.number or (tape.has_ended and parcel.attempt == tape.attempt):
            return
        if tape.has_ended:
            tape.begin_anew()
        for event in parcel.events:
            tape.add(event, self._keeping.events)
        tape.attempt = parcel.attempt
        tape.parcels[parcel.writer] = parcel.number
        # Wakes all who wait now; whoever comes later waits for the next write.
        tape.changed.set()
        tape.changed.clear()


async def _comes(change: asyncio.Event, within_s: float | None) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await change.wait()
    except TimeoutError:
        return False
    return True
