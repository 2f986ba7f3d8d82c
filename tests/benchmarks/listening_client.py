"""A client for benchmarks, in a process of its own: so many tasks at once, each followed to its end over SSE.

`python -m tests.benchmarks.listening_client URL KEY TASKS` prints one JSON object, in milliseconds.
"""

import asyncio
import json
import re
import ssl
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

import httpx

TOKEN = re.compile(r"#(\d+)@(\d+\.\d+);")
BODY = {"type": "financial_advice", "question": "Which debt first?", "language": "en"}
# One for all: making it takes longer than a request.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass
class Heard:
    """What one reader heard of its task; times in seconds."""

    asked: float = 0.0
    accepted: float = 0.0
    first: float = 0.0
    late: list[float] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    frames: int = 0
    end: str = ""
    rest: str = ""

    def take(self, text: str) -> None:
        """A piece of text, wherever it was cut."""
        now = time.time()
        self.frames += 1
        self.rest += text
        last = 0
        for found in TOKEN.finditer(self.rest):
            self.numbers.append(int(found[1]))
            self.late.append(now - float(found[2]))
            last = found.end()
        self.rest = self.rest[last:]
        self.first = self.first or now


async def ask(client: httpx.AsyncClient, start: asyncio.Event, heard: Heard) -> None:
    """Make a task and follow it to its end."""
    await start.wait()
    heard.asked = time.time()
    accepted = await client.post("/v1/tasks", json=BODY)
    accepted.raise_for_status()
    heard.accepted = time.time()
    path = f"/v1/tasks/{accepted.json()['id']}/events"
    async with client.stream("GET", path, timeout=None) as events:
        async for line in events.aiter_lines():
            if line.startswith("event: "):
                heard.end = line.removeprefix("event: ")
            elif line.startswith("data: ") and heard.end == "chunk":
                heard.take(json.loads(line.removeprefix("data: "))["text"])


async def listen(url: str, key: str, tasks: int) -> list[Heard]:
    """So many at once."""
    start, heard = asyncio.Event(), [Heard() for _ in range(tasks)]
    limits = httpx.Limits(max_connections=None)
    headers = {"Authorization": f"Bearer {key}"}
    client = httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=60, verify=NO_TLS)
    async with client, asyncio.timeout(240), asyncio.TaskGroup() as group:
        for one in heard:
            group.create_task(ask(client, start, one))
        start.set()
    return heard


def summary(heard: Sequence[Heard]) -> dict:
    """The figures, in milliseconds."""
    cuts = quantiles([late * 1000 for one in heard for late in one.late], n=100)
    return {
        "tasks": len(heard),
        "accepted_p50": median((one.accepted - one.asked) * 1000 for one in heard),
        "first_p50": median((one.first - one.asked) * 1000 for one in heard),
        "first_most": max((one.first - one.asked) * 1000 for one in heard),
        "late_p50": cuts[49],
        "late_p99": cuts[98],
        "frames": sum(one.frames for one in heard),
        "tokens": sum(len(one.numbers) for one in heard),
        "twice": sum(len(one.numbers) - len({*one.numbers}) for one in heard),
        "ended": sum(one.end == "complete" for one in heard),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(summary(asyncio.run(listen(sys.argv[1], sys.argv[2], int(sys.argv[3]))))))
