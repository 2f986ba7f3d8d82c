"""Agents to run in a worker: one that tells and ends, one that waits until it is let go."""

import asyncio
from typing import Any

from data.wire.agent_run import AgentRun
from data.wire.event import EventType

WORDS = ["Pay ", "the ", "Visa ", "first."]


class Held:
    """An agent that writes a word and then waits until it is let go."""

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.runs: list[AgentRun] = []

    async def __call__(self, run: AgentRun) -> dict[str, Any]:
        self.runs.append(run)
        await run.emit(EventType.CHUNK, {"text": "begun "})
        self.begun.set()
        await self.go_on.wait()
        await run.emit(EventType.CHUNK, {"text": "ended"})
        return {"narrative": "begun ended"}


async def tell(run: AgentRun) -> dict[str, Any]:
    await run.progress(50, "writing")
    for word in WORDS:
        await run.emit(EventType.CHUNK, {"text": word})
    return {"narrative": "".join(WORDS)}
