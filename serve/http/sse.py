"""Events as server-sent events: their lines, a sign of life between them, and an answer that ends with its reader."""

import asyncio
import json
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from time import monotonic
from typing import Annotated, Any

from fastapi import Header, Query, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from data.channels.patience import end
from data.wire.event import Event

HEARTBEAT_S = 15.0
HEARTBEAT = b": still here\n\n"
# nginx would otherwise hold events back to send them together.
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
SSE = {"text/event-stream": {"schema": {"type": "string"}}}

After = Annotated[str | None, Query(description="Only what comes after the event of this id.")]
LastEventId = Annotated[str | None, Header(description="The same, as browsers send it; it wins over `after`.")]


class EventStream(StreamingResponse):
    """A streamed answer that stops, and frees what it used, as soon as the reader is gone."""

    media_type = "text/event-stream"

    def __init__(self, lines: AsyncGenerator[bytes]) -> None:
        super().__init__(lines, headers=STREAM_HEADERS)
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end or until nobody reads."""
        await first_of(self._send(send), self.listen_for_disconnect(receive))

    async def _send(self, send: Send) -> None:
        async with aclosing(self._lines):
            await self.stream_response(send)


async def as_sse(groups: AsyncGenerator[list[Event]]) -> AsyncGenerator[bytes]:
    """Each event as its lines, and a comment where none comes for a while, so that nobody takes the line for dead.

    `groups` says that nothing has come by a group without events.
    """
    sent_at = monotonic()
    async with aclosing(groups):
        async for group in groups:
            if group or monotonic() - sent_at >= HEARTBEAT_S:
                # In one piece: what is sent costs by the piece.
                yield "".join(map(_lines, group)).encode() or HEARTBEAT
                sent_at = monotonic()


def _lines(event: Event) -> str:
    return f"id: {event.id}\nevent: {event.type.value}\ndata: {as_json(event)}\n\n"


def as_json(event: Event) -> str:
    """The event as one line of JSON, as it goes over the wire."""
    return json.dumps(event.wire(), ensure_ascii=False, separators=(",", ":"))


async def first_of(*work: Coroutine[Any, Any, None]) -> None:
    """Do all at once until one of them is through; the others are stopped and clean up before this returns."""
    running = [asyncio.create_task(part) for part in work]
    try:
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for part in running:
            await end(part)
    for part in running:
        error = None if part.cancelled() else part.exception()
        # A reader who leaves is no error.
        if error is not None and not isinstance(error, WebSocketDisconnect | OSError):
            raise error
