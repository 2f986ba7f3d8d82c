"""Callers who ask, and readers who follow: one that stays, one that comes and goes; and what they saw."""

import asyncio
import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from data.ident import new_id
from tests.faults.fake_model import expected_text
from tests.journeys.house import PORTFOLIO

FINAL = ("complete", "failed", "cancelled")
PATIENCE_S = 400
STAYS, COMES_AND_GOES, COMES_LATE = "stay", "come and go", "come late"


@dataclass
class Reader:
    """Follows one task to its end, after the last event it saw; `stays_s` is how long it keeps a connection."""

    client: httpx.AsyncClient
    task_id: str
    kind: str = STAYS
    stays_s: float | None = None
    of: str = "tasks"
    text: str = ""
    ids: list[str] = field(default_factory=list)
    finals: list[dict[str, Any]] = field(default_factory=list)
    tape: list[tuple[float, str]] = field(default_factory=list)  # what came when

    async def follow(self) -> None:
        while not self.finals:
            try:
                async with asyncio.timeout(self.stays_s):
                    await self._read()
            except (httpx.HTTPError, TimeoutError):
                await asyncio.sleep(0.1)

    async def _read(self) -> None:
        headers = {"Last-Event-ID": self.ids[-1]} if self.ids else {}
        path = f"/v1/{self.of}/{self.task_id}/events"
        async with self.client.stream("GET", path, headers=headers) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    self._take(json.loads(line.removeprefix("data: ")))
                if self.finals:
                    return
        await asyncio.sleep(0.1)

    def _take(self, event: dict[str, Any]) -> None:
        self.ids.append(event["id"])
        self.tape.append((time.monotonic(), f"{event['type']} {event.get('text', '')}".strip()))
        if event["type"] == "chunk":
            self.text += event["text"]
        elif event["type"] in ("restart", "reset"):
            self.text = event.get("text", "")
        elif event["type"] in FINAL:
            self.finals.append(event)

    @property
    def seen_twice(self) -> int:
        return len(self.ids) - len(set(self.ids))


@dataclass
class Asked:
    """One task of the load."""

    number: int
    task_id: str
    accepted: float
    readers: list[Reader]
    ended: float | None = None

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        """What is wrong with what a reader holds: its kind, and a word or two."""
        whole = expected_text("fault", self.number)
        return [(reader.kind, verdict) for reader in self.readers if (verdict := _verdict(reader, whole))]


def _verdict(reader: Reader, whole: str) -> str:
    if not reader.finals or reader.finals[-1]["type"] != "complete":
        return ""
    if reader.seen_twice or len(reader.finals) > 1:
        return "double event"
    if reader.text != whole:
        return "missing text" if len(reader.text) < len(whole) else "double text"
    return ""


@dataclass
class Load:
    """So many questions under way at any time."""

    url: str
    key: str
    chance: random.Random
    asked: list[Asked] = field(default_factory=list)
    refused: int = 0
    unrouted: int = 0
    is_over: bool = False
    _number: int = 0

    async def run(self, at_once: int) -> None:
        async with self.client() as client:
            await asyncio.gather(*(self._ask_again_and_again(client) for _ in range(at_once)))

    def client(self) -> httpx.AsyncClient:
        timeout = httpx.Timeout(10, read=25)  # a living stream says something every 15 s
        limits = httpx.Limits(max_connections=None)
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=timeout, limits=limits, trust_env=False)

    async def _ask_again_and_again(self, client: httpx.AsyncClient) -> None:
        while not self.is_over:
            self._number += 1
            number = self._number
            task_id = await self.accepted(client, f"fault {number}")
            coming_and_going = Reader(client, task_id, COMES_AND_GOES, self.chance.uniform(0.5, 2.0))
            asked = Asked(number, task_id, time.monotonic(), [Reader(client, task_id), coming_and_going])
            self.asked.append(asked)
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await asyncio.gather(*(reader.follow() for reader in asked.readers))
                asked.ended = time.monotonic()
            except TimeoutError:
                continue

    async def accepted(self, client: httpx.AsyncClient, question: str) -> str:
        """The id of a new task, asked for as often as it takes with one idempotency key."""
        body = {"type": "repayment_plan", "portfolio": PORTFOLIO, "language": "en", "question": question}
        answer = await self.answered(client, "POST", "/v1/tasks", json=body, headers={"Idempotency-Key": new_id()})
        return answer.json()["id"]

    async def answered(
        self, client: httpx.AsyncClient, method: str, path: str, *, or_status: int = 200, **request: Any
    ) -> httpx.Response:
        """What a request is answered, made as often as it takes."""
        while True:
            try:
                answer = await client.request(method, path, **request)
                if answer.is_success or answer.status_code == or_status:
                    return answer
                # The proxy's own words while it knows no replica; every other refusal would be the caller's fault.
                is_unrouted = answer.status_code == 404 and "-/routes" in answer.text
                assert answer.status_code >= 500 or is_unrouted, answer.text
                self.unrouted += is_unrouted
            except httpx.HTTPError:
                pass
            self.refused += 1
            await asyncio.sleep(0.2)

    async def read_late(self) -> None:
        """Once more, by somebody who was not there before, each task that has ended."""
        async with self.client() as client:
            for asked in self.asked:
                if asked.ended is not None:
                    asked.readers.append(Reader(client, asked.task_id, COMES_LATE))
                    await asked.readers[-1].follow()

    async def probe(self, number: int) -> None:
        """A new question, from its being asked to its end."""
        async with self.client() as client:
            reader = Reader(client, await self.accepted(client, f"probe {number}"))
            await reader.follow()


@contextmanager
def quiet_http() -> Iterator[None]:
    """Without a line of log for each request."""
    import logging

    logger = logging.getLogger("httpx")
    before, logger.level = logger.level, logging.WARNING
    yield
    logger.setLevel(before)
