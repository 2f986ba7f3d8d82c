"""Middleware that lets requests begin a few at a time, in their order, so that the first of many is answered first.

An event loop takes many that come together forward in step: the first would have its answer only when the last has
been read. Who waits for something (a slow body, a long search) gives its place up after a moment.
"""

import asyncio
from collections import deque

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BEGINNING = 8
LONGEST_S = 0.05


class FirstCome:
    """Stands around everything that takes time; streams have begun with their first byte."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._beginning = 0
        self._waiting = deque[asyncio.Future[None]]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when it is its turn."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        await self._turn()
        place = _Place(self)

        async def noted(message: Message) -> None:
            place.give_up()
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            place.give_up()

    async def _turn(self) -> None:
        if self._beginning < MOST_BEGINNING:
            self._beginning += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            # It was given the place of another in the same moment.
            if turn.done() and not turn.cancelled():
                self.next()
            raise

    def next(self) -> None:
        """A place is free: it goes to whoever has waited longest and is still there."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._beginning -= 1


class _Place:
    """The place of a request that is beginning, for a moment at most."""

    def __init__(self, among: FirstCome) -> None:
        self._among = among
        self._is_held = True
        self._end = asyncio.get_running_loop().call_later(LONGEST_S, self.give_up)

    def give_up(self) -> None:
        """Let the next begin; once."""
        if self._is_held:
            self._is_held = False
            self._end.cancel()
            self._among.next()
