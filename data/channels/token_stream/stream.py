"""What every token stream does, on Redis or in memory: events on their way to readers.

Fleeting: a stream lives a day while its task runs and an hour after; what lasts is in the task's row. A reader names
the last id it has seen and goes on after it; where that has been trimmed, `reset` brings the text so far.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from data.channels.token_stream.outbox import EventWriter
from data.wire.event import Event, NewEvent


@dataclass(frozen=True)
class Keeping:
    """How much of a stream is kept, and how long: while its task runs, and after its end."""

    events: int = 10_000
    running_s: int = 24 * 3600
    ended_s: int = 3600


KEEPING = Keeping()
NO_MORE = 10**9  # later than any attempt: none of them writes to a stream that was erased


class TokenStream(Protocol):
    """What the workers and the HTTP routes ask of the streams."""

    def writer(self, task_id: str, attempt: int) -> EventWriter:
        """A writer of an attempt's events: tokens are gathered under load, order is kept, nothing comes twice."""
        ...

    async def append(self, event: NewEvent, *more: NewEvent) -> str:
        """Write events of one task, all at once, and return the stream's last id; nothing follows an attempt's end.

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

    def follow_together(
        self, task_id: str, after: str | None = None, *, pause_s: float | None = None
    ) -> AsyncGenerator[list[Event]]:
        """The events after the id as they come, up to and with the final one: all that are there at a time together.

        None of them each time that `pause_s` seconds bring none; without it, waits for as long as it takes. A stream
        that does not exist (not yet, or no more) just waits: look at the task's row, and at `last`.

        Raises:
            BadInput: `after` is no id of a stream.
        """
        ...

    async def follow(self, task_id: str, after: str | None = None) -> AsyncGenerator[Event]:
        """The same, one by one.

        Raises:
            BadInput: `after` is no id of a stream.
        """
        async with aclosing(self.follow_together(task_id, after)) as groups:
            async for group in groups:
                for event in group:
                    yield event

    async def last(self, task_id: str) -> Event | None:
        """The newest event that is still there; a final one means that the stream has ended."""
        ...

    async def reopen(self, task_id: str) -> None:
        """The task is tried again: readers who come now wait for the new attempt, not for the old end."""
        ...

    async def erase(self, task_id: str) -> None:
        """Forget every event and the text; nothing more is written of this task, whoever still runs it."""
        ...

    async def scrub(self) -> None:
        """Take what was erased out of the server's files too, where it keeps any and lets us."""
        ...

    async def close(self) -> None:
        """Close the connections; those who follow come to an end."""
        ...
