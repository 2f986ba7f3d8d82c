"""What is noted of requests: the one table from a route to the deed that stands in the audit log.

Reckoning keeps nothing and is not noted, nor is asking how far a task is. What changes keys and people is noted by
their stores, in the same transaction.
"""

from starlette.requests import HTTPConnection

from data.records.accounts.caller import Caller
from data.records.audit.audit_event import Actor

NOTED: dict[tuple[str, str], str] = {
    ("GET", "/v1/portfolios"): "portfolio.listed",
    ("POST", "/v1/portfolios"): "portfolio.created",
    ("GET", "/v1/portfolios/{portfolio_id}"): "portfolio.read",
    ("PUT", "/v1/portfolios/{portfolio_id}"): "portfolio.changed",
    ("DELETE", "/v1/portfolios/{portfolio_id}"): "portfolio.deleted",
    ("GET", "/v1/portfolios/{portfolio_id}/export"): "portfolio.exported",
    ("POST", "/v1/tasks"): "task.created",
    ("GET", "/v1/tasks/{task_id}"): "task.read",
    ("DELETE", "/v1/tasks/{task_id}"): "task.deleted",
    ("GET", "/v1/tasks/{task_id}/events"): "task.read",
    ("GET", "/v1/tasks/{task_id}/ws"): "task.read",
    ("POST", "/v1/tasks/{task_id}/cancel"): "task.cancelled",
    ("POST", "/v1/tasks/{task_id}/retry"): "task.retried",
    ("POST", "/v1/batches"): "batch.created",
    ("DELETE", "/v1/batches/{batch_id}"): "batch.deleted",
    ("POST", "/v1/batches/{batch_id}/cancel"): "batch.cancelled",
    ("POST", "/v1/batches/{batch_id}/resume"): "batch.resumed",
    ("GET", "/v1/batches/{batch_id}/results"): "batch.results_exported",
    ("GET", "/v1/batches/{batch_id}/rejects"): "batch.rejects_exported",
    ("GET", "/v1/keys"): "key.listed",
    ("GET", "/v1/users"): "user.listed",
    ("PUT", "/v1/organisation/retention"): "retention.decided",
    ("GET", "/v1/audit"): "audit.read",
}
NOT_NOTED = frozenset(
    {
        *(
            ("GET", f"/{name}")
            for name in ("healthz", "readyz", "metrics", "v1/issuers", "v1/models", "v1/organisation/retention")
        ),
        *(("GET", f"/v1/{name}") for name in ("tasks", "tasks/{task_id}/status", "batches")),
        *(("GET", f"/v1/batches/{{batch_id}}{part}") for part in ("", "/events")),
        ("POST", "/v1/portfolios/import"),
        # Noted by their stores.
        ("POST", "/v1/keys"),
        ("DELETE", "/v1/keys/{key_id}"),
        ("POST", "/v1/users"),
        ("PATCH", "/v1/users/{user_id}"),
    }
)
READINGS = frozenset({"portfolio.listed", "portfolio.read", "task.read", "key.listed", "user.listed", "audit.read"})


def is_noted(method: str, route: str) -> bool | None:
    """Whether a request of this route is noted here; None where nobody has said so."""
    if (method, route) in NOTED:
        return True
    return False if (method, route) in NOT_NOTED or route.startswith("/v1/plans") else None


def actor_of(connection: HTTPConnection) -> Actor:
    """Who makes this request."""
    caller: Caller = connection.state.caller
    kind = "user" if caller.key_id == caller.user_id else "key"
    return Actor(kind, caller.key_id, str(getattr(connection.state, "trace_id", "")))
