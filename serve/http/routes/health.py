"""How the service is: alive, ready, and its metrics.

Why a part does not answer stands in the log.
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from pydantic import BaseModel

from data.errors import ServiceUnavailable
from data.wording.sentence import say
from serve.http.auth import CurrentAdmin
from serve.http.bodies import JsonRoute, services_of
from serve.http.edge import Metrics
from serve.http.problems import Refusal
from serve.http.services import Services

LOG = logging.getLogger(__name__)
PATIENCE_S = 2.0
OPEN = {"security": list[str]()}

router = APIRouter(tags=["service"], route_class=JsonRoute)


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Whether requests can be met, and each part that this needs; `unknown` where nobody here can tell."""

    status: Literal["ready", "not_ready"]
    parts: dict[str, Literal["ready", "not_ready", "unknown"]]


@router.get("/healthz", summary="Alive", openapi_extra=OPEN)
async def alive() -> Alive:
    """The process answers; this asks nothing of any other part."""
    return Alive()


@router.get("/readyz", summary="Ready", openapi_extra=OPEN, responses={503: {"model": Readiness}})
async def ready(request: Request, response: Response) -> Readiness:
    """Database, queue and workers answer; 503 with the part that does not."""
    parts = await _parts(services_of(request))
    if "not_ready" in parts.values():
        response.status_code = 503
        response.headers["Retry-After"] = "2"
        return Readiness(status="not_ready", parts=parts)
    return Readiness(status="ready", parts=parts)


@router.get("/metrics", summary="Metrics", response_class=PlainTextResponse)
async def metrics(admin: CurrentAdmin, request: Request) -> Response:
    """Requests and latencies by route, and the queue's backlog, as Prometheus reads them.

    They tell of all organisations: for administrators' keys of the operator's own, which is the oldest one.
    """
    organisations = await services_of(request).accounts.organisations()
    if admin.organisation_id != organisations[0].id:
        raise Refusal(403, say("operator_needed"))
    measured: Metrics = request.app.state.metrics
    await _measure_backlog(measured.backlog, services_of(request))
    return Response(generate_latest(measured.registry), media_type=CONTENT_TYPE_LATEST)


async def _parts(services: Services) -> dict[str, Literal["ready", "not_ready", "unknown"]]:
    checks = {"database": services.database.ping(), "queue": services.queue.ping()}
    # Side by side: readiness takes no longer than the slowest part.
    answers = await asyncio.gather(*(_does_answer(name, check) for name, check in checks.items()))
    parts: dict[str, Literal["ready", "not_ready", "unknown"]] = {}
    for name, is_ready in zip(checks, answers, strict=True):
        parts[name] = "ready" if is_ready else "not_ready"
    if services.are_workers_ready is None:
        return {**parts, "workers": "unknown"}
    return {**parts, "workers": "ready" if await services.are_workers_ready() else "not_ready"}


async def _does_answer(name: str, check: Awaitable[None]) -> bool:
    try:
        await asyncio.wait_for(check, PATIENCE_S)
    except (ServiceUnavailable, TimeoutError) as error:
        LOG.warning("the %s does not answer: %s", name, error)
        return False
    return True


async def _measure_backlog(gauge: Gauge, services: Services) -> None:
    try:
        gauge.set(await asyncio.wait_for(services.queue.backlog(), PATIENCE_S))
    except (ServiceUnavailable, TimeoutError):
        # Not 0: a queue that does not answer need not be empty.
        gauge.set(float("nan"))
