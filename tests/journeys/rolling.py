"""A Ray of its own with the application on it, under load: its workers grow, are replaced by a new release, and shrink.

`python -m tests.journeys.rolling STATE_DIR`, with the settings in the environment; it says `fine` at the end.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import ray
import ray.serve

from data.records.accounts.account_store import AccountStore
from data.records.database import Database
from serve.app import APPLICATION, as_many_as_needed, build
from serve.deployments import AgentWorker, Api, BatchWorker
from serve.machine.own_ray.batch import ray_at_hand
from serve.settings import Settings

PORTFOLIO = {"debts": [{"name": "Visa", "balance": "5200.00", "apr": 0.25}], "budget": {"monthly": "300"}}
TASK = {"type": "debt_analysis", "portfolio": PORTFOLIO}
RELEASE = {"num_cpus": 0, "runtime_env": {"env_vars": {"RELEASE": "2"}}}
MANY = 40
END = {"complete", "failed", "cancelled"}


def say_so(what: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def running(name: str) -> int:
    """How many replicas of the deployment run now."""
    application = ray.serve.status().applications[APPLICATION]
    return application.deployments[name].replica_states.get("RUNNING", 0)


async def until(is_so: Callable[[], bool], what: str, within_s: float = 120) -> None:
    """Wait until something is so, and say how long that took."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > within_s:
            raise TimeoutError(what)
        await asyncio.sleep(0.2)
    say_so(f"{what} after {time.monotonic() - began:.1f} s")


async def ask(client: httpx.AsyncClient) -> str:
    """An accepted task; asked for again with the same key where a replica goes away under the request."""
    key = str(time.monotonic_ns())
    while True:
        try:
            answer = await client.post("/v1/tasks", json=TASK, headers={"Idempotency-Key": key})
            if answer.status_code == 202:
                return answer.json()["id"]
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)


OPEN = asyncio.Semaphore(40)


async def read(client: httpx.AsyncClient, task_id: str) -> tuple[str, str]:
    """How a task's stream ends and its text, for a reader who comes back after the last event it has seen."""
    async with OPEN:
        return await read_on(client, task_id)


async def read_on(client: httpx.AsyncClient, task_id: str) -> tuple[str, str]:
    """The same, at most so many at once."""
    last, text = "", ""
    while True:
        try:
            query = {"after": last} if last else {}
            async with client.stream("GET", f"/v1/tasks/{task_id}/events", params=query) as answer:
                async for line in answer.aiter_lines():
                    if not line.startswith("data: "):
                        continue
                    event = json.loads(line.removeprefix("data: "))
                    last, kind = event["id"], event["type"]
                    text = "" if kind == "restart" else event["text"] if kind == "reset" else text
                    text += event["text"] if kind == "chunk" else ""
                    if kind in END:
                        return kind, text
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)


async def whole(client: httpx.AsyncClient, task_ids: list[str]) -> None:
    """Every task completes, and its reader has read every letter once."""
    for task_id, (kind, text) in zip(
        task_ids, await asyncio.gather(*(read(client, task_id) for task_id in task_ids)), strict=True
    ):
        record = (await client.get(f"/v1/tasks/{task_id}")).json()
        if kind != "complete" or record["status"] != "completed" or text != record["result"]["narrative"]:
            raise AssertionError((task_id, kind, record["status"], len(text)))


def quick_to_shrink() -> dict[str, Any]:
    """The workers' scaling, with no patience for those that have nothing to do."""
    options = as_many_as_needed(1, 2)
    quick = {"downscale_delay_s": 1.0, "look_back_period_s": 2.0}
    return {**options, "autoscaling_config": {**options["autoscaling_config"], **quick}, "ray_actor_options": RELEASE}


async def journey(settings: Settings, secret: str) -> None:
    """Workers grow with the backlog; all are replaced under load; one is given up under load. Nothing is lost."""
    headers, address = {"Authorization": f"Bearer {secret}"}, f"http://127.0.0.1:{settings.api_port}"
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60, trust_env=False) as client:
        tasks = [await ask(client) for _ in range(MANY)]
        reading = asyncio.create_task(whole(client, tasks))
        await until(lambda: running("AgentWorker") == 2, "workers grew with the backlog")
        is_over = asyncio.Event()
        loading = asyncio.create_task(load(client, is_over))
        workers = [AgentWorker.options(**quick_to_shrink()).bind(), BatchWorker.bind()]
        release = Api.options(ray_actor_options=RELEASE).bind(workers)
        await asyncio.to_thread(ray.serve.run, release, name=APPLICATION, route_prefix="/")
        say_so("replaced")
        await reading
        await until(lambda: running("AgentWorker") == 1, "workers shrank under a light load")
        is_over.set()
        made = await loading
        await whole(client, made)
        say_so(f"{len(tasks) + len(made)} tasks completed")


async def load(client: httpx.AsyncClient, is_over: asyncio.Event) -> list[str]:
    """A task every second and a half until it is over, and their ids."""
    made: list[str] = []
    while not is_over.is_set():
        made.append(await ask(client))
        with suppress(TimeoutError):
            await asyncio.wait_for(is_over.wait(), 1.5)
    return made


async def secret_of(settings: Settings) -> str:
    """A new organisation's key."""
    database = Database(settings.database_url)
    await database.migrate()
    accounts = AccountStore(database)
    _, secret = await accounts.create_key("key", (await accounts.create_organisation("Northern")).id)
    await database.close()
    return secret


def main() -> None:
    """Run the journey on a Ray of its own."""
    settings = Settings.load(state_dir=Path(sys.argv[1]))
    secret = asyncio.run(secret_of(settings))
    with ray_at_hand():
        ray.serve.start(http_options={"host": "127.0.0.1", "port": settings.api_port})
        ray.serve.run(build({"workers": 1, "max_workers": 2}), name=APPLICATION, route_prefix="/")
        say_so("up")
        try:
            asyncio.run(journey(settings, secret))
        finally:
            ray.serve.shutdown()
    say_so("fine")


if __name__ == "__main__":
    main()
