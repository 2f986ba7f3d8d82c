"""Tokens gathered by the read: nothing lost, nothing out of order, and only plain tokens together."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai._streaming import ServerSentEvent, SSEDecoder

from agents.running.listening import listening
from agents.running.providers.gathering import GatheringDecoder, Streams
from data.channels.pace import Pace
from data.errors import LostClaim

pytestmark = pytest.mark.anyio


def piece(delta: dict[str, Any], **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": None} | more
    return b"data: " + json.dumps({"id": "1", "choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"


CALL = {"tool_calls": [{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}
OTHER = [
    piece({"role": "assistant", "content": ""}),
    piece(CALL),
    piece({}, finish_reason="stop"),
    piece({"content": "x"}, logprobs={"content": []}),
    piece({"content": "<think>"}),
    piece({"content": [{"type": "text", "text": "part"}]}),
    b": a comment\n\n",
    b'data: {"choices": [], "usage": {"total_tokens": 3}}\n\n',
    b'event: error\ndata: {"error": {"message": "no"}}\n\n',
    b"data: not json\n\n",
    b"data: [1, 2]\n\n",
    b'data: {"a":\ndata: 1}\n\n',
]
tokens = st.builds(
    lambda kind, text: piece({kind: text}),
    st.sampled_from(["content", "content", "content", "reasoning", "reasoning_content"]),
    st.text(min_size=1, max_size=4).filter(lambda text: text.isprintable()),
)
streams = st.lists(st.one_of(tokens, tokens, st.sampled_from(OTHER)), max_size=20)


async def decoded(pieces: Iterable[bytes]) -> list[ServerSentEvent]:
    async def arriving() -> AsyncIterator[bytes]:
        for one in pieces:
            yield one

    return [event async for event in GatheringDecoder(Streams(Pace())).aiter_bytes(arriving())]


def spelled(events: Iterable[ServerSentEvent]) -> list[tuple[str, str]]:
    """The events with every token letter by letter, however they were gathered."""
    found: list[tuple[str, str]] = []
    for event in events:
        kind, text = token_of(event.data)
        found += [(kind, letter) for letter in text] if kind else [(event.event or "", event.data)]
    return found


def token_of(data: str) -> tuple[str, str]:
    try:
        (choice,) = json.loads(data)["choices"]
        ((kind, text),) = choice["delta"].items()
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""
    is_plain = choice.keys() == {"index", "delta", "finish_reason"} and choice["finish_reason"] is None
    return (kind, text) if is_plain and isinstance(text, str) else ("", "")


async def official(stream: bytes) -> list[ServerSentEvent]:
    async def at_once() -> AsyncIterator[bytes]:
        yield stream

    return [event async for event in SSEDecoder().aiter_bytes(at_once())]


@given(streams, st.lists(st.integers(0, 2000), max_size=12), st.booleans())
def test_the_same_events_as_the_official_decoder_however_the_bytes_are_cut(stream, cuts, has_returns):
    content = b"".join(stream).replace(b"\n", b"\r\n" if has_returns else b"\n")
    places = sorted({0, *(min(cut, len(content)) for cut in cuts), len(content)})
    pieces = [content[start:end] for start, end in pairwise(places)]
    ours, theirs = asyncio.run(decoded(pieces)), asyncio.run(official(content))
    assert spelled(ours) == spelled(theirs)


async def test_tokens_of_one_read_are_one_event():
    words = [piece({"content": word}) for word in ("Pay ", "the ", "card ", "first.")]
    (event,) = await decoded([b"".join(words)])
    assert token_of(event.data) == ("content", "Pay the card first.")


async def test_tokens_of_several_reads_stay_apart():
    events = await decoded([piece({"content": "Pay "}), piece({"content": "first."})])
    assert [token_of(event.data)[1] for event in events] == ["Pay ", "first."]


async def test_thinking_and_speaking_stay_apart():
    said = [("reasoning", "Hm"), ("reasoning", "m"), ("content", "<think>"), ("content", "Pay"), ("content", "!")]
    events = await decoded([b"".join(piece({kind: text}) for kind, text in said)])
    told = [token_of(event.data) for event in events]
    assert told == [("reasoning", "Hmm"), ("content", "<think>"), ("content", "Pay!")]


async def test_a_stream_that_is_read_counts_while_it_is():
    counted: list[int] = []

    class Noting(Pace):
        async def rest(self, readers: int) -> None:
            counted.append(readers)

    open_streams = Streams(Noting())

    async def arriving() -> AsyncIterator[bytes]:
        yield piece({"content": "Pay"})
        yield piece({"content": "!"})

    one, other = (GatheringDecoder(open_streams).aiter_bytes(arriving()) for _ in range(2))
    await anext(one)
    assert [event async for event in other]
    await one.aclose()
    assert [event async for event in GatheringDecoder(open_streams).aiter_bytes(arriving())]
    assert counted == [2, 2, 1, 1]


async def test_a_listener_hears_speech_as_it_is_read_and_the_library_gets_it_whole():
    heard: list[str] = []

    async def hear(text: str) -> None:
        heard.append(text)

    said = [piece({"content": "Pay "}), piece({"content": "the "}) + piece({"content": "card"}), piece(CALL)]
    with listening(hear):
        events = await decoded([*said, piece({"content": "!"})])
    assert heard == ["Pay ", "the card", "!"]
    told = [token_of(event.data)[1] or "call" for event in events]
    assert told == ["Pay the card", "call", "!"]


async def test_a_listener_hears_no_thinking():
    heard: list[str] = []

    async def hear(text: str) -> None:
        heard.append(text)

    said = [("content", "<think>"), ("content", "Hm"), ("content", "</think>"), ("reasoning", "Hm"), ("content", "Pay")]
    with listening(hear):
        events = await decoded([piece({kind: text}) for kind, text in said])
    assert heard == ["Pay"]
    assert [token_of(event.data) for event in events] == said


async def test_a_listener_who_refuses_ends_the_stream():
    async def refuse(text: str) -> None:
        raise LostClaim(text)

    with listening(refuse), pytest.raises(LostClaim):
        await decoded([piece({"content": "Pay"})])
