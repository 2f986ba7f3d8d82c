"""The FastAPI factory: every route, behind the edge, the keys and the problem documents.

Knows nothing of Ray; `serve/deployments.py` hosts what is built here, tests call it in the same process.
"""

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.telemetry import TelemetryConfig

from serve.http.access.known_keys import KnownKeys
from serve.http.auth import Authentication
from serve.http.bounds.backlog import Backlog
from serve.http.bounds.first_come import FirstCome
from serve.http.bounds.open_streams import OpenStreams
from serve.http.bounds.rate_limits import RateLimits, WrongKeys
from serve.http.described.docs_page import HEADERS, docs_page
from serve.http.edge import Edge
from serve.http.problems import MEDIA_TYPE, Problem, install_problems
from serve.http.routes import batch as batch_routes
from serve.http.routes import event as event_routes
from serve.http.routes import health as health_routes
from serve.http.routes import import_ as import_routes
from serve.http.routes import issuer as issuer_routes
from serve.http.routes import measure as measure_routes
from serve.http.routes import model as model_routes
from serve.http.routes import plan as plan_routes
from serve.http.routes import portfolio as portfolio_routes
from serve.http.routes import risk as risk_routes
from serve.http.routes import task as task_routes
from serve.http.routes import what_if as what_if_routes
from serve.http.routes.accounts import audit as audit_routes
from serve.http.routes.accounts import key as key_routes
from serve.http.routes.accounts import organisation as organisation_routes
from serve.http.routes.accounts import user as user_routes
from serve.http.services import Services

DESCRIPTION = """\
What a client should pay, to whom, in which month; what it saves; the proof; and an explanation a client understands.

Send your key with every request: `Authorization: Bearer <key>`. Amounts are decimal strings in the portfolio's \
currency, rates are fractions (`0.2499`), months are `2027-05`, times are UTC.

Every error is an `application/problem+json` document (RFC 9457) that names each wrong field by its path, with a \
`trace_id` to report it by. Lists are `{"items": […], "next": cursor}`: send `?cursor=` to go on. Send an \
`Idempotency-Key` with a POST that makes a task, a portfolio, a batch or a key, and repeating it never makes a second \
one."""

EVENTS = """\
A task's progress and text as they arrive: by SSE as below, or as JSON messages over `WS /v1/tasks/{task_id}/ws`, with \
`?after=` to go on after an event's id. A socket takes the key as a header or, where a browser cannot set one, as the \
subprotocol `bearer.<key>` (offer `debt-optimizer` beside it: that one is then selected). It closes with 1000 at the \
end, 4401 without a valid key, 4403 where the key may not read tasks, 4404 where there is no such task, 4422 \
where `after` is no event's id, 4429 where too much is asked at once, 1013 to come back.

Kinds of event: `message`, `thinking`, `typing`, `tool_call`, `tool_result`, `chunk` {text}, \
`progress` {percent, stage}, `restart` (drop the text so far), `reset` {text} (replace the text so far), and at the \
end one of `complete` {result}, `failed` {error}, `cancelled`."""

KEYS = """\
The API keys of one's organisation. A key has a role: a `viewer` reads, an `analyst` also makes and changes, an \
`admin` also manages keys and people. Scopes narrow it: `plans:read` (all that is reckoned and not kept), and `:read` \
or `:write` of `portfolios`, `tasks`, `batches` and `admin`; who may write may read. A request beyond them answers \
403 and names what is missing; an expired key answers 401."""

TAGS = [
    {"name": "plans", "description": "Quick questions, answered at once by the planner."},
    {"name": "portfolios", "description": "Reading files of debts, and keeping portfolios in versions."},
    {"name": "tasks", "description": "Questions to an agent: accepted at once, run in the background, never lost."},
    {"name": "events", "description": EVENTS},
    {"name": "batches", "description": "A CSV of many portfolios in one run."},
    {"name": "organisation", "description": "How long one's organisation keeps what."},
    {"name": "keys", "description": KEYS},
    {"name": "users", "description": "The people of one's organisation."},
    {"name": "audit", "description": "Who did what in one's organisation."},
    {"name": "service", "description": "What runs and how it is."},
]
ROUTERS = (
    plan_routes.router,
    what_if_routes.router,
    measure_routes.router,
    risk_routes.router,
    import_routes.router,
    portfolio_routes.router,
    issuer_routes.router,
    task_routes.router,
    event_routes.router,
    batch_routes.router,
    key_routes.router,
    organisation_routes.router,
    user_routes.router,
    audit_routes.router,
    model_routes.router,
    health_routes.router,
)
NOTHING_TRACED = TelemetryConfig(tracing=False, metrics=False, logs=False)  # metrics and logs are the edge's
PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
REFUSED = {"description": "The request cannot be met as it is.", "content": PROBLEM}
FAILED = {"description": "A part of the service does not answer; nothing is lost.", "content": PROBLEM}
BEARER_KEY = (
    "An API key, made by `debt-optimizer keys create`, or an access token of the identity provider, if one is set."
)
BEARER = {"type": "http", "scheme": "bearer", "description": BEARER_KEY}


def build_api(services: Services) -> FastAPI:
    """The application over these parts; the caller opens and closes them."""
    app = FastAPI(
        title="DebtOptimizer",
        version=version("debt-optimizer"),
        description=DESCRIPTION,
        openapi_tags=TAGS,
        # A redirect would drop the body and the key of a request on its way.
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        telemetry=NOTHING_TRACED if services.traces is None else services.traces.of_requests,
        responses={"4XX": REFUSED, "5XX": FAILED},
    )
    app.state.services = services
    app.state.keys = KnownKeys(services.accounts, services.behind, services.tokens)
    app.state.backlog = Backlog(services.tasks)
    install_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    _add_docs(app)
    # The edge comes last and so stands outermost: it also logs and counts what authentication refuses.
    app.add_middleware(OpenStreams, services=services)
    app.add_middleware(RateLimits, services=services)
    app.add_middleware(Authentication, keys=app.state.keys, trail=services.trail)
    app.add_middleware(WrongKeys, services=services)
    app.add_middleware(FirstCome)
    app.add_middleware(Edge, metrics=services.figures.requests, traces=services.traces)
    return app


def _add_docs(app: FastAPI) -> None:
    describe = app.openapi

    def described() -> dict[str, Any]:
        # FastAPI builds the description anew otherwise, at each request.
        if app.openapi_schema is None:
            app.openapi_schema = _completed(describe())
        return app.openapi_schema

    async def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()), headers=HEADERS)

    app.openapi = described
    app.add_api_route("/docs", docs, include_in_schema=False)


def _completed(description: dict[str, Any]) -> dict[str, Any]:
    """The description with the key that all but the open routes need, and the shape of problems."""
    components = description["components"]
    problems = {"Problem": Problem.model_json_schema(ref_template="#/components/schemas/{model}")}
    definitions = problems["Problem"].pop("$defs")
    schemas = {**components["schemas"], **problems, **definitions}
    components = {**components, "schemas": schemas, "securitySchemes": {"bearer": BEARER}}
    return {**description, "components": components, "security": [{"bearer": []}]}
