"""Who is calling: a Bearer key to the organisation behind it, for every path but the few open ones.

What a caller may see is for each store to say: it asks for the organisation's id itself. What they may do is in
`serve/http/access/permissions.py`.
"""

from typing import Annotated

from fastapi import Depends, Request, WebSocket
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection

from data.errors import DebtOptimizerError, NotAuthenticated
from data.records.accounts.caller import Caller
from data.wire.access import Scope
from data.wording.sentence import say
from serve.http.access.known_keys import KnownKeys
from serve.http.access.permissions import refuse_beyond
from serve.http.access.trail import AuditTrail
from serve.http.problems import Refusal, problem_of

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/docs", "/openapi.json"})
SUBPROTOCOL = "debt-optimizer"
KEY_SUBPROTOCOL = "bearer."
QUERY_NAMES = frozenset({"key", "api_key", "apikey", "token", "access_token", "authorization"})
NOT_AUTHENTICATED, FORBIDDEN = 4401, 4403


class Authentication:
    """Lets nothing through without a key but the open paths; the caller is then in `state.caller`."""

    def __init__(self, app: ASGIApp, keys: KnownKeys, trail: AuditTrail) -> None:
        self._app = app
        self._keys = keys
        self._trail = trail

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401 (a socket: close 4401)."""
        if scope["type"] == "lifespan" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            connection.state.caller = await self._keys.caller(_secret(connection))
        except DebtOptimizerError as error:
            if isinstance(error, NotAuthenticated):
                self._trail.refused(connection, error)
            await _refuse(error, scope, receive, send)
            return
        await self._app(scope, receive, send)


def _secret(connection: HTTPConnection) -> str:
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret.strip():
        return secret.strip()
    if connection.scope["type"] == "websocket":
        # Browsers cannot set a header on a socket; the subprotocol is the one field left to them.
        for offered in connection.scope.get("subprotocols", []):
            if offered.startswith(KEY_SUBPROTOCOL):
                return offered.removeprefix(KEY_SUBPROTOCOL)
    # A key in an address ends up in logs and histories: refused, even if it is valid.
    if QUERY_NAMES & {name.lower() for name in connection.query_params}:
        raise NotAuthenticated(say("key_in_address"))
    raise NotAuthenticated(say("key_needed"))


async def _refuse(error: DebtOptimizerError, scope: Connection, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await problem_of(Request(scope), error)(scope, receive, send)
        return
    socket = WebSocket(scope, receive, send)
    # Only an accepted socket can tell its close code to a browser.
    await accept(socket)
    # The protocol allows 123 bytes for a reason.
    await socket.close(NOT_AUTHENTICATED, error.message[:120])


async def is_permitted(socket: WebSocket, scope: Scope) -> bool:
    """True where the caller may read what this socket tells; else it is closed 4403, with the reason."""
    try:
        refuse_beyond(socket.state.caller, scope)
    except Refusal as refusal:
        socket.app.state.services.trail.forbidden(socket, socket.scope["path"], scope)
        await socket.close(FORBIDDEN, refusal.detail[:120])
        return False
    return True


async def accept(socket: WebSocket) -> None:
    """Accept a socket with a subprotocol that it offered, ours if it is among them: browsers insist on one."""
    offered: list[str] = socket.scope.get("subprotocols", [])
    ours = [name for name in offered if name == SUBPROTOCOL] or offered
    await socket.accept(subprotocol=ours[0] if ours else None)


async def _caller(connection: HTTPConnection) -> Caller:
    return connection.state.caller


async def _admin(connection: HTTPConnection) -> Caller:
    caller = await _caller(connection)
    if not caller.is_admin:
        raise Refusal(403, say("administrator_needed"))
    return caller


CurrentCaller = Annotated[Caller, Depends(_caller)]
CurrentAdmin = Annotated[Caller, Depends(_admin)]
