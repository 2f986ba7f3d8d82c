"""A model server for benchmarks, in a process of its own: OpenAI's chat completions, each token with its birth in it.

`python -m tests.benchmarks.speaking_model PORT TOKENS TOKENS_PER_S`. A token reads `#7@1764500000.123456;`, so that a
reader tells how late it is, and whether one is missing or comes twice, however the text was cut on its way.
"""

import asyncio
import json
import re
import sys
import time

LENGTH = re.compile(rb"(?i)content-length: *(\d+)")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tokens: int, per_s: float) -> None:
    """Answer every request of a connection."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            await speak(writer, tokens, per_s)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def speak(writer: asyncio.StreamWriter, tokens: int, per_s: float) -> None:
    """One answer, a token at a time, each in a piece of its own as model servers send it."""
    began = time.monotonic()
    writer.write(HEAD + _piece({"role": "assistant", "content": ""}))
    for number in range(tokens):
        await asyncio.sleep(max(0.0, began + number / per_s - time.monotonic()))
        writer.write(_piece({"content": f"#{number}@{time.time():.6f};"}))
        await writer.drain()
    used = {"prompt_tokens": 10, "completion_tokens": tokens, "total_tokens": tokens + 10}
    writer.write(_piece({}, "stop") + _chunked({"choices": [], "usage": used}))
    writer.write(_framed(b"data: [DONE]\n\n") + b"0\r\n\r\n")
    await writer.drain()


def _piece(delta: dict, reason: str | None = None) -> bytes:
    return _chunked({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


def _chunked(content: dict) -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1764500000, "model": "speaking"}
    return _framed(f"data: {json.dumps(head | content)}\n\n".encode())


def _framed(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


async def main(port: int, tokens: int, per_s: float) -> None:
    """Serve until killed."""
    server = await asyncio.start_server(lambda r, w: answer(r, w, tokens, per_s), "127.0.0.1", port, backlog=1024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
