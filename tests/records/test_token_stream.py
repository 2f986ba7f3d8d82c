"""One suite for both streams: the one on a real Redis or Valkey, and its in-memory twin."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import pytest
import redis.asyncio

from data.channels.token_stream.in_memory import MemoryTokenStream
from data.channels.token_stream.on_redis import RedisTokenStream
from data.channels.token_stream.outbox import Outbox, Parcel
from data.channels.token_stream.stream import Keeping, TokenStream
from data.errors import BadInput, LostClaim, ServiceUnavailable
from data.wire.event import Event, EventType, NewEvent

pytestmark = pytest.mark.anyio
AT = datetime(2027, 1, 2, tzinfo=UTC)
KEEPING = Keeping(events=100, running_s=1000, ended_s=10)
SOON_S = 5.0


@pytest.fixture(params=["memory", "redis"])
async def stream(request: pytest.FixtureRequest) -> AsyncIterator[TokenStream]:
    if request.param == "memory":
        stream: TokenStream = MemoryTokenStream(keeping=KEEPING, clock=lambda: AT)
    else:
        stream = RedisTokenStream(request.getfixturevalue("redis_url"), keeping=KEEPING, clock=lambda: AT)
    yield stream
    await stream.close()


def event(type: EventType, attempt: int = 1, **payload: Any) -> NewEvent:
    return NewEvent(type=type, task_id="t", attempt=attempt, at=AT, payload=payload)


async def write(stream: TokenStream, *texts: str, attempt: int = 1) -> list[str]:
    return [await stream.append(event(EventType.CHUNK, attempt, text=text)) for text in texts]


async def collect(stream: TokenStream, after: str | None = None) -> list[Event]:
    async with asyncio.timeout(SOON_S):
        return [event async for event in stream.follow("t", after)]


def texts(events: list[Event]) -> str:
    return "".join(event.payload["text"] for event in events if event.type is EventType.CHUNK)


async def test_a_reader_sees_every_event_once_in_order_and_then_the_end(stream: TokenStream):
    await write(stream, "a", "b")
    reading = asyncio.create_task(collect(stream))
    await asyncio.sleep(0)
    await write(stream, "c", "d")
    await stream.append(event(EventType.COMPLETE, result={"x": 1}))
    events = await reading
    assert texts(events) == "abcd"
    assert events[-1].wire() == {
        "id": events[-1].id,
        "type": "complete",
        "task_id": "t",
        "attempt": 1,
        "at": "2027-01-02T00:00:00Z",
        "result": {"x": 1},
    }
    assert [*map(_place, events)] == sorted({*map(_place, events)})


async def test_a_reader_who_comes_back_goes_on_after_the_last_id(stream: TokenStream):
    ids = await write(stream, "a", "b", "c")
    await stream.append(event(EventType.COMPLETE, result={}))
    assert texts(await collect(stream, ids[0])) == "bc"


async def test_a_reader_who_comes_first_waits_for_the_stream_to_begin(stream: TokenStream):
    reading = asyncio.create_task(collect(stream))
    await asyncio.sleep(0.02)
    await write(stream, "a")
    await stream.append(event(EventType.CANCELLED))
    assert [event.type for event in await reading] == [EventType.CHUNK, EventType.CANCELLED]


async def test_many_readers_of_many_streams_see_their_own_events(stream: TokenStream):
    async def follow(task_id: str) -> str:
        return texts([event async for event in stream.follow(task_id)])

    async def run(task_id: str) -> None:
        writer = stream.writer(task_id, 1)
        for number in range(20):
            await writer.emit(EventType.CHUNK, {"text": f"{task_id}-{number} "})
            await asyncio.sleep(0)
        await writer.emit(EventType.COMPLETE, {"result": {}})

    names = [f"task{number}" for number in range(30)]
    async with asyncio.timeout(20):
        reading = [asyncio.create_task(follow(name)) for name in names for _ in range(2)]
        await asyncio.gather(*map(run, names))
        read = await asyncio.gather(*reading)
    expected = ["".join(f"{name}-{number} " for number in range(20)) for name in names for _ in range(2)]
    assert read == expected


async def test_hundreds_may_write_and_read_at_the_same_moment(stream: TokenStream):
    async def once(number: int) -> str:
        what = event(EventType.CHUNK, text=str(number)).model_copy(update={"task_id": f"task{number}"})
        await stream.append(what)
        return texts(await stream.read(f"task{number}"))

    assert await asyncio.gather(*map(once, range(300))) == [str(number) for number in range(300)]


async def test_read_waits_for_an_event(stream: TokenStream):
    reading = asyncio.create_task(stream.read("t", None, block_s=SOON_S))
    await asyncio.sleep(0.02)
    await write(stream, "a")
    assert texts(await reading) == "a"
    assert await stream.read("t", (await stream.read("t"))[-1].id) == []


@pytest.mark.parametrize("after", ["x", "1", "1-", "-1", "1-2-3", "١-٢", "1-0\n", "9" * 40 + "-0"])
async def test_an_id_that_nobody_gave_out_is_refused(stream: TokenStream, after: str):
    with pytest.raises(BadInput) as raised:
        await stream.read("t", after)
    assert raised.value.errors[0].path == "after"
    with pytest.raises(BadInput):
        await collect(stream, after)


async def test_a_trimmed_id_brings_a_reset_with_the_text_so_far(stream: TokenStream):
    first, *_ = await write(stream, *[f"{number} " for number in range(450)])
    whole = "".join(f"{number} " for number in range(450))
    for after in (first, None):
        reset, *rest = await stream.read("t", after)
        assert (reset.type, reset.payload, reset.attempt) == (EventType.RESET, {"text": whole}, 1)
        assert rest == []
    await write(stream, "more")
    assert texts(await stream.read("t", reset.id)) == "more"


async def test_a_reset_of_an_ended_stream_is_followed_by_its_end(stream: TokenStream):
    first, *_ = await write(stream, *[f"{number} " for number in range(450)])
    await stream.append(event(EventType.COMPLETE, result={"whole": True}))
    assert [event.type for event in await collect(stream, first)] == [EventType.RESET, EventType.COMPLETE]


async def test_an_id_later_than_the_stream_brings_a_reset(stream: TokenStream):
    await write(stream, "a", "b")
    reset = (await stream.read("t", "99999999999999-0"))[0]
    assert (reset.type, reset.payload) == (EventType.RESET, {"text": "ab"})


async def test_the_text_so_far_is_that_of_the_newest_attempt(stream: TokenStream):
    await write(stream, "lost")
    await stream.append(event(EventType.RESTART, 2))
    await write(stream, "new", attempt=2)
    reset = (await stream.read("t", "1-0"))[0]
    assert (reset.payload, reset.attempt) == ({"text": "new"}, 2)


async def test_an_older_attempt_can_no_longer_write(stream: TokenStream):
    old = stream.writer("t", 1)
    await old.emit(EventType.CHUNK, {"text": "a"})
    await old.flush()
    await stream.append(event(EventType.RESTART, 2))
    with pytest.raises(LostClaim):
        await write(stream, "late", attempt=1)
    await old.emit(EventType.CHUNK, {"text": "late"})
    with pytest.raises(LostClaim):
        await old.flush()
    with pytest.raises(LostClaim):
        await old.emit(EventType.CHUNK, {"text": "later"})
    assert texts(await stream.read("t")) == "a"


async def test_nothing_follows_the_end_of_an_attempt(stream: TokenStream):
    await stream.append(event(EventType.COMPLETE, result={}))
    last = await stream.last("t")
    await write(stream, "late")
    await stream.append(event(EventType.COMPLETE, result={}))
    assert await stream.last("t") == last
    assert last is not None
    assert last.type is EventType.COMPLETE


async def test_a_new_attempt_after_the_end_begins_the_stream_anew(stream: TokenStream):
    ids = await write(stream, "old")
    await stream.append(event(EventType.FAILED, error={}))
    await stream.append(event(EventType.RESTART, 2))
    await write(stream, "new", attempt=2)
    await stream.append(event(EventType.COMPLETE, 2, result={}))
    assert texts(await collect(stream)) == "new"
    again = await collect(stream, ids[-1])
    assert again[0].payload == {"text": "new"}
    assert again[-1].type is EventType.COMPLETE


async def test_a_reopened_stream_waits_for_the_next_attempt(stream: TokenStream):
    await write(stream, "old")
    await stream.append(event(EventType.FAILED, error={}))
    await stream.reopen("t")
    assert await stream.last("t") is None
    reading = asyncio.create_task(collect(stream))
    await asyncio.sleep(0.02)
    await stream.append(event(EventType.RESTART, 2))
    await stream.append(event(EventType.COMPLETE, 2, result={}))
    assert [event.type for event in await reading] == [EventType.RESTART, EventType.COMPLETE]


async def test_a_stream_nobody_wrote_to_has_no_last_event(stream: TokenStream):
    assert await stream.last("nobody's") is None
    await stream.reopen("nobody's")


async def test_the_writer_keeps_the_order_of_tokens_and_tools(stream: TokenStream):
    writer = stream.writer("t", 1)
    for number in range(300):
        await writer.emit(EventType.CHUNK, {"text": f"{number},"})
        if number % 100 == 50:
            await writer.emit(EventType.TOOL_CALL, {"name": f"tool{number}"})
    await writer.flush()
    events = await stream.read("t")
    assert texts(events) == "".join(f"{number}," for number in range(300))
    before = [texts(events[: events.index(event)]) for event in events if event.type is EventType.TOOL_CALL]
    assert [text.split(",")[-2] for text in before] == ["50", "150", "250"]
    assert max(len(event.payload.get("text", "")) for event in events) <= 256


async def test_what_cannot_be_written_fails_in_its_authors_hands(stream: TokenStream):
    writer = stream.writer("t", 1)
    with pytest.raises(ValueError, match="serialize"):
        await writer.emit(EventType.TOOL_RESULT, {"value": object()})
    await writer.emit(EventType.CHUNK, {"text": "half a \ud83d character"})
    await writer.flush()
    assert texts(await stream.read("t")) == "half a ? character"


async def test_a_closed_writer_lets_nothing_out(stream: TokenStream):
    writer = stream.writer("t", 1)
    writer.close()
    with pytest.raises(LostClaim):
        await writer.emit(EventType.CHUNK, {"text": "late"})
    assert await stream.read("t") == []


async def test_a_writer_that_has_told_the_end_lets_nothing_out_behind_it(stream: TokenStream):
    writer = stream.writer("t", 1)
    await writer.emit(EventType.CANCELLED)
    with pytest.raises(LostClaim):
        await writer.emit(EventType.CHUNK, {"text": "late"})
    await writer.flush()
    assert [event.type for event in await stream.read("t")] == [EventType.CANCELLED]


async def test_followers_come_to_an_end_when_the_stream_is_closed(stream: TokenStream):
    await write(stream, "a")
    reading = asyncio.create_task(collect(stream))
    await asyncio.wait({reading}, timeout=0.05)
    await stream.close()
    assert texts(await reading) == "a"


async def test_a_slow_reader_still_gets_every_event(redis_url: str):
    stream = RedisTokenStream(redis_url)
    writer = stream.writer("t", 1)
    async with aclosing(stream.follow("t")) as following:
        await write(stream, "first ")
        assert texts([await anext(following)]) == "first "
        for number in range(2500):
            await writer.emit(EventType.PROGRESS, {"percent": number})
        await writer.emit(EventType.COMPLETE, {"result": {}})
        await writer.flush()
        await asyncio.sleep(0.05)
        numbers = [event.payload.get("percent") async for event in following]
    assert numbers == [*range(2500), None]
    await stream.close()


async def test_keys_expire_while_running_and_sooner_after_the_end(redis_url: str):
    stream = RedisTokenStream(redis_url, keeping=KEEPING)
    server = redis.asyncio.Redis.from_url(redis_url, decode_responses=True)
    await write(stream, "a")
    keys = sorted(await server.keys("*"))
    assert len(keys) == 3
    assert all([990 < await server.ttl(key) <= 1000 for key in keys])
    await stream.append(event(EventType.COMPLETE, result={}))
    assert all([5 < await server.ttl(key) <= 10 for key in keys])
    await server.aclose()
    await stream.close()


async def test_a_parcel_sent_twice_is_written_once(stream: TokenStream):
    parcel = Parcel("t", 1, "writer", "0", (event(EventType.CHUNK, text="once"),))
    assert await stream._send([parcel]) == [None]
    assert await stream._send([parcel]) == [None]
    assert texts(await stream.read("t")) == "once"


async def test_a_server_that_forgot_the_scripts_learns_them_again(redis_url: str):
    stream = RedisTokenStream(redis_url)
    await write(stream, "a")
    server = redis.asyncio.Redis.from_url(redis_url)
    await server.script_flush()
    await write(stream, "b")
    assert texts(await stream.read("t")) == "ab"
    await server.aclose()
    await stream.close()


async def test_after_the_server_was_emptied_readers_get_the_whole_text_again(redis_url: str):
    stream = RedisTokenStream(redis_url, keeping=KEEPING)
    writer = stream.writer("t", 1)
    for text in ("one ", "two "):
        await writer.emit(EventType.CHUNK, {"text": text})
        await writer.flush()
    before = await stream.read("t")
    staying = asyncio.create_task(collect(stream, before[-1].id))
    async with redis.asyncio.Redis.from_url(redis_url) as server:
        await server.flushall()
    await writer.emit(EventType.TOOL_CALL, {"name": "plan"})
    await writer.emit(EventType.CHUNK, {"text": "three"})
    await writer.flush()
    coming_back = await stream.read("t", before[-1].id)
    await writer.emit(EventType.COMPLETE, {"result": {}})
    events = await staying
    assert events[0].type is EventType.RESTART
    assert texts(events) == "one two three"
    assert [seen.type for seen in events].count(EventType.TOOL_CALL) == 1
    assert events[-1].type is EventType.COMPLETE
    assert coming_back[0].type is EventType.RESET
    assert coming_back[0].payload["text"] == "one two three"
    await stream.close()


@pytest.mark.parametrize("kept", [1, 2])
async def test_after_the_server_lost_its_last_writes_readers_get_the_whole_text_again(redis_url: str, kept: int):
    stream = RedisTokenStream(redis_url, keeping=KEEPING)
    writer = stream.writer("t", 1)
    words = ["one ", "two ", "three ", "four"]
    async with redis.asyncio.Redis.from_url(redis_url) as server:
        for place, text in enumerate(words):
            if place == kept:
                file = {key: await server.dump(key) for key in await server.keys("token_stream:*")}
            if place == 3:
                # Killed: what it had said yes to and not yet written to its file is gone.
                for key, value in file.items():
                    await server.restore(key, 0, value, replace=True)
            await writer.emit(EventType.CHUNK, {"text": text})
            await writer.flush()
    await writer.emit(EventType.COMPLETE, {"result": {}})
    events = await collect(stream)
    restarts = [place for place, seen in enumerate(events) if seen.type is EventType.RESTART]
    assert texts(events[restarts[-1] :]) == "".join(words)
    assert events[-1].type is EventType.COMPLETE
    await stream.close()


async def test_the_outbox_repeats_a_parcel_until_it_lands_and_gathers_meanwhile():
    sent: list[list[Parcel]] = []

    async def send(parcels: list[Parcel]) -> list[LostClaim | None]:
        sent.append(parcels)
        if len(sent) < 3:
            raise ServiceUnavailable("gone")
        return [None for _ in parcels]

    outbox = Outbox(send)
    writer = outbox.writer("t", 1, lambda: AT)
    await writer.emit(EventType.CHUNK, {"text": "a"})
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for text in "bcd":
        await writer.emit(EventType.CHUNK, {"text": text})
    await writer.flush()
    await outbox.close()
    shown = [[(parcel.number, *map(_text, parcel.events)) for parcel in parcels] for parcels in sent]
    assert shown == [[("0", "a")], [("0", "a")], [("0", "a")], [("1", "bcd")]]


async def test_the_outbox_makes_the_run_wait_when_very_much_is_waiting():
    open_again = asyncio.Event()

    async def send(parcels: list[Parcel]) -> list[LostClaim | None]:
        await open_again.wait()
        return [None for _ in parcels]

    outbox = Outbox(send)
    writer = outbox.writer("t", 1, lambda: AT)

    async def talk() -> None:
        for _ in range(100):
            await writer.emit(EventType.CHUNK, {"text": "x" * 1000})

    talking = asyncio.create_task(talk())
    await asyncio.wait({talking}, timeout=0.1)
    assert not talking.done()
    open_again.set()
    await asyncio.wait_for(talking, SOON_S)
    await writer.flush()
    await outbox.close()


def _place(event: Event) -> tuple[int, ...]:
    return tuple(int(part) for part in event.id.split("-"))


def _text(event: NewEvent) -> str:
    return event.payload["text"]
