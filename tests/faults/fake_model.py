"""A model that answers the same question in the same words, whoever asks and however often, and notes who asked.

OpenAI's chat completions over plain asyncio: two turns with tools, then words at a steady pace. The question is
`fault N`: N decides the words.
"""

import asyncio
import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

WORDS, WORDS_PER_S = 40, 16.0
TOOL_TURNS = (["list_debts", "portfolio_health"], ["compare_strategies"])
QUESTION = re.compile(r"(fault|probe) (\d+)")


def words(kind: str, number: int) -> list[str]:
    """What the model writes; no figures in it, which the grounding would look for."""
    name = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    count = WORDS if kind == "fault" else 1
    return [f"{kind}{name} {'abcdefghij'[place // 10]}{'abcdefghij'[place % 10]}, " for place in range(count)]


def expected_text(kind: str, number: int) -> str:
    return "".join(words(kind, number))


@dataclass
class FakeModel:
    """The server; `whole` counts the answers that were sent to their end, by question and turn."""

    host: str = "127.0.0.1"
    port: int = 0
    whole: Counter[tuple[int, int]] = field(default_factory=Counter)
    begun: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, 0, backlog=256)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                await self._answer(json.loads(body or b"{}"), writer)
        self._open.discard(writer)
        writer.close()

    async def _answer(self, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        messages = body.get("messages", [])
        asked = next((found for one in messages if (found := QUESTION.search(str(one.get("content"))))), None)
        kind, number = (asked[1], int(asked[2])) if asked else ("fault", 0)
        turn = sum(1 for one in messages if one.get("role") == "assistant")
        self.begun += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        await _send(writer, _piece({"role": "assistant", "content": ""}))
        if kind == "fault" and turn < len(TOOL_TURNS) and body.get("tools"):
            await asyncio.sleep(0.3)
            for place, name in enumerate(TOOL_TURNS[turn]):
                call = {"index": place, "id": f"call-{turn}-{place}", "type": "function"}
                await _send(writer, _piece({"tool_calls": [{**call, "function": {"name": name, "arguments": "{}"}}]}))
            await _send(writer, _piece({}, finish="tool_calls"))
        else:
            for word in words(kind, number):
                await _send(writer, _piece({"content": word}))
                await asyncio.sleep(1 / WORDS_PER_S)
            await _send(writer, _piece({}, finish="stop"))
        usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
        await _send(writer, {**_HEAD, "choices": [], "usage": usage})
        writer.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        await writer.drain()
        if kind == "fault":
            self.whole[number, turn] += 1


_HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "fake"}


def _piece(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {**_HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


async def _send(writer: asyncio.StreamWriter, piece: dict[str, Any]) -> None:
    data = f"data: {json.dumps(piece)}\n\n".encode()
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    await writer.drain()
