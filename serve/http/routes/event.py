"""A task's events over HTTP: by SSE and by WebSocket, resumable, and never longer than the reader stays.

A disconnect frees what the reader used and does nothing to the task. Knows nothing of where events come from.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from data.channels.patience import end
from data.channels.token_stream.stream import check_id
from data.errors import BadInput, NotFound, ServiceUnavailable
from data.records.task import FINISHED, AgentTask
from data.wire.event import Event
from serve.http.auth import CurrentCaller, accept
from serve.http.bodies import JsonRoute, services_of
from serve.http.path_ids import Id, possible_id
from serve.http.services import Services
from serve.tasks.task_events import TaskReader, with_pauses

HEARTBEAT_S = 15.0
LOOK_S = 4.0  # how long the stream may be silent before the record is asked
HEARTBEAT = b": still here\n\n"
NOT_FOUND, BAD_REQUEST, TRY_AGAIN = 4404, 4422, 1013
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

router = APIRouter(prefix="/v1/tasks", tags=["events"], route_class=JsonRoute)

After = Annotated[str | None, Query(description="Only what comes after the event of this id.")]
LastEventId = Annotated[str | None, Header(description="The same, as browsers send it; it wins over `after`.")]
EXAMPLE = 'id: 1764950400000-0\nevent: chunk\ndata: {"type": "chunk", "text": "Your"}\n\n'
SSE = {"text/event-stream": {"example": EXAMPLE}}


@router.get(
    "/{task_id}/events",
    summary="Follow a task",
    response_class=Response,
    responses={
        200: {"content": SSE, "description": "Server-sent events, to the final one."},
        204: {"description": "You have seen the end."},
    },
)
async def follow_task(
    task_id: Id,
    caller: CurrentCaller,
    request: Request,
    after: After = None,
    last_event_id: LastEventId = None,
) -> Response:
    """A task's events as they arrive; come back with the last id you have seen and go on after it.

    Closing the connection does not cancel the task.
    """
    services = services_of(request)
    after = last_event_id or after or None
    check_id(after)
    task = await services.tasks.get(task_id, caller.organisation_id)
    reader = _reader(services, task, after)
    if task.status not in FINISHED:
        return EventStream(_as_sse(reader.of_running()))
    unseen = await reader.of_finished()
    return EventStream(_as_sse(_one_by_one(unseen))) if unseen else Response(status_code=204)


@router.websocket("/{task_id}/ws")
async def follow_task_by_socket(socket: WebSocket, task_id: str) -> None:
    """The same events as JSON messages; closes 1000 after the final one."""
    services: Services = socket.app.state.services
    await accept(socket)
    try:
        after = socket.query_params.get("after") or None
        check_id(after)
        task = await services.tasks.get(possible_id(task_id), socket.state.caller.organisation_id)
    except BadInput as error:
        await socket.close(BAD_REQUEST, error.message)
    except NotFound:
        await socket.close(NOT_FOUND, "There is no such task.")
    except ServiceUnavailable:
        await socket.close(TRY_AGAIN, "Try again in a moment.")
    else:
        await _send_while_there(socket, _all_of(_reader(services, task, after)))


class EventStream(StreamingResponse):
    """A streamed answer that stops, and frees what it used, as soon as the reader is gone."""

    media_type = "text/event-stream"

    def __init__(self, lines: AsyncGenerator[bytes]) -> None:
        super().__init__(lines, headers=STREAM_HEADERS)
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end or until nobody reads."""
        await _first_of(self._send(send), self.listen_for_disconnect(receive))

    async def _send(self, send: Send) -> None:
        async with aclosing(self._lines):
            await self.stream_response(send)


def _reader(services: Services, task: AgentTask, after: str | None) -> TaskReader:
    return TaskReader(services.tasks, services.stream, task, after, LOOK_S)


async def _all_of(reader: TaskReader) -> AsyncGenerator[Event]:
    is_finished = reader.task.status in FINISHED
    async with aclosing(_one_by_one(await reader.of_finished()) if is_finished else reader.of_running()) as events:
        async for event in events:
            yield event


async def _one_by_one(events: list[Event]) -> AsyncGenerator[Event]:
    for event in events:
        yield event


async def _as_sse(events: AsyncIterator[Event]) -> AsyncGenerator[bytes]:
    async with aclosing(with_pauses(events, HEARTBEAT_S)) as paused:
        async for event in paused:
            if event is None:
                yield HEARTBEAT
            else:
                yield f"id: {event.id}\nevent: {event.type.value}\ndata: {_as_json(event)}\n\n".encode()


def _as_json(event: Event) -> str:
    return json.dumps(event.wire(), ensure_ascii=False, separators=(",", ":"))


async def _send_while_there(socket: WebSocket, events: AsyncGenerator[Event]) -> None:
    async def send() -> None:
        async with aclosing(events):
            async for event in events:
                await socket.send_text(_as_json(event))
        await socket.close()

    async def listen() -> None:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass

    await _first_of(send(), listen())


async def _first_of(*work: Coroutine[Any, Any, None]) -> None:
    """Do all at once until one of them is through; the others are stopped and clean up before this returns."""
    running = [asyncio.create_task(part) for part in work]
    try:
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for part in running:
            await end(part)
    for part in running:
        error = None if part.cancelled() else part.exception()
        if error is not None and not isinstance(error, WebSocketDisconnect | OSError):
            raise error
