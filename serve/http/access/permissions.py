"""What each address needs: the one table from a route to the scope that opens it.

A route that stands in no line of it cannot be made: `JsonRoute` asks for its line.
"""

from data.records.accounts.caller import Caller
from data.wire.access import OPENED, Area, Scope, least_role
from data.wording.sentence import say
from serve.http.problems import Refusal

# The first part of an address; None where every valid key will do, or none is needed.
AREA_OF: dict[str, Area | None] = {
    "plans": "plans",
    "portfolios": "portfolios",
    "tasks": "tasks",
    "batches": "batches",
    "keys": "admin",
    "users": "admin",
    "organisation": "admin",
    "audit": "admin",
    "metrics": "admin",
    "issuers": None,
    "models": None,
    "healthz": None,
    "readyz": None,
}
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# What is asked by POST and keeps nothing.
READ_BY_POST = ("/v1/plans", "/v1/portfolios/import")


def needed(method: str, route: str) -> Scope | None:
    """The scope that opens this route (its template); None where every valid key does.

    Raises:
        LookupError: nobody has said what it needs.
    """
    # Everybody may know how long what they see is kept.
    if (method, route) == ("GET", "/v1/organisation/retention"):
        return None
    area = AREA_OF[route.removeprefix("/v1").split("/")[1]]
    if area is None:
        return None
    if route == "/v1/portfolios/import":
        return Scope.PLANS_READ
    is_reading = method in READING or route.startswith(READ_BY_POST)
    return Scope(f"{area}:{'read' if is_reading else 'write'}")


def refuse_beyond(caller: Caller, scope: Scope | None) -> None:
    """Let a caller pass who holds the scope.

    Raises:
        Refusal: 403 that names the role or the scope that is missing.
    """
    if scope is None or scope in caller.scopes:
        return
    if scope not in OPENED[caller.role]:
        raise Refusal(403, say("role_needed", role=least_role(scope).value, own=caller.role.value))
    raise Refusal(403, say("scope_needed", scope=scope.value))
