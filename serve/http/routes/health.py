"""How the service is: alive, ready, and its metrics.

Why a part does not answer stands in the log.
"""

import asyncio
import logging
from collections.abc import Awaitable
from itertools import product
from typing import Literal, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel

from data.errors import NotMigrated, ServiceUnavailable
from data.records.tasks.standing import standing_of
from data.wire.import_result import Code, Params
from data.wire.task import TaskPriority, TaskStatus
from data.wording.described import Described
from data.wording.sentence import Sentence, say
from serve.http.auth import CurrentAdmin
from serve.http.bodies import JsonRoute, services_of
from serve.http.problems import Refusal
from serve.http.services import Services

LOG = logging.getLogger(__name__)
PATIENCE_S = 2.0
Told = TypeVar("Told")
Otherwise = TypeVar("Otherwise")
OPEN = {"security": list[str]()}
State = Literal["ready", "not_ready", "unknown"]

router = APIRouter(tags=["service"], route_class=JsonRoute)


class Alive(Described, BaseModel):
    """The process answers.

    Attributes:
        status: always `ok`.
    """

    status: Literal["ok"] = "ok"


class Reason(Described, BaseModel):
    """Why a part is not ready, and what to do; `code` and `params` say the same in another language.

    Attributes:
        part: the part that is not ready.
        code: what the detail says.
        params: the values in the detail.
        detail: why, and what to do, in English.
    """

    part: str
    code: Code
    params: Params
    detail: str


class Readiness(Described, BaseModel):
    """Whether requests can be met, and each part that this needs; `unknown` where nobody here can tell.

    `reasons` are given where somebody must act, such as for a database without tables.

    Attributes:
        status: whether requests can be met.
        parts: each part that this needs, by its name.
        reasons: what somebody must do; left out where nothing is to be done.
    """

    status: Literal["ready", "not_ready"]
    parts: dict[str, State]
    reasons: list[Reason] = []


@router.get("/healthz", summary="Alive", openapi_extra=OPEN)
async def alive() -> Alive:
    """The process answers; this asks nothing of any other part."""
    return Alive()


@router.get(
    "/readyz",
    summary="Ready",
    openapi_extra=OPEN,
    responses={503: {"model": Readiness, "description": "A part is not ready."}},
    response_model_exclude_defaults=True,
)
async def ready(request: Request, response: Response) -> Readiness:
    """Database, queue and workers answer, and the tables are those of this version; 503 with the part that is not."""
    states = await _states(services_of(request))
    parts: dict[str, State] = {
        name: "not_ready" if isinstance(state, Sentence) else state for name, state in states.items()
    }
    if "not_ready" not in parts.values():
        return Readiness(status="ready", parts=parts)
    response.status_code = 503
    response.headers["Retry-After"] = "2"
    reasons = [_reason(name, state) for name, state in states.items() if isinstance(state, Sentence)]
    return Readiness(status="not_ready", parts=parts, reasons=reasons)


@router.get(
    "/metrics",
    summary="Metrics",
    response_class=PlainTextResponse,
    responses={200: {"description": "Series as Prometheus reads them."}},
)
async def metrics(admin: CurrentAdmin, request: Request) -> Response:
    """Requests, tasks, attempts, tokens and batches of every replica, and the queue, as Prometheus reads them.

    For administrators' keys of the operator's own organisation, which is the oldest one. One scrape of any replica
    tells all, each series with its process.
    """
    services = services_of(request)
    organisations = await services.accounts.organisations()
    if admin.organisation_id != organisations[0].id:
        raise Refusal(403, say("operator_needed"))
    shared = await _shared(services)
    try:
        text = await asyncio.wait_for(services.figures.of_all(shared), PATIENCE_S)
    except (ServiceUnavailable, TimeoutError) as error:
        LOG.warning("the other processes' figures cannot be read: %s", error)
        text = generate_latest(services.figures.registry) + generate_latest(shared)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _reason(part: str, said: Sentence) -> Reason:
    return Reason(part=part, code=said.code, params=said.params, detail=str(said))


async def _states(services: Services) -> dict[str, State | Sentence]:
    checks = {"database": services.database.ping(), "queue": services.queue.ping()}
    # Side by side: readiness takes no longer than the slowest part.
    answers = await asyncio.gather(*(_state(name, check) for name, check in checks.items()))
    states: dict[str, State | Sentence] = dict(zip(checks, answers, strict=True))
    if services.are_workers_ready is None:
        return {**states, "workers": "unknown"}
    return {**states, "workers": "ready" if await services.are_workers_ready() else "not_ready"}


async def _state(name: str, check: Awaitable[None]) -> State | Sentence:
    """How a part is; a sentence where somebody must act."""
    try:
        await asyncio.wait_for(check, PATIENCE_S)
    except (ServiceUnavailable, TimeoutError) as error:
        LOG.warning("the %s does not answer: %s", name, error)
        return error.said if isinstance(error, NotMigrated) else "not_ready"
    return "ready"


async def _shared(services: Services) -> CollectorRegistry:
    """What all processes share: the queue and the records of tasks."""
    registry = CollectorRegistry()
    backlog = Gauge("debt_optimizer_queue_backlog", "Tasks waiting or being worked on.", registry=registry)
    oldest = Gauge("debt_optimizer_queue_oldest_seconds", "How long the oldest task has waited.", registry=registry)
    now = Gauge("debt_optimizer_tasks_now", "Unfinished tasks.", ("priority", "status"), registry=registry)
    # Not 0: a queue that does not answer need not be empty.
    backlog.set(await _or_nothing("queue", services.queue.backlog(), float("nan")))
    standing = await _or_nothing("database", standing_of(services.database), None)
    if standing is None:
        oldest.set(float("nan"))
        return registry
    waiting = [part.oldest for part in standing if part.status is TaskStatus.PENDING]
    oldest.set((services.now() - min(waiting)).total_seconds() if waiting else 0)
    for priority, status in product(TaskPriority, (TaskStatus.PENDING, TaskStatus.PROCESSING)):
        found = [part.number for part in standing if (part.priority, part.status) == (priority, status)]
        now.labels(priority.value, status.value).set(sum(found))
    return registry


async def _or_nothing(name: str, asked: Awaitable[Told], nothing: Otherwise) -> Told | Otherwise:
    try:
        return await asyncio.wait_for(asked, PATIENCE_S)
    except (ServiceUnavailable, TimeoutError) as error:
        LOG.warning("the %s does not answer: %s", name, error)
        return nothing
