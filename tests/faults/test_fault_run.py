"""Nothing is lost, doubled or stuck, whatever is killed, stopped, cut, filled or emptied; `make test-faults`.

FAULTS and SEED choose how many and which, FAULTS_ONLY and FAULTS_SKIP by a word of their names; FAULTS_POSTGRES=1 keeps
the records on a Postgres of the test's own; FAULTS_WRITE=1 counts the run in the reliability page; SOAK_S works for so
long without any fault and watches the memory.
"""
# ruff: noqa: T201 (a run tells what it does, and is told how much to do)

import asyncio
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import postgres_server
from tests.faults.batches import Batches
from tests.faults.counted import count
from tests.faults.faults import Fault, every_fault, schedule
from tests.faults.load import Load, quiet_http
from tests.faults.memory import Memory
from tests.faults.report import Report, Struck
from tests.faults.stage import Stage

pytestmark = [pytest.mark.faults, pytest.mark.timeout(36_000)]
AT_ONCE = 6
ANSWERS_WITHIN_S = 240
FAULTS, SEED = int(os.environ.get("FAULTS", "30")), int(os.environ.get("SEED", "1"))
SOAK_S = float(os.environ.get("SOAK_S", "0"))
ONLY, SKIP = os.environ.get("FAULTS_ONLY", ""), os.environ.get("FAULTS_SKIP")


def test_nothing_is_lost_doubled_or_stuck():
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    postgres = postgres_server.running() if os.environ.get("FAULTS_POSTGRES") else nullcontext("")
    loads: list[float] = []
    with postgres as url, quiet_http():
        report = asyncio.run(run(Stage(folder, url, may_fill_disk=not SOAK_S), loads))
    print(f"\n{report.table()}\n{report.tapes()}\n")
    if os.environ.get("FAULTS_WRITE"):
        count(report, loads, "Postgres" if url else "SQLite")
    wrong = {"lost": report.lost, "doubled": report.doubled, "stuck": report.stuck, "missing": report.missing}
    assert not any(wrong.values()), (wrong, folder)
    shutil.rmtree(folder, ignore_errors=True)


async def run(stage: Stage, loads: list[float]) -> Report:
    began = time.monotonic()
    try:
        await stage.open()
    except AssertionError:
        await stage.close()
        raise
    chance = random.Random(SEED)
    load = Load(stage.service.url, stage.service.key, chance)
    batches, memory = Batches(load), Memory(stage.service)
    struck: list[Struck] = []
    try:
        print(f"\nready after {time.monotonic() - began:.0f} s", flush=True)
        asking = [asyncio.create_task(load.run(AT_ONCE)), asyncio.create_task(batches.run())]
        working = [*asking, asyncio.create_task(memory.watch())]
        await asyncio.sleep(max(3.0, SOAK_S))
        faults = [fault for fault in every_fault(stage) if ONLY in fault.name and not (SKIP and SKIP in fault.name)]
        for number, fault in enumerate(schedule(faults, 0 if SOAK_S else FAULTS, chance)):
            struck.append(await strike(stage, load, fault, number))
            loads.append(os.getloadavg()[0])
            await asyncio.sleep(chance.uniform(0.2, 1.5))
        load.is_over = True
        ended, _ = await asyncio.wait(asking, timeout=90)
        for one in ended:
            one.result()  # a caller who was refused for no reason raises it here
        await load.read_late()
        return await reported(stage, load, batches, struck, memory)
    finally:
        print(f"{load.unrouted} requests found no route")
        for task in working:
            task.cancel()
        await stage.close()


async def strike(stage: Stage, load: Load, fault: Fault, number: int) -> Struck:
    """The fault, and the wait until a new question is answered."""
    one, said_before = Struck(fault.name, time.monotonic(), fault.is_heavy), stage.said
    await fault.act(stage)
    probing = asyncio.create_task(load.probe(number))
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            while not probing.done():
                # One that gave up is started again, as its operator would.
                await stage.until_up()
                await asyncio.wait({probing}, timeout=0.5)
            await probing
    finally:
        probing.cancel()
    one.recovered = time.monotonic()
    news = "; ".join(stage.said[len(said_before) :])
    print(f"{number + 1:4} {fault.name:45} {one.recovered - one.began:5.1f} s  {news}", flush=True)
    return one


async def reported(stage: Stage, load: Load, batches: Batches, struck: list[Struck], memory: Memory) -> Report:
    questions = Counter()
    async with load.client() as client:
        rows, batch_rows = [await listed(client, kind) for kind in ("tasks", "batches")]
        for task_id in rows:
            whole = (await client.get(f"/v1/tasks/{task_id}")).json()
            questions[whole["request"]["question"]] += 1
    paid = stage.model.whole
    told = (SEED, load.refused, stage.restarts_of_up, memory.slopes())
    return Report(load.asked, batches.sent, rows, questions, [*batch_rows], struck, paid, *told)


async def listed(client: httpx.AsyncClient, kind: str) -> dict[str, dict[str, Any]]:
    """The service's own list, by id."""
    rows, cursor = {}, ""
    while cursor is not None:
        chosen = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"/v1/{kind}", params=chosen)).json()
        rows |= {row["id"]: row for row in page["items"]}
        cursor = page["next"]
    return rows
