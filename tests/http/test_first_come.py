"""Requests that come together begin a few at a time, in their order; who waits for something holds nobody up."""

import asyncio
from contextlib import suppress

import pytest
from starlette.types import Message, Receive, Scope, Send

from data.channels.patience import end
from serve.http.bounds import first_come
from serve.http.bounds.first_come import MOST_BEGINNING, FirstCome

pytestmark = pytest.mark.anyio
NAMES = "abcdefghijklmnopqrst"


class App:
    """Notes who has begun, and answers when it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.changed = asyncio.Condition()
        self.may_answer = {name: asyncio.Event() for name in NAMES}
        self.may_end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun.append(scope["path"])
        async with self.changed:
            self.changed.notify_all()
        await self.may_answer[scope["path"]].wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.may_end.wait()

    async def until_begun(self, names: str) -> None:
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: self.begun == [*names])


async def nothing() -> Message:
    raise AssertionError("nobody asks for a body")


async def nowhere(_: Message) -> None: ...


def asked(gate: FirstCome, names: str) -> dict[str, "asyncio.Task[None]"]:
    return {name: asyncio.create_task(gate({"type": "http", "path": name}, nothing, nowhere)) for name in names}


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody gives their place up for having waited."""
    monkeypatch.setattr(first_come, "LONGEST_S", 600)


@pytest.mark.usefixtures("patient")
async def test_so_many_begin_at_once_and_the_next_as_an_answer_begins():
    app = App()
    requests = asked(FirstCome(app), NAMES)
    await app.until_begun(NAMES[:MOST_BEGINNING])
    # A stream that has begun to answer keeps nobody waiting, though it goes on.
    app.may_answer["c"].set()
    await app.until_begun(NAMES[: MOST_BEGINNING + 1])
    for answer in app.may_answer.values():
        answer.set()
    await app.until_begun(NAMES)
    assert not any(request.done() for request in requests.values())
    app.may_end.set()
    async with asyncio.timeout(20):
        await asyncio.gather(*requests.values())


@pytest.mark.usefixtures("patient")
async def test_who_goes_away_while_waiting_or_working_leaves_the_place_to_the_next():
    app = App()
    gate = FirstCome(app)
    requests = asked(gate, NAMES)
    await app.until_begun(NAMES[:MOST_BEGINNING])
    waits, works = NAMES[MOST_BEGINNING], NAMES[0]
    for name in (waits, works):
        await end(requests[name])
    await app.until_begun(NAMES[:MOST_BEGINNING] + NAMES[MOST_BEGINNING + 1])
    for request in requests.values():
        with suppress(asyncio.CancelledError):
            await end(request)
    # Every place is free again.
    app.begun.clear()
    again = asked(gate, NAMES[:MOST_BEGINNING])
    await app.until_begun(NAMES[:MOST_BEGINNING])
    for request in again.values():
        await end(request)


async def test_requests_that_take_long_hold_the_others_up_for_a_moment_only():
    app = App()
    requests = asked(FirstCome(app), NAMES)
    await app.until_begun(NAMES)
    for request in requests.values():
        await end(request)


@pytest.mark.usefixtures("patient")
async def test_a_request_that_fails_gives_its_place_up():
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("a defect")

    gate = FirstCome(broken)
    for _ in range(3 * MOST_BEGINNING):
        with pytest.raises(ValueError, match="a defect"):
            async with asyncio.timeout(20):
                await gate({"type": "http", "path": "a"}, nothing, nowhere)
