"""The FastAPI factory: every route, behind the edge, the keys and the problem documents.

Knows nothing of Ray; `serve/deployments.py` hosts what is built here, tests call it in the same process.
"""

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.telemetry import TelemetryConfig

from data.wire.task_result import Json
from serve.http.access.known_keys import KnownKeys
from serve.http.auth import Authentication
from serve.http.bounds.backlog import Backlog
from serve.http.bounds.first_come import FirstCome
from serve.http.bounds.open_streams import OpenStreams
from serve.http.bounds.rate_limits import RateLimits, WrongKeys
from serve.http.described.docs_page import HEADERS, docs_page
from serve.http.described.document import REFUSALS, completed
from serve.http.described.texts import DESCRIPTION, TAGS
from serve.http.edge import Edge
from serve.http.problems import install_problems
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


def build_api(services: Services) -> FastAPI:
    """The application over these parts; the caller opens and closes them."""
    app = _described(NOTHING_TRACED if services.traces is None else services.traces.of_requests)
    app.state.services = services
    app.state.keys = KnownKeys(services.accounts, services.behind, services.tokens)
    app.state.backlog = Backlog(services.tasks)
    install_problems(app)
    # The edge comes last and so stands outermost: it also logs and counts what authentication refuses.
    app.add_middleware(OpenStreams, services=services)
    app.add_middleware(RateLimits, services=services)
    app.add_middleware(Authentication, keys=app.state.keys, trail=services.trail)
    app.add_middleware(WrongKeys, services=services)
    app.add_middleware(FirstCome)
    app.add_middleware(Edge, metrics=services.figures.requests, traces=services.traces)
    return app


def description() -> Json:
    """The OpenAPI document; nothing needs to run for it."""
    return _described(NOTHING_TRACED).openapi()


def _described(telemetry: TelemetryConfig) -> FastAPI:
    """Every route with its description, and nothing behind them."""
    app = FastAPI(
        title="DebtOptimizer",
        version=version("debt-optimizer"),
        description=DESCRIPTION,
        openapi_tags=TAGS,
        # A redirect would drop the body and the key of a request on its way.
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        telemetry=telemetry,
        responses=REFUSALS,
        # The function's own name, which generated clients have too.
        generate_unique_id_function=lambda route: route.name,
    )
    for router in ROUTERS:
        app.include_router(router)
    _add_docs(app)
    return app


def _add_docs(app: FastAPI) -> None:
    describe = app.openapi

    def described() -> dict[str, Any]:
        # FastAPI builds the description anew otherwise, at each request.
        if app.openapi_schema is None:
            app.openapi_schema = completed(describe())
        return app.openapi_schema

    async def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()), headers=HEADERS)

    app.openapi = described
    app.add_api_route("/docs", docs, include_in_schema=False)
