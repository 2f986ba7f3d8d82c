"""Middleware that ends what would otherwise stay open without end: readers who take nothing, streams beyond their time.

It also counts open event streams and sockets, of a key and of an address; beyond the limit a further one answers 429 (a
socket: closes 4429).
"""

import asyncio
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.wording.sentence import say
from serve.http.bounds.rate_limits import address_of, refuse
from serve.http.problems import Refusal
from serve.http.services import Services

RETRY_S = 5
COME_BACK = 1013


class ReaderGone(OSError):
    """The reader takes nothing any more."""


class OpenStreams:
    """Stands within authentication; counts in this process."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._settings = services.settings
        self._open = Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a stream only where there is room for it, and only for so long."""
        patient = self._patient(send)
        if not _is_stream(scope):
            await self._app(scope, receive, patient)
            return
        try:
            with self._counted(scope):
                await self._for_a_time(scope, receive, patient)
        except Refusal as refusal:
            await refuse(refusal, scope, receive, send)

    def _patient(self, send: Send) -> Send:
        async def patient(message: Message) -> None:
            try:
                async with asyncio.timeout(self._settings.send_timeout_s):
                    await send(message)
            except TimeoutError:
                # As if it had hung up: whoever sends then stops.
                raise ReaderGone from None

        return patient

    @contextmanager
    def _counted(self, scope: Scope) -> Generator[None]:
        key_id, address = f"key {HTTPConnection(scope).state.caller.key_id}", f"address {address_of(scope)}"
        limits = {key_id: self._settings.streams_per_key, address: self._settings.streams_per_address}
        for name, most in limits.items():
            if self._open[name] >= most:
                said = say("too_many_streams", most=most, seconds=RETRY_S)
                raise Refusal(429, said, headers={"Retry-After": str(RETRY_S)})
        self._open.update(limits.keys())
        try:
            yield
        finally:
            self._open.subtract(limits.keys())
            # Else every key and address that ever came would be held.
            for name in limits:
                if not self._open[name]:
                    del self._open[name]

    async def _for_a_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = asyncio.timeout(None)

        async def timed(message: Message) -> None:
            # From its beginning on: a record that comes late is no stream beyond its time.
            if limit.when() is None:
                limit.reschedule(asyncio.get_running_loop().time() + self._settings.stream_limit_s)
            await send(message)

        try:
            async with limit:
                await self._app(scope, receive, timed)
        except TimeoutError:
            if not limit.expired():
                raise
            # Readers come back by themselves, after the last event they have seen.
            await send(_end_of(scope))


def _is_stream(scope: Scope) -> bool:
    return scope["type"] == "websocket" or (scope["type"] == "http" and scope["path"].endswith("/events"))


def _end_of(scope: Scope) -> Message:
    if scope["type"] == "websocket":
        return {"type": "websocket.close", "code": COME_BACK, "reason": "Come back after the last event."}
    return {"type": "http.response.body", "body": b"", "more_body": False}
