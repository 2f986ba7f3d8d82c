"""A caller who sends one file of portfolios after the other, and what became of every row."""

import asyncio
import csv
import io
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from data.ident import new_id
from tests.faults.load import PATIENCE_S, Load, Reader

CLIENTS = 200
HEADER = "portfolio_id,name,balance,apr,minimum,monthly_budget\n"


def file_of(number: int) -> str:
    """Two debts of each client, and one row that is nothing."""
    debts = "".join(
        f"b{number}c{client},Visa,{1000 + client},20,50,200\nb{number}c{client},Store,900,25,30,200\n"
        for client in range(CLIENTS)
    )
    return f"{HEADER}{debts}bad,Visa,abc,20,50,200\n"


@dataclass
class Sent:
    """One file of the load."""

    number: int
    batch_id: str
    accepted: float
    failures: list[str] = field(default_factory=list)
    verdict: str = "lost"
    ended: float | None = None


@dataclass
class Batches:
    """One file under way at any time; one that has failed is resumed, as its owner is told to."""

    load: Load
    sent: list[Sent] = field(default_factory=list)

    async def run(self) -> None:
        async with self.load.client() as client:
            while not self.load.is_over:
                number = len(self.sent) + 1
                self.sent.append(Sent(number, await self._accepted(client, number), time.monotonic()))
                try:
                    async with asyncio.timeout(PATIENCE_S):
                        await self._to_its_end(client, self.sent[-1])
                except TimeoutError:
                    continue

    async def _accepted(self, client: httpx.AsyncClient, number: int) -> str:
        headers = {"Idempotency-Key": new_id(), "Content-Type": "text/csv"}
        answer = await self.load.answered(client, "POST", "/v1/batches", content=file_of(number), headers=headers)
        return answer.json()["id"]

    async def _to_its_end(self, client: httpx.AsyncClient, sent: Sent) -> None:
        path = f"/v1/batches/{sent.batch_id}"
        while True:
            reader = Reader(client, sent.batch_id, of="batches")
            await reader.follow()
            if reader.finals[-1]["type"] == "complete":
                break
            sent.failures.append(str(reader.finals[-1].get("error")))
            # Known as running again already where the answer to an earlier try was lost.
            await self.load.answered(client, "POST", f"{path}/resume", or_status=409)
        results = (await self.load.answered(client, "GET", f"{path}/results")).text
        rejects = (await self.load.answered(client, "GET", f"{path}/rejects")).text
        sent.verdict, sent.ended = _verdict(sent.number, results, rejects), time.monotonic()


def _verdict(number: int, results: str, rejects: str) -> str:
    found = Counter(row["portfolio_id"] for row in _rows(results))
    told = [(row["row"], row["column"]) for row in _rows(rejects)]
    if max(found.values(), default=0) > 1 or len(told) > 1:
        return "double row"
    is_whole = found.keys() == {f"b{number}c{client}" for client in range(CLIENTS)}
    return "" if is_whole and told == [(str(2 * CLIENTS + 2), "balance")] else "missing row"


def _rows(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))]
