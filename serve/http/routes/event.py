"""A task's events over HTTP: by SSE and by WebSocket, resumable, and never longer than the reader stays.

A disconnect frees what the reader used and does nothing to the task.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, Request, Response, WebSocket

from data.channels.token_stream.tape import check_id
from data.errors import BadInput, NotFound, ServiceUnavailable
from data.records.tasks.task import AgentTask
from data.wire.access import Scope
from data.wire.event import Event
from data.wire.task import FINISHED
from serve.http.auth import CurrentCaller, accept, is_permitted
from serve.http.bodies import JsonRoute, services_of
from serve.http.path_ids import Id, possible_id
from serve.http.services import Services
from serve.http.sse import SSE, After, EventStream, LastEventId, as_json, as_sse, first_of
from serve.tasks.task_events import TaskReader

LOOK_S = 4.0  # how long the stream may be silent before the record is asked
NOT_FOUND, BAD_REQUEST, TRY_AGAIN = 4404, 4422, 1013

router = APIRouter(prefix="/v1/tasks", tags=["events"], route_class=JsonRoute)


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
        return EventStream(as_sse(reader.of_running()))
    unseen = await reader.of_finished()
    return EventStream(as_sse(_at_once(unseen))) if unseen else Response(status_code=204)


@router.websocket("/{task_id}/ws")
async def follow_task_by_socket(socket: WebSocket, task_id: str) -> None:
    """The same events as JSON messages; closes 1000 after the final one."""
    services: Services = socket.app.state.services
    # Accepted before anything is checked: only an open socket can be closed with a reason.
    await accept(socket)
    if not await is_permitted(socket, Scope.TASKS_READ):
        return
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
        services.trail.request(socket, f"{router.prefix}/{{task_id}}/ws")
        await _send_while_there(socket, _all_of(_reader(services, task, after)))


def _reader(services: Services, task: AgentTask, after: str | None) -> TaskReader:
    return TaskReader(services.tasks, services.stream, task, after, LOOK_S)


async def _all_of(reader: TaskReader) -> AsyncGenerator[list[Event]]:
    is_finished = reader.task.status in FINISHED
    async with aclosing(_at_once(await reader.of_finished()) if is_finished else reader.of_running()) as groups:
        async for group in groups:
            yield group


async def _at_once(events: list[Event]) -> AsyncGenerator[list[Event]]:
    yield events


async def _send_while_there(socket: WebSocket, groups: AsyncGenerator[list[Event]]) -> None:
    async def send() -> None:
        async with aclosing(groups):
            async for group in groups:
                for event in group:
                    await socket.send_text(as_json(event))
        await socket.close()

    async def listen() -> None:
        # Receiving is the only way to notice that the reader has gone.
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass

    # Whichever comes first: nothing more to send, or nobody there.
    await first_of(send(), listen())
