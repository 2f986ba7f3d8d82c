"""Places in a stream, what a reader is told when its place is gone, and a stream in memory."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from data.channels.token_stream.outbox import text_of
from data.clock import Clock
from data.errors import BadInput, FieldError
from data.wire.event import FINAL, Event, EventType, NewEvent
from data.wording.sentence import say

START = "0-0"
ID_PATTERN = re.compile(r"[0-9]{1,18}-[0-9]{1,18}")


@dataclass(frozen=True)
class Opening:
    """Where a reader goes on, a reset if something before it has been trimmed, and the first events after it."""

    position: str
    reset: Event | None = None
    events: tuple[Event, ...] = ()


def check_id(after: str | None) -> str:
    """The id to go on after; the start without one.

    Raises:
        BadInput: it is no id of a stream.
    """
    if after is None or after == "":
        return START
    if not ID_PATTERN.fullmatch(after):
        wrong = FieldError("after", say("event_id_needed"), after)
        raise BadInput(say("not_an_event"), [wrong])
    return START if after == "0" else after


def order(event_id: str) -> tuple[int, int]:
    """Ids sort as these do."""
    # As numbers: as text, 9-0 would come after 10-0.
    ms, _, number = event_id.partition("-")
    return int(ms), int(number)


def reset_event(task_id: str, position: str, attempt: int, text: str, clock: Clock) -> Event:
    """The event that brings the text so far to a reader whose place is gone."""
    payload = {"text": text}
    return Event(id=position, type=EventType.RESET, task_id=task_id, attempt=attempt, at=clock(), payload=payload)


def to_the_end(events: Sequence[Event]) -> list[Event]:
    """The events up to and with the first final one."""
    ends = [place for place, event in enumerate(events) if event.type in FINAL]
    return [*events[: ends[0] + 1]] if ends else [*events]


@dataclass
class Tape:
    """One stream in memory."""

    events: list[Event] = field(default_factory=list[Event])
    attempt: int = -1
    last: str = START
    text: str = ""
    is_trimmed: bool = False
    has_ended: bool = False
    parcels: dict[str, str] = field(default_factory=dict[str, str])
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def begin_anew(self) -> None:
        """Forget the events and the text."""
        self.events, self.text, self.is_trimmed, self.has_ended = [], "", False, False

    def add(self, event: NewEvent, kept: int) -> None:
        """Write the event behind the others, of which so many are kept."""
        self.text = "" if event.type is EventType.RESTART else self.text + text_of(event)
        self.has_ended = event.type in FINAL
        ms, number = order(self.last)
        now_ms = int(time.time() * 1000)
        # As Redis numbers them: ids grow even when the clock goes back.
        self.last = f"{now_ms}-0" if now_ms > ms else f"{ms}-{number + 1}"
        self.events.append(Event(id=self.last, **event.model_dump()))
        self.is_trimmed = self.is_trimmed or len(self.events) > kept
        self.events = self.events[-kept:]

    def after(self, position: str) -> list[Event]:
        """The events after the id."""
        return [event for event in self.events if order(event.id) > order(position)]

    def is_lost(self, after: str) -> bool:
        """True when something after the id has been trimmed, or the id is not of this stream."""
        if after == START:
            return self.is_trimmed
        first = self.events[0].id if self.events else self.last
        return self.last != START and (order(self.last) < order(after) or order(after) < order(first))
