"""A loopback endpoint that speaks by a script, as OpenAI's or as Anthropic's does: it streams, calls tools, and fails.

OpenAI's chat completions are at `url`, Anthropic's messages at `anthropic_url`.
"""

import json
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any


@dataclass
class Reply:
    """One answer of the endpoint.

    Attributes:
        cut_after: breaks the connection after so many pieces of the stream.
        garbage: sends this line instead of the stream's first piece, or of a refusal in JSON.
        pause_s: waits so long between two pieces of the stream. stall_after: waits for its client to go after so many.
        finish: why it ends, as it says; what it would say by itself if None.
        is_kept_alive: sends a comment and an empty piece every 20 ms while it stalls.
    """

    text: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    garbage: str | None = None
    pause_s: float = 0.0
    stall_after: int | None = None
    finish: str | None = None
    is_kept_alive: bool = False


def says(text: str, **more: Any) -> Reply:
    return Reply(text=text, **more)


def calls(*calls: tuple[str, dict[str, Any] | str], **more: Any) -> Reply:
    written = [(name, arguments if isinstance(arguments, str) else json.dumps(arguments)) for name, arguments in calls]
    return Reply(calls=written, **more)


def fails(status: int, **headers: str) -> Reply:
    return Reply(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


class Endpoint:
    """The script, and what was asked; the last reply repeats for ever."""

    def __init__(self, url: str, replies: list[Reply]) -> None:
        self.url, self.anthropic_url = url, url.removesuffix("/v1")
        self.replies = replies
        self.requests: list[dict[str, Any]] = []

    def next_reply(self, request: dict[str, Any]) -> Reply:
        self.requests.append(request)
        return self.replies[min(len(self.requests), len(self.replies)) - 1]


@contextmanager
def serving(*replies: Reply) -> Generator[Endpoint]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_address[1]}/v1", list(replies))
    server.endpoint = endpoint  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = self.server.endpoint.next_reply(body)  # type: ignore[attr-defined]
        # Whoever asked may have gone.
        with suppress(ConnectionError):
            self._refuse(reply) if reply.status != 200 else self._stream(reply)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def _refuse(self, reply: Reply) -> None:
        said = {"type": "error", "error": {"message": "secret-detail", "type": "scripted", "code": None}}
        body = (json.dumps(said) if reply.garbage is None else reply.garbage).encode()
        self.send_response(reply.status)
        for name, value in {
            "Content-Type": "application/json" if reply.garbage is None else "text/plain",
            "Content-Length": str(len(body)),
            **reply.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        blocks = anthropic_blocks(reply) if self.path.endswith("/messages") else _blocks(reply)
        for place, block in enumerate(blocks):
            if place == reply.stall_after:
                self._stall(reply)
                return
            if place == reply.cut_after:
                self.close_connection = True
                self.wfile.flush()
                self.connection.close()
                return
            self._chunk(block.encode())
            sleep(reply.pause_s)
        self._chunk(b"")

    def _stall(self, reply: Reply) -> None:
        """Until whoever asked has gone."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.settimeout(0.02)
        while True:
            try:
                if self.connection.recv(1) == b"":
                    return
            except TimeoutError:
                if reply.is_kept_alive:
                    with suppress(OSError):
                        self._chunk(b": still here\n\n" + self._empty())
            except OSError:
                return

    def _empty(self) -> bytes:
        if self.path.endswith("/messages"):
            return b'event: ping\ndata: {"type": "ping"}\n\n'
        return f"data: {json.dumps(_piece({'content': ''}))}\n\n".encode()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


def _blocks(reply: Reply) -> list[str]:
    """The stream's events, as OpenAI writes them."""
    said = [reply.garbage] if reply.garbage is not None else [json.dumps(piece) for piece in _pieces(reply)]
    return [f"data: {one}\n\n" for one in [*said, "[DONE]"]]


STOP_REASONS = {"length": "max_tokens", "content_filter": "refusal"}


def anthropic_blocks(reply: Reply) -> list[str]:
    """The stream's events, as Anthropic writes them."""
    if reply.garbage is not None:
        return [f"event: message_start\ndata: {reply.garbage}\n\n"]
    return [f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in _anthropic_events(reply)]


def _anthropic_events(reply: Reply) -> Iterator[dict[str, Any]]:
    usage = {"input_tokens": 100, "output_tokens": 1}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "scripted", "content": [], "usage": usage}
    yield {"type": "message_start", "message": {**head, "stop_reason": None, "stop_sequence": None}}
    parts = [("text", reply.text)] if reply.text else []
    for place, (name, text) in enumerate([*parts, *reply.calls]):
        is_text = place < len(parts)
        call = {"type": "tool_use", "id": f"toolu_{name}_{place}", "name": name, "input": {}}
        block = {"type": "text", "text": ""} if is_text else call
        yield {"type": "content_block_start", "index": place, "content_block": block}
        for start in range(0, len(text), 7):
            said = text[start : start + 7]
            kind, field = ("text_delta", "text") if is_text else ("input_json_delta", "partial_json")
            delta = {"type": kind, field: said}
            yield {"type": "content_block_delta", "index": place, "delta": delta}
        yield {"type": "content_block_stop", "index": place}
    stop = STOP_REASONS.get(reply.finish or "", "tool_use" if reply.calls else "end_turn")
    yield {
        "type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": {"output_tokens": 10},
    }  # fmt: skip
    yield {"type": "message_stop"}


def _pieces(reply: Reply) -> Iterator[dict[str, Any]]:
    yield _piece({"role": "assistant", "content": ""})
    for start in range(0, len(reply.text), 7):
        yield _piece({"content": reply.text[start : start + 7]})
    for place, (name, arguments) in enumerate(reply.calls):
        head = {"name": name, "arguments": ""}
        yield _piece(
            {"tool_calls": [{"index": place, "id": f"id-{name}-{place}", "type": "function", "function": head}]}
        )
        yield _piece({"tool_calls": [{"index": place, "function": {"arguments": arguments}}]})
    yield _piece({}, finish=reply.finish or ("tool_calls" if reply.calls else "stop"))
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    yield {**_head(), "choices": [], "usage": usage}


def _piece(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {**_head(), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _head() -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
