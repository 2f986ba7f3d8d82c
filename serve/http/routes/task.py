"""Questions to an agent: accepted at once, answered in the background.

Knows nothing of workers or models; an accepted task is a row, and the queue only makes it sooner.
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, Field

from data.channels.task_queue.queue import Line
from data.errors import BadInput, BadSetting, FieldError, LostClaim, ServiceUnavailable
from data.portfolio.portfolio import Portfolio
from data.records.tasks.task import AgentTask
from data.wire.event import EventType, NewEvent
from data.wire.task import NewTask, TaskPriority, TaskState, TaskStatus, TaskType, TaskView
from data.wording.described import Described
from data.wording.sentence import say
from serve.http.auth import CurrentCaller
from serve.http.bodies import JsonRoute, services_of
from serve.http.bounds.backlog import Backlog
from serve.http.described import examples
from serve.http.pages import IdempotencyKey, Page, PageQuery
from serve.http.path_ids import Id
from serve.http.plan_questions import paths_in_body
from serve.http.services import Services

PATIENCE_S = 2.0
LOG = logging.getLogger(__name__)
router = APIRouter(prefix="/v1/tasks", tags=["tasks"], route_class=JsonRoute)


class Accepted(Described, BaseModel):
    """A task that will be worked on; its record and its events stand under its id.

    Attributes:
        id: its id.
        status: where it stands.
    """

    id: str
    status: TaskStatus


class TaskQuery(PageQuery):
    """Which tasks."""

    status: Annotated[TaskStatus | None, Field(description="Only those that stand there.")] = None
    type: Annotated[TaskType | None, Field(description="Only those of this type.")] = None


@router.post("", status_code=202, summary="Ask an agent")
async def create_task(
    new: Annotated[NewTask, Body(openapi_examples=examples.TASK)],
    caller: CurrentCaller,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Accepted:
    """Accept a question about a portfolio, or a general one; accepted means never lost."""
    services = services_of(request)
    # An unknown model is refused now, not later in the background.
    _refuse_unknown_model(new, services)
    resolved = await _with_portfolio(new, caller.organisation_id, services)
    await _refuse_if_full(request, caller.organisation_id)
    task = await services.tasks.add(
        resolved.model_dump(mode="json"),
        organisation_id=caller.organisation_id,
        key_id=caller.key_id,
        idempotency_key=idempotency_key,
        sent=new.model_dump(mode="json"),
        traceparent=services.traceparent,
    )
    return await _queued(task, services, response)


@router.get("", summary="List tasks", response_model_exclude={"items": {"__all__": {"request", "result"}}})
async def list_tasks(caller: CurrentCaller, request: Request, query: Annotated[TaskQuery, Query()]) -> Page[TaskView]:
    """The organisation's tasks, newest first, without what was asked and answered."""
    tasks, following = await services_of(request).tasks.list(
        caller.organisation_id, status=query.status, type=query.type, cursor=query.cursor, limit=query.limit
    )
    return Page(items=[task.view(whole=False) for task in tasks], next=following)


@router.get("/{task_id}", summary="Read a task")
async def read_task(task_id: Id, caller: CurrentCaller, request: Request) -> TaskView:
    """The whole record: what was asked, where it stands, what was answered."""
    task = await services_of(request).tasks.get(task_id, caller.organisation_id)
    return task.view(whole=True)


@router.get("/{task_id}/status", summary="Where a task stands")
async def read_status(task_id: Id, caller: CurrentCaller, request: Request) -> TaskState:
    """The short form, cheap to ask for."""
    task = await services_of(request).tasks.get(task_id, caller.organisation_id)
    return TaskState(status=TaskStatus(task.status), progress=task.progress, stage=task.stage, attempt=task.attempt)


@router.post("/{task_id}/cancel", status_code=202, summary="Cancel a task")
async def cancel_task(task_id: Id, caller: CurrentCaller, request: Request) -> Accepted:
    """Ask a task to stop: one that waits is cancelled at once, one that runs within 2 seconds."""
    services = services_of(request)
    task = await services.tasks.request_cancel(task_id, caller.organisation_id)
    if task.status == TaskStatus.CANCELLED:
        await _tell(services.stream.append(_cancelled(task, services)), task)
    return Accepted(id=task.id, status=TaskStatus(task.status))


@router.post("/{task_id}/retry", status_code=202, summary="Try a task again")
async def retry_task(task_id: Id, caller: CurrentCaller, request: Request, response: Response) -> Accepted:
    """Put a failed or cancelled task back; finished steps are not repeated."""
    services = services_of(request)
    await _refuse_if_full(request, caller.organisation_id)
    task = await services.tasks.retry(task_id, caller.organisation_id, services.traceparent)
    # Otherwise readers who come before the new attempt begins would be shown the old end.
    await _tell(services.stream.reopen(task.id), task)
    return await _queued(task, services, response)


@router.delete("/{task_id}", status_code=204, summary="Delete a task")
async def delete_task(task_id: Id, caller: CurrentCaller, request: Request) -> None:
    """Erase what was asked, each step and what was answered, for good; one that runs is stopped first."""
    await services_of(request).eraser.task(task_id, caller.organisation_id)


async def _refuse_if_full(request: Request, organisation_id: str) -> None:
    backlog: Backlog = request.app.state.backlog
    settings = services_of(request).settings
    most, most_of_one = settings.queue_limit, settings.queue_limit_organisation
    await backlog.refuse_if_full(organisation_id, most=most, most_of_one=most_of_one)


def _refuse_unknown_model(new: NewTask, services: Services) -> None:
    if new.model is None:
        return
    try:
        services.models.check(new.model)
    except BadSetting as error:
        wrong = FieldError("model", error.said, new.model)
        raise BadInput(say("model_not_offered", said=error.said), [wrong]) from None


async def _with_portfolio(new: NewTask, organisation_id: str, services: Services) -> NewTask:
    """The task with its portfolio in it, starting this month where it names no start."""
    portfolio = new.portfolio
    if new.portfolio_id is not None:
        saved = await services.portfolios.get(new.portfolio_id, organisation_id)
        portfolio = Portfolio.model_validate(saved.content)
    if portfolio is None:
        return new
    with paths_in_body():
        starting = portfolio.starting(services.now().strftime("%Y-%m"))
    return new.model_copy(update={"portfolio": starting, "portfolio_id": None})


async def _queued(task: AgentTask, services: Services, response: Response) -> Accepted:
    """Hand the id to the queue; if that fails the task is still accepted, and the reconciler queues it later."""
    if task.status == TaskStatus.PENDING:
        try:
            # Bounded: the row is written, so the caller need not wait for the queue.
            line = Line(task.organisation_id, task.key_id, TaskPriority(task.priority))
            await asyncio.wait_for(services.queue.put(task.id, line), PATIENCE_S)
        except (ServiceUnavailable, TimeoutError) as error:
            LOG.warning("task %s waits for the reconciler: %r", task.id, error)
    response.headers["Location"] = f"/v1/tasks/{task.id}"
    return Accepted(id=task.id, status=TaskStatus(task.status))


def _cancelled(task: AgentTask, services: Services) -> NewEvent:
    return NewEvent(type=EventType.CANCELLED, task_id=task.id, attempt=task.attempt, at=services.now())


async def _tell(telling: Awaitable[object], task: AgentTask) -> None:
    """Let those who follow know; without the stream they learn it from the record."""
    try:
        await asyncio.wait_for(telling, PATIENCE_S)
    except (LostClaim, ServiceUnavailable, TimeoutError) as error:
        LOG.warning("readers of task %s learn from its record that it is %s: %r", task.id, task.status, error)
