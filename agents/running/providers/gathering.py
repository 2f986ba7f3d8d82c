"""A model's stream, taken a read at a time: all tokens that one read of the socket brings go on as one.

A token costs most where it passes a dozen layers alone. Here the tokens of a read become one before the client of the
provider sees them, and under load a stream rests between reads, so that each read brings more: the cost of a token
falls as the load grows. Whoever listens gets the text here, and what passes on is all of it at the end. Everything that
is no plain token (calls of tools, usage, the end) passes as it came.
"""

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from openai._streaming import ServerSentEvent, SSEDecoder
from pydantic_core import from_json, to_json

from agents.running.listening import LISTENER
from data.channels.pace import Pace

BLANK_LINE = b"\n\n"
DATA = b"data: "
SPOKEN = frozenset({"content", "reasoning", "reasoning_content"})
SPEECH = "content"
TAGS = {"<think>": True, "</think>": False}  # alone they tell the library where thinking begins and ends


@dataclass
class Streams:
    """The streams that are read at a time, and how they rest."""

    pace: Pace
    count: int = 0

    @contextmanager
    def one_more(self) -> Generator[None]:
        """Within it there is one stream more."""
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1

    async def rest(self) -> None:
        """Let the others have their turn."""
        await self.pace.rest(self.count)


@dataclass
class GatheringDecoder:
    """Server-sent events from bytes, as the OpenAI client asks for them; tokens that come together are one event."""

    streams: Streams
    _rest: bytes = b""
    _is_thinking: bool = False
    _by_line: SSEDecoder = field(default_factory=SSEDecoder)

    async def aiter_bytes(self, iterator: AsyncIterator[bytes]) -> AsyncIterator[ServerSentEvent]:
        """The events of each piece; a stream rests after each for as long as the loop is behind."""
        with self.streams.one_more():
            async for event in self._events(iterator):
                yield event

    async def _events(self, iterator: AsyncIterator[bytes]) -> AsyncIterator[ServerSentEvent]:
        hear = LISTENER.get()
        told: _Together | None = None
        async for piece in iterator:
            for found in self._gathered(piece):
                if hear is not None and isinstance(found, _Together) and found.kind == SPEECH and not self._is_thinking:
                    await hear(found.text)
                    told = found if told is None else told.with_text(found.text)
                    continue
                if told is not None:
                    yield told.event()
                    told = None
                yield found.event() if isinstance(found, _Together) else found
            await self.streams.rest()
        if told is not None:
            yield told.event()

    def iter_bytes(self, iterator: Iterator[bytes]) -> Iterator[ServerSentEvent]:
        """The same for a client that does not wait asynchronously; it never rests."""
        for piece in iterator:
            for found in self._gathered(piece):
                yield found.event() if isinstance(found, _Together) else found

    def _gathered(self, piece: bytes) -> "Iterator[_Together | ServerSentEvent]":
        """What ends in this piece."""
        blocks = (self._rest + piece).replace(b"\r\n", b"\n").split(BLANK_LINE)
        # A line's end may be cut between its two characters.
        self._rest = blocks.pop()
        together: _Together | None = None
        for block in blocks:
            content = _content(block)
            token = None if content is None else _token(content)
            if token is not None and together is not None and together.takes(token):
                continue
            if together is not None:
                yield together
            together = None if token is None else _Together(cast("dict[str, Any]", content), *token)
            if token is None:
                yield from self._as_it_came(block)
        if together is not None:
            yield together

    def _as_it_came(self, block: bytes) -> Iterator[ServerSentEvent]:
        for line in [*block.decode(errors="replace").split("\n"), ""]:
            event = self._by_line.decode(line)
            if event is not None:
                self._note_thinking(event.data)
                yield event

    def _note_thinking(self, data: str) -> None:
        for tag, is_thinking in TAGS.items():
            if f'"{tag}"' in data:
                self._is_thinking = is_thinking


@dataclass
class _Together:
    """Tokens of one kind that follow each other, in the first one's clothes."""

    first: dict[str, Any]
    kind: str
    text: str

    def takes(self, token: tuple[str, str]) -> bool:
        """True where the token is of this kind, and now in."""
        if token[0] != self.kind:
            return False
        self.text += token[1]
        return True

    def with_text(self, text: str) -> "_Together":
        """This and more."""
        self.text += text
        return self

    def event(self) -> ServerSentEvent:
        """All of them as one event."""
        self.first["choices"][0]["delta"][self.kind] = self.text
        return ServerSentEvent(data=to_json(self.first).decode())


def _content(block: bytes) -> dict[str, Any] | None:
    """The JSON object of an event that is one line of data; None for any other."""
    if not block.startswith(DATA) or b"\n" in block or block.startswith(b"data: [DONE]"):
        return None
    try:
        content = from_json(block[len(DATA) :])
    except ValueError:
        return None
    return cast("dict[str, Any]", content) if isinstance(content, dict) else None


def _token(content: dict[str, Any]) -> tuple[str, str] | None:
    """The kind and text of an event that is nothing but a token."""
    choices = content.get("choices")
    if not isinstance(choices, list) or len(choices) != 1 or content.get("usage") is not None:
        return None
    choice = choices[0]
    said = {name: value for name, value in choice.items() if value is not None}
    delta = {name: value for name, value in (said.pop("delta", None) or {}).items() if value is not None}
    delta.pop("role", None)
    if said.keys() > {"index"} or len(delta) != 1:
        return None
    ((kind, text),) = delta.items()
    return (kind, text) if kind in SPOKEN and isinstance(text, str) and text and text not in TAGS else None
