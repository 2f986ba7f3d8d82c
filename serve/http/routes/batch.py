"""A CSV of many portfolios in one run: taken to disk, worked on in the background, its results fetched when whole.

Knows nothing of Ray or of who works on it; an accepted batch is a file and a row.
"""

import filecmp
import logging
import shutil
from collections.abc import Awaitable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from data.answers.plan import Strategy
from data.channels.token_stream.tape import check_id
from data.errors import BadInput, Conflict, FieldError, ServiceUnavailable
from data.ident import new_id
from data.records.batches.batch import Batch
from data.records.batches.batch_store import NewBatch
from data.wire.batch import BatchStatus, BatchView
from data.wire.event import EventType, NewEvent
from data.wording.sentence import say
from serve.batches.files.folder import BatchFolder, input_of
from serve.batches.files.source import look_at
from serve.batches.strategies import strategies_named
from serve.http.auth import CurrentCaller
from serve.http.batch_events import ENDS, end_of, events_of
from serve.http.bodies import JsonRoute, services_of
from serve.http.pages import Cursor, IdempotencyKey, Limit, Page
from serve.http.path_ids import Id
from serve.http.services import Services
from serve.http.sse import SSE, After, EventStream, LastEventId, as_sse
from serve.http.upload import receive, tidy_name

LOG = logging.getLogger(__name__)
CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
UNNAMED = "batch.csv"
OBJECTIVE = "total_paid"
STRATEGIES = (
    "The names of strategies with commas between; without, all orders but custom. The optimal plan takes up to 1 s a "
    "portfolio."
)
FILE = {
    "schema": {
        "type": "string",
        "format": "binary",
        "description": "A CSV of many portfolios, each one's rows together.",
    }
}
FORM = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": FILE["schema"],
            "strategies": {"type": "string", "description": STRATEGIES},
            "objective": {"type": "string", "const": OBJECTIVE, "description": "What the optimal plan makes least."},
        },
    }
}
TABLE = {"schema": {"type": "string", "format": "binary"}}
BODY = {"required": True, "content": {"text/csv": FILE, "multipart/form-data": FORM}}


class BatchRoute(JsonRoute):
    """A route that takes a file of any size that the setting allows."""

    limit_setting = "batch_limit_bytes"


router = APIRouter(prefix="/v1/batches", tags=["batches"], route_class=BatchRoute)


class Choices(BaseModel):
    """What to do with the file, in the address; a form may say it in its fields instead."""

    strategies: Annotated[
        str | None,
        Field(
            max_length=300,
            description=STRATEGIES,
        ),
    ] = None
    objective: Annotated[
        str | None, Field(max_length=40, description="What the optimal plan makes least: `total_paid`.")
    ] = None
    name: Annotated[str | None, Field(max_length=255, description="The file's name, if the body does not tell it.")] = (
        None
    )


@router.post("", status_code=202, summary="Start a batch", openapi_extra={"requestBody": BODY})
async def create_batch(
    caller: CurrentCaller,
    request: Request,
    response: Response,
    choices: Annotated[Choices, Query()],
    idempotency_key: IdempotencyKey = None,
) -> BatchView:
    """Take a CSV of portfolios, each one's rows together; accepted means never lost."""
    services, batch_id = services_of(request), new_id()
    # A wrong choice is refused before the file is received.
    _choices(choices.strategies, choices.objective)
    content = input_of(services.settings.batches_dir / batch_id)
    content.parent.mkdir(parents=True)
    # Whatever fails until the file has been checked takes the folder with it.
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, content.parent, ignore_errors=True)
        upload = await receive(request, content)
        said = {"strategies": choices.strategies, "objective": choices.objective} | upload.fields
        chosen = _choices(said["strategies"], said["objective"])
        await run_in_threadpool(look_at, content)
        undo.pop_all()
    new = NewBatch(
        id=batch_id,
        organisation_id=caller.organisation_id,
        key_id=caller.key_id,
        file_name=tidy_name(choices.name or "") or upload.file_name or UNNAMED,
        strategies=chosen,
        bytes_total=upload.size,
        idempotency_key=idempotency_key,
    )
    batch = await _recorded(new, services)
    response.headers["Location"] = f"/v1/batches/{batch.id}"
    return batch.view()


@router.get("", summary="List batches")
async def list_batches(
    caller: CurrentCaller,
    request: Request,
    *,
    status: Annotated[BatchStatus | None, Query(description="Only those that stand there.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[BatchView]:
    """The organisation's batches, newest first."""
    batches, following = await services_of(request).batches.list(
        caller.organisation_id, status=status, cursor=cursor, limit=limit
    )
    return Page(items=[batch.view() for batch in batches], next=following)


@router.get("/{batch_id}", summary="Read a batch")
async def read_batch(batch_id: Id, caller: CurrentCaller, request: Request) -> BatchView:
    """Where it stands: progress in percent, rows, portfolios and rejects so far."""
    batch = await services_of(request).batches.get(batch_id, caller.organisation_id)
    return batch.view()


@router.post("/{batch_id}/cancel", status_code=202, summary="Cancel a batch")
async def cancel_batch(batch_id: Id, caller: CurrentCaller, request: Request) -> BatchView:
    """Ask it to stop: a waiting one is cancelled at once, a running one within 2 seconds; what is done is kept."""
    services = services_of(request)
    batch = await services.batches.request_cancel(batch_id, caller.organisation_id)
    # A running batch tells its own end; of a waiting one nobody else would.
    if batch.status == BatchStatus.CANCELLED:
        event = NewEvent(type=EventType.CANCELLED, task_id=batch.id, attempt=batch.attempt, at=services.now())
        await _told(services.stream.append(event), batch)
    return batch.view()


@router.post("/{batch_id}/resume", status_code=202, summary="Go on with a batch")
async def resume_batch(batch_id: Id, caller: CurrentCaller, request: Request) -> BatchView:
    """Let a failed or cancelled batch go on from the parts that are done."""
    services = services_of(request)
    batch = await services.batches.resume(batch_id, caller.organisation_id)
    await _told(services.stream.reopen(batch.id), batch)
    return batch.view()


@router.delete("/{batch_id}", status_code=204, summary="Delete a batch")
async def delete_batch(batch_id: Id, caller: CurrentCaller, request: Request) -> None:
    """Erase its file, its results and its record, for good; one that runs is stopped first."""
    await services_of(request).eraser.batch(batch_id, caller.organisation_id)


@router.get(
    "/{batch_id}/events",
    summary="Follow a batch",
    response_class=Response,
    responses={200: {"content": SSE, "description": "Server-sent events, to the final one."}},
)
async def follow_batch(
    batch_id: Id, caller: CurrentCaller, request: Request, after: After = None, last_event_id: LastEventId = None
) -> Response:
    """Its progress as it comes, then its end; come back with the last id you have seen and go on after it.

    Closing the connection does not cancel the batch.
    """
    services, after = services_of(request), last_event_id or after or None
    check_id(after)
    batch = await services.batches.get(batch_id, caller.organisation_id)
    # On 204 a browser's EventSource stops coming back.
    if batch.status in ENDS and after is not None and _place(after) >= _place(end_of(batch).id):
        return Response(status_code=204)
    return EventStream(as_sse(events_of(batch, services.batches, services.stream, after)))


@router.get(
    "/{batch_id}/results",
    summary="Fetch the results",
    response_class=FileResponse,
    responses={200: {"content": {CSV: TABLE, PARQUET: TABLE}, "description": "One row a portfolio."}},
)
async def read_results(
    batch_id: Id,
    caller: CurrentCaller,
    request: Request,
    *,
    format: Annotated[
        Literal["csv", "parquet"] | None, Query(description="What to answer; CSV if nothing says.")
    ] = None,
) -> FileResponse:
    """One row a portfolio, as CSV, or as Parquet by `?format=parquet` or an `Accept` of that type."""
    batch, folder = await _whole(batch_id, caller.organisation_id, services_of(request))
    stem = Path(batch.file_name).stem
    if format == "parquet" or (format is None and PARQUET in request.headers.get("accept", "")):
        strategies = [Strategy(name) for name in batch.strategies]
        # A tenth of a replica's memory, which few need.
        from serve.batches.parquet import results_as_parquet  # noqa: PLC0415

        path = await run_in_threadpool(results_as_parquet, folder.results, strategies)
        return FileResponse(path, media_type=PARQUET, filename=f"{stem}-results.parquet")
    return FileResponse(folder.results, media_type=CSV, filename=f"{stem}-results.csv")


@router.get(
    "/{batch_id}/rejects",
    summary="Fetch the rejects",
    response_class=FileResponse,
    responses={200: {"content": {CSV: TABLE}, "description": "One row a row that is in no result."}},
)
async def read_rejects(batch_id: Id, caller: CurrentCaller, request: Request) -> FileResponse:
    """Every row that is in no result, as CSV: its number in the file, the column, the value and the reason."""
    batch, folder = await _whole(batch_id, caller.organisation_id, services_of(request))
    return FileResponse(folder.rejects, media_type=CSV, filename=f"{Path(batch.file_name).stem}-rejects.csv")


def _choices(strategies: str | None, objective: str | None) -> tuple[Strategy, ...]:
    """The strategies to compare.

    Raises:
        BadInput: there is no such strategy, or no such objective.
    """
    if objective not in (None, "", OBJECTIVE):
        wrong = FieldError("objective", say("batch_objective", objective=OBJECTIVE), objective)
        raise BadInput(say("no_such_objective", objective=objective), [wrong])
    return strategies_named(strategies)


async def _recorded(new: NewBatch, services: Services) -> Batch:
    """The batch's record; with an idempotency key seen before, the earlier batch if it is of the same file.

    Raises:
        Conflict: the key was used for another file, or with other strategies.
    """
    batch = await services.batches.add(new)
    if batch.id == new.id:
        return batch
    # The key is known, perhaps for another file: only comparing them tells.
    folder = services.settings.batches_dir
    try:
        earlier, mine = input_of(folder / batch.id), input_of(folder / new.id)
        is_same = await run_in_threadpool(_is_same_file, earlier, mine)
    finally:
        shutil.rmtree(folder / new.id, ignore_errors=True)
    if not is_same or list(batch.strategies) != list(new.strategies):
        raise Conflict(say("key_reused_for_batch"))
    return batch


def _is_same_file(one: Path, other: Path) -> bool:
    # Byte by byte: size and time of two uploads prove nothing.
    return one.exists() and filecmp.cmp(one, other, shallow=False)


async def _whole(batch_id: str, organisation_id: str, services: Services) -> tuple[Batch, BatchFolder]:
    """A completed batch and where its files lie.

    Raises:
        NotFound: there is none of that id. Conflict: it is not complete.
    """
    batch = await services.batches.get(batch_id, organisation_id)
    if batch.status != BatchStatus.COMPLETED:
        raise Conflict(say("batch_not_complete", status=batch.status))
    return batch, BatchFolder(services.settings.batches_dir / batch.id)


async def _told(telling: Awaitable[Any], batch: Batch) -> None:
    """Tell those who follow; without the stream they learn it from the record."""
    try:
        await telling
    except ServiceUnavailable as error:
        LOG.warning("the stream of batch %s does not answer: %s", batch.id, error)


def _place(event_id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in event_id.split("-"))
