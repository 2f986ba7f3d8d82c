"""Every operation asked with its own example, with an agent and a batch runner at work: what the description shows.

`RECORD=1 pytest tests/http/test_recorded_answers.py` (`make answers`) writes them anew.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from serve.batches.run import alone
from serve.batches.runner import BatchRunner
from serve.http.described import examples
from serve.http.services import Services
from serve.tasks.worker import Worker

FILE = Path(examples.__file__).with_name("answers.json")
DEBTS = b"portfolio_id,name,balance,apr,minimum,monthly_budget\nann,Visa,5200.00,24.99,130,300\nben,Car,9000,abc,180,\n"
CSV = {"Content-Type": "text/csv"}
MOST_ENTRIES, MOST_LINES = 2, 8
ID, TIME = re.compile(r"\b[0-9a-f]{32}(?:[0-9a-f]{32})?\b"), re.compile(r"\b20\d\d-\d\d-\d\dT[0-9:.]+(?:Z|\+00:00)")
EVENT_ID, SECRET = re.compile(r"\b\d{13}-\d+\b"), re.compile(r"do_[A-Za-z0-9_-]{40,}")
HINT = re.compile(r'"hint": "[^"]*"')
PLANS = {
    "/v1/plans": ("plan", examples.PLAN["avalanche"]),
    "/v1/plans/compare": ("compare", examples.COMPARE["all"]),
    "/v1/plans/health": ("health", examples.HEALTH["health"]),
    "/v1/plans/what-if": ("what_if", examples.WHAT_IF["more"]),
    "/v1/plans/offers": ("offers", examples.OFFERS["offers"]),
    "/v1/plans/required-budget": ("required_budget", examples.REQUIRED_BUDGET["date"]),
    "/v1/plans/frontier": ("frontier", examples.FRONTIER["frontier"]),
    "/v1/plans/risk": ("risk", examples.RISK["usual"]),
    "/v1/plans/apr": ("apr", examples.APR["reg_z"]),
    "/v1/plans/card-interest": ("card_interest", examples.CARD_INTEREST["minimum"]),
}


@dataclass
class Recording:
    """What a client is answered, by operation and media type."""

    client: httpx.AsyncClient
    services: Services
    told: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def ask(self, operation: str, request: str, **options: Any) -> Any:
        """One request, as in `GET /v1/tasks`; its answer is noted under the operation's name."""
        answer = await self.client.request(*request.split(" "), **options)
        assert answer.is_success, (request, answer.text)
        if not answer.content:
            return None
        media_type = answer.headers["content-type"].partition(";")[0]
        told = answer.json() if media_type == "application/json" else answer.content.decode("utf-8-sig")
        self.told.setdefault(operation, {})[media_type] = told
        return told

    async def every(self) -> dict[str, dict[str, Any]]:
        """Every operation's answer, cut short, with ids and times that stay the same."""
        for path, (operation, example) in PLANS.items():
            await self.ask(operation, f"POST {path}", json=example["value"])
        await self._of_the_service()
        saved = await self._of_portfolios()
        await self._of_tasks(saved)
        await self._of_batches()
        await self.ask("export_portfolio", f"GET /v1/portfolios/{saved}/export")
        await self.ask("delete_portfolio", f"DELETE /v1/portfolios/{saved}", headers={"If-Match": "*"})
        await self._of_the_organisation()
        return made_steady({name: {kind: cut(one) for kind, one in told.items()} for name, told in self.told.items()})

    async def _of_the_service(self) -> None:
        for operation, path in (("alive", "healthz"), ("ready", "readyz"), ("metrics", "metrics")):
            await self.ask(operation, f"GET /{path}")
        await self.ask("list_models", "GET /v1/models")
        await self.ask("list_issuers", "GET /v1/issuers?place=US")
        # Counts and times of this very run are nobody's example.
        lines = self.told["metrics"]["text/plain"].splitlines()
        self.told["metrics"]["text/plain"] = "\n".join(line for line in lines if "_queue_backlog" in line) + "\n"

    async def _of_portfolios(self) -> str:
        new = examples.SAVED["save"]["value"]
        await self.ask("import_portfolios", "POST /v1/portfolios/import?name=clients.csv", content=DEBTS, headers=CSV)
        accept = {**CSV, "Accept": "text/csv"}
        await self.ask("import_portfolios", "POST /v1/portfolios/import", content=DEBTS, headers=accept)
        saved: str = (await self.ask("save_portfolio", "POST /v1/portfolios", json=new))["id"]
        await self.ask("read_portfolio", f"GET /v1/portfolios/{saved}")
        changed = {**new, "title": "Client 42, with a raise"}
        await self.ask("change_portfolio", f"PUT /v1/portfolios/{saved}", json=changed, headers={"If-Match": '"1"'})
        await self.ask("list_portfolios", "GET /v1/portfolios")
        return saved

    async def _of_tasks(self, saved: str) -> None:
        asked = [{"type": "repayment_plan", "portfolio_id": saved}, examples.TASK["advice"]["value"]]
        first, second = [(await self.ask("create_task", "POST /v1/tasks", json=one))["id"] for one in asked]
        await self.ask("read_status", f"GET /v1/tasks/{first}/status")
        await self.ask("cancel_task", f"POST /v1/tasks/{second}/cancel")
        await self.ask("retry_task", f"POST /v1/tasks/{second}/retry")
        async with self._agent():
            for task in (second, first):
                await self._end_of(f"/v1/tasks/{task}/status")  # which no audit notes
        await self.ask("follow_task", f"GET /v1/tasks/{first}/events")
        await self.ask("read_task", f"GET /v1/tasks/{first}")
        await self.ask("list_tasks", "GET /v1/tasks")
        await self.ask("delete_task", f"DELETE /v1/tasks/{second}")

    async def _of_batches(self) -> None:
        first, second = [
            (await self.ask("create_batch", "POST /v1/batches?name=clients.csv", content=DEBTS, headers=CSV))["id"]
            for _ in range(2)
        ]
        await self.ask("cancel_batch", f"POST /v1/batches/{second}/cancel")
        await self.ask("resume_batch", f"POST /v1/batches/{second}/resume")
        async with self._runner():
            for batch in (first, second):
                await self._end_of(f"/v1/batches/{batch}")
        for operation, part in (("follow_batch", "events"), ("read_results", "results"), ("read_rejects", "rejects")):
            await self.ask(operation, f"GET /v1/batches/{first}/{part}")
        await self.ask("read_batch", f"GET /v1/batches/{first}")
        await self.ask("list_batches", "GET /v1/batches")
        await self.ask("delete_batch", f"DELETE /v1/batches/{second}")

    async def _of_the_organisation(self) -> None:
        key = await self.ask("create_key", "POST /v1/keys", json=examples.KEY["scoped"]["value"])
        await self.ask("list_keys", "GET /v1/keys")
        await self.ask("revoke_key", f"DELETE /v1/keys/{key['id']}")
        user = await self.ask("create_user", "POST /v1/users", json=examples.USER["user"]["value"])
        await self.ask("change_user", f"PATCH /v1/users/{user['id']}", json=examples.USER_CHANGE["role"]["value"])
        await self.ask("list_users", "GET /v1/users")
        await self.ask("decide_retention", "PUT /v1/organisation/retention", json={"tasks_days": 365})
        await self.ask("read_retention", "GET /v1/organisation/retention")
        await self.services.behind.close()
        await self.ask("read_audit", "GET /v1/audit?action=retention.decided")

    async def _end_of(self, path: str) -> None:
        async with asyncio.timeout(120):
            while (await self.client.get(path)).json()["status"] not in ("completed", "failed"):
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def _agent(self) -> AsyncIterator[None]:
        run = AgentLoop(ModelSource("offline", chunks_per_s=0))
        worker = Worker(self.services.tasks, self.services.queue, self.services.stream, run, look_s=0.05)
        running = asyncio.create_task(worker.run_forever())
        yield
        await worker.drain(grace_s=0)
        await running

    @asynccontextmanager
    async def _runner(self) -> AsyncIterator[None]:
        services = self.services
        runner = BatchRunner(services.batches, services.stream, services.settings.batches_dir, alone, look_s=0.02)
        running = asyncio.create_task(runner.run_forever())
        yield
        await runner.drain()
        await running


def cut(told: Any) -> Any:
    """The answer with the first entries of each list, and the first lines of each text."""
    if isinstance(told, dict):
        return {name: one if name == "narrative" else cut(one) for name, one in told.items()}
    if isinstance(told, list):
        return [cut(one) for one in told[:MOST_ENTRIES]]
    return "".join(told.splitlines(keepends=True)[:MOST_LINES]) if isinstance(told, str) else told


def made_steady(told: dict[str, Any]) -> dict[str, Any]:
    """The same with ids in place of random ones, and with one time."""
    text = json.dumps(told, ensure_ascii=False)
    known: dict[str, str] = {}

    def same_id(found: re.Match[str]) -> str:
        return known.setdefault(found[0], sha256(str(len(known)).encode()).hexdigest()[: len(found[0])])

    def same_place(found: re.Match[str]) -> str:
        return known.setdefault(found[0], f"{1805016360000 + len(known)}-0")

    text = TIME.sub("2027-03-14T09:26:00Z", ID.sub(same_id, text))
    text = EVENT_ID.sub(same_place, SECRET.sub("do_thisSecretIsShownOnceAndThenNeverAgain", text))
    return json.loads(HINT.sub('"hint": "gain"', text))
