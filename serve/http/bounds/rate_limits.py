"""Middleware that counts requests: of a key and its organisation, and of an address that sends wrong keys.

An address with many wrong keys is told 429 instead of 401; valid keys from it are heard all the same, for many people
may share it.
"""

from http import HTTPStatus

from fastapi import Request, WebSocket
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.records.accounts.caller import Caller
from data.wording.sentence import Sentence, say
from serve.http.auth import NOT_AUTHENTICATED, accept
from serve.http.bounds.rates import Allowance
from serve.http.problems import Refusal, refusal_of
from serve.http.services import Services

TOO_MANY = 4429


class RateLimits:
    """Lets a caller through as often as settings say; stands within authentication."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429 (a socket: close 4429)."""
        caller: Caller | None = getattr(HTTPConnection(scope).state, "caller", None) if _is_asked(scope) else None
        verdict = await self._verdict(caller) if caller else None
        if verdict is None:
            await self._app(scope, receive, send)
        elif not verdict.is_allowed:
            await refuse(_refusal(verdict, say("asked_too_often", seconds=verdict.reset_s)), scope, receive, send)
        else:
            await self._app(scope, receive, _told(verdict, send))

    async def _verdict(self, caller: Caller) -> Allowance | None:
        """The verdict of whichever limit is nearer."""
        settings, rates = self._services.settings, self._services.rates
        verdicts = (
            await rates.hit(settings.rate_limit, "key", caller.key_id),
            await rates.hit(settings.rate_limit_organisation, "organisation", caller.organisation_id),
        )
        return min(filter(None, verdicts), key=lambda one: (one.is_allowed, one.remaining), default=None)


class WrongKeys:
    """Counts wrong keys by address; stands around authentication."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a refusal for its key becomes 429 where too many came before."""
        if not _is_asked(scope):
            await self._app(scope, receive, send)
            return
        is_replaced = False

        async def counted(message: Message) -> None:
            nonlocal is_replaced
            if is_replaced:
                return
            verdict = await self._verdict(scope) if _tells_of_a_wrong_key(message) else None
            if verdict is None or verdict.is_allowed:
                await send(message)
                return
            is_replaced = True
            refusal = _refusal(verdict, say("too_many_wrong_keys", seconds=verdict.reset_s))
            if scope["type"] == "http":
                await refuse(refusal, scope, receive, send)
            else:
                await send({**message, "code": TOO_MANY, "reason": str(refusal.said)[:120]})

        await self._app(scope, receive, counted)

    async def _verdict(self, scope: Scope) -> Allowance | None:
        return await self._services.rates.hit(self._services.settings.wrong_keys_limit, "address", address_of(scope))


def address_of(scope: Scope) -> str:
    """The caller's address as the server knows it; behind a proxy, the one that the proxy tells."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


async def refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the refusal (a socket: close 4429)."""
    if scope["type"] == "http":
        await refusal_of(Request(scope), refusal)(scope, receive, send)
        return
    socket = WebSocket(scope, receive, send)
    # Only an accepted socket can tell its close code to a browser.
    await accept(socket)
    await socket.close(TOO_MANY, str(refusal.said)[:120])


def _is_asked(scope: Scope) -> bool:
    return scope["type"] in ("http", "websocket")


def _tells_of_a_wrong_key(message: Message) -> bool:
    if message["type"] == "http.response.start":
        return message["status"] == HTTPStatus.UNAUTHORIZED
    return message["type"] == "websocket.close" and message.get("code") == NOT_AUTHENTICATED


def _told(verdict: Allowance, send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(_headers(verdict))
        await send(message)

    return told


def _headers(verdict: Allowance) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(verdict.limit),
        "RateLimit-Remaining": str(verdict.remaining),
        "RateLimit-Reset": str(verdict.reset_s),
        "RateLimit-Policy": f"{verdict.limit};w={verdict.window_s}",
    }


def _refusal(verdict: Allowance, said: Sentence) -> Refusal:
    return Refusal(429, said, headers={"Retry-After": str(verdict.reset_s), **_headers(verdict)})
