"""Reading request bodies: bounded while they arrive, and JSON as the standard has it, wrong places named."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from decimal import Decimal
from email.message import Message
from typing import Any, cast

from fastapi import Request, Response
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.types import Receive
from starlette.types import Scope as Connection

from data.errors import FieldError, InvalidPortfolio
from data.files.portfolio_json import parse_json
from data.wire.access import Scope
from data.wording.sentence import say
from serve.http.access.permissions import needed, refuse_beyond
from serve.http.problems import Refusal
from serve.http.services import Services
from serve.settings import Settings

NUL = rb"\u0000"


def services_of(request: Request) -> Services:
    """The parts behind the application that received this request."""
    return cast("Services", request.app.state.services)


class BoundedRequest(Request):
    """A request whose body is refused as soon as it passes `limit` bytes, whatever its Content-Length says."""

    def __init__(self, scope: Connection, receive: Receive, limit: int, settings: Settings) -> None:
        super().__init__(scope, receive)
        self._limit = limit
        self._settings = settings

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body in pieces.

        Raises:
            Refusal: 413, before the body is read if its length is told, else while it is read; 408 where it comes
                too slowly.
        """
        told = self.headers.get("content-length", "")
        if told.isdecimal() and int(told) > self._limit:
            raise too_large(self._limit)
        size, began = 0, time.monotonic()
        async with aclosing(super().stream()) as pieces:
            while (piece := await self._next(pieces, size, began)) is not None:
                size += len(piece)
                # Content-Length may be absent or wrong: what arrives counts.
                if size > self._limit:
                    raise too_large(self._limit)
                yield piece

    async def _next(self, pieces: AsyncGenerator[bytes], size: int, began: float) -> bytes | None:
        """The next piece; None at the end."""
        # Each byte that has come gives more time: a large file may take long, a slow sender may not.
        may_take_s = self._settings.body_timeout_s + size / self._settings.body_bytes_per_s
        try:
            async with asyncio.timeout(began + may_take_s - time.monotonic()):
                return await anext(pieces, None)
        except TimeoutError:
            said = say("body_too_slow", size=size, seconds=round(time.monotonic() - began))
            raise Refusal(408, said, headers={"Connection": "close"}) from None

    async def json(self) -> Any:
        """The body as JSON, its decimals exact.

        Raises:
            Refusal: 400 with the line and column, 422 where an object holds a name twice.
        """
        body = await self.body()
        # Postgres stores no NUL in a text; refused here, where the reason can be told.
        if NUL in body:
            raise Refusal(422, say("body_holds_nul"))
        try:
            read = parse_json(body)
        except InvalidPortfolio as error:
            raise Refusal(422 if error.errors else 400, error.said, errors=error.errors) from None
        # FastAPI takes it for an object without fields, which says nothing that is wrong.
        if isinstance(read, Decimal):
            wrong = FieldError("", say("object_needed"))
            raise Refusal(422, say("at_field", path="body", said=wrong.said), errors=[wrong])
        return read


class JsonRoute(APIRoute):
    """A route that takes JSON, and no more of it than the setting allows."""

    limit_setting = "json_limit_bytes"

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, behind the limit and the check of the media type."""
        handle = super().get_route_handler()
        scopes = {method: needed(method, self.path) for method in self.methods or ()}
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        async def bounded(request: Request) -> Response:
            # Before the body is read; the open routes have no caller.
            scope, services = scopes[request.method], services_of(request)
            if scope is not None:
                _refuse_beyond(request, scope, self.path)
            limit = int(getattr(services.settings, self.limit_setting))
            if takes_json:
                _refuse_other_media(request)
            answer = await handle(BoundedRequest(request.scope, request.receive, limit, services.settings))
            services.trail.request(request, self.path, answer.headers.get("location", ""))
            return answer

        return bounded


class UploadRoute(JsonRoute):
    """A route that takes a file."""

    limit_setting = "upload_limit_bytes"


def too_large(limit: int) -> Refusal:
    """The refusal of a body over the limit."""
    return Refusal(413, say("body_too_large", most=limit))


def _refuse_beyond(request: Request, scope: Scope, route: str) -> None:
    try:
        refuse_beyond(request.state.caller, scope)
    except Refusal:
        services_of(request).trail.forbidden(request, route, scope)
        raise


def _refuse_other_media(request: Request) -> None:
    told = request.headers.get("content-type", "")
    message = Message()
    message["content-type"] = told or "none"
    kind = message.get_content_type()
    # Without a body there is no type to refuse: a cancel may come with any, or none.
    has_body = request.headers.get("content-length", "") not in ("", "0") or "transfer-encoding" in request.headers
    if has_body and not (kind == "application/json" or kind.endswith("+json")):
        raise Refusal(415, say("body_not_json", told=told))
