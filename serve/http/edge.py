"""What surrounds every request: its trace id, the headers of its answer, its line in the log, its metrics.

Neither bodies, addresses in full, names nor keys are logged: only the route's template.
"""

import logging
import re
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.watching.metrics import RequestMetrics

if TYPE_CHECKING:
    from serve.watching.traces import Traces

LOG = logging.getLogger("serve.access")
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ANSWER_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Edge:
    """Middleware around everything else."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics, traces: "Traces | None" = None) -> None:
        self._app = app
        self._traces = traces
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; mark, log and count its answer as it begins."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        traced = None if self._traces is None else self._traces.trace_id()
        trace_id = traced or _trace_id(Headers(scope=scope))
        scope.setdefault("state", {})["trace_id"] = trace_id
        began = time.perf_counter()

        async def marked(message: Message) -> None:
            # Answers of errors pass here too, so each is marked, logged and counted once.
            if message["type"] == "http.response.start":
                mark(MutableHeaders(scope=message), trace_id)
                self._record(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, marked)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        # The template, not the address: ids would each make a metric of their own, and stand in the log.
        route = str(getattr(scope.get("route"), "path", "unmatched"))
        # An invented method would make a metric of its own.
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)
        LOG.info("%s %s %d %.1f ms trace %s", method, route, status, seconds * 1000, scope["state"]["trace_id"])


def mark(headers: MutableHeaders, trace_id: str) -> None:
    """Add what every answer carries, where the route has not set it otherwise."""
    headers["X-Trace-Id"] = trace_id
    for name, value in ANSWER_HEADERS.items():
        headers.setdefault(name, value)


def _trace_id(headers: Headers) -> str:
    """The caller's W3C trace id or request id, so that logs of both sides meet; else a new one."""
    traced = TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    if traced:
        return traced[1]
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid4().hex
