"""How much later an event reaches its reader for the way through Redis: writer and reader in processes of their own.

`pytest -m bench tests/benchmarks/bench_stream.py -s`. Prints; asserts that nothing is lost, and no time. Each of so
many streams is written to at 40 tokens a second. A token that leaves together with others counts by its own birth.
"""
# ruff: noqa: T201 (a benchmark prints)

import asyncio
import os
import random
import sys
import time
from statistics import quantiles

import pytest

from data.channels.token_stream.on_redis import RedisTokenStream
from data.ident import new_id
from data.wire.event import EventType

pytestmark = [pytest.mark.bench, pytest.mark.anyio, pytest.mark.timeout(300)]

STREAMS = (1, 50, 200)
TOKENS_PER_S = 40
TOKENS = 200
WARM = 20  # the first tokens of each stream, which do not count
AHEAD_S = 2.0


async def write(url: str, tasks: list[str], began: float) -> None:
    """Speak on every stream; a token says when it was born, and is as long as a word."""
    stream = RedisTokenStream(url)
    await asyncio.gather(*(speak(stream, task, began + random.random() / TOKENS_PER_S) for task in tasks))
    await stream.close()


async def speak(stream: RedisTokenStream, task: str, began: float) -> None:
    writer = stream.writer(task, 1)
    for number in range(TOKENS):
        await asyncio.sleep(max(0.0, began + number / TOKENS_PER_S - time.time()))
        await writer.emit(EventType.CHUNK, {"text": f"{time.time():.6f} "})
    await writer.emit(EventType.COMPLETE, {"result": {}})
    await writer.flush()


async def late_by(stream: RedisTokenStream, task: str) -> list[float]:
    """How late each token of a stream was, in milliseconds."""
    late: list[float] = []
    async for event in stream.follow(task):
        now = time.time()
        late += [(now - float(born)) * 1000 for born in str(event.payload.get("text", "")).split()]
    assert len(late) == TOKENS
    return late[WARM:]


@pytest.mark.parametrize("streams", STREAMS)
async def test_how_late_tokens_reach_their_readers(redis_url: str, streams: int):
    tasks = [new_id() for _ in range(streams)]
    began = str(time.time() + AHEAD_S)
    words = [sys.executable, "-m", "tests.benchmarks.bench_stream", redis_url, began, *tasks]
    writing = await asyncio.create_subprocess_exec(*words)
    stream = RedisTokenStream(redis_url)
    late = [each for found in await asyncio.gather(*(late_by(stream, task) for task in tasks)) for each in found]
    await stream.close()
    assert await writing.wait() == 0
    cuts = quantiles(late, n=100)
    load = os.getloadavg()[0]
    print(
        f"\n{streams:4} streams x {TOKENS_PER_S}/s: p50 {cuts[49]:.2f}  p95 {cuts[94]:.2f}  p99 {cuts[98]:.2f} ms"
        f"  (load average {load:.1f})"
    )


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], sys.argv[3:], float(sys.argv[2])))
