"""Who is calling: a Bearer key to the organisation behind it, for every path but the few open ones.

What a caller may see is for each store to say: it asks for the organisation's id itself.
"""

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Request, WebSocket
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from data.errors import DebtOptimizerError, NotAuthenticated
from data.records.accounts.account_store import AccountStore, Caller
from data.wording.sentence import say
from serve.http.problems import Refusal, problem_of

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/docs", "/openapi.json"})
SUBPROTOCOL = "debt-optimizer"
KEY_SUBPROTOCOL = "bearer."
QUERY_NAMES = frozenset({"key", "api_key", "apikey", "token", "access_token", "authorization"})
# Long enough to spare most look-ups, short enough for a revoked key.
KEEP_S = 3.0
MOST_KEPT = 10_000
NOT_AUTHENTICATED = 4401


class KnownKeys:
    """Callers by the hash of their key, asked for again after a few seconds so that a revoked key stops working."""

    def __init__(self, accounts: AccountStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._accounts = accounts
        self._clock = clock
        self._kept: dict[bytes, tuple[float, Caller]] = {}

    async def caller(self, secret: str) -> Caller:
        """The caller who holds this key.

        Raises:
            NotAuthenticated: nobody does.
        """
        # By hash: no secret is kept in memory longer than its request.
        name = sha256(secret.encode()).digest()
        until, known = self._kept.get(name, (0.0, None))
        if known is not None and self._clock() < until:
            return known
        caller = await self._accounts.authenticate(secret)
        if caller is None:
            self._kept.pop(name, None)
            raise NotAuthenticated(say("key_unknown"))
        # Cleared whole: simple, and so many callers within seconds are rare.
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[name] = (self._clock() + KEEP_S, caller)
        return caller

    def forget(self) -> None:
        """Ask for every key again: one was revoked."""
        self._kept.clear()


class Authentication:
    """Lets nothing through without a key but the open paths; the caller is then in `state.caller`."""

    def __init__(self, app: ASGIApp, keys: KnownKeys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401 (a socket: close 4401)."""
        if scope["type"] == "lifespan" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            connection.state.caller = await self._keys.caller(_secret(connection))
        except DebtOptimizerError as error:
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


async def _refuse(error: DebtOptimizerError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await problem_of(Request(scope), error)(scope, receive, send)
        return
    socket = WebSocket(scope, receive, send)
    # Only an accepted socket can tell its close code to a browser.
    await accept(socket)
    # The protocol allows 123 bytes for a reason.
    await socket.close(NOT_AUTHENTICATED, error.message[:120])


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
