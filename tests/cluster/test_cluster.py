"""A cluster of a head and two workers, started from `ray_cluster.yaml`: nothing is lost, whatever is taken away.

`make test-cluster`. CLUSTER_AWAY_S=60 CLUSTER_ALL=1 is the whole run; CLUSTER_WRITE=1 writes its table into
docs/reliability.md; CLUSTER_ONLY=Redis takes the losses with that word.
"""
# ruff: noqa: T201 (a run tells what it does, and is told how much to do)

import asyncio
import os
import random
import time
from collections import Counter

import httpx
import pytest

from tests.cluster.batch import BatchOwner
from tests.cluster.cloud import HEAD
from tests.cluster.counted import Row, write
from tests.cluster.losses import LOSSES, REPLACED_WITHIN_S, Loss
from tests.cluster.stand import Stand
from tests.faults.load import Load, Reader, quiet_http
from tests.faults.report import Report, Struck
from tests.faults.test_fault_run import listed
from tests.journeys.house import until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3600)]
AT_ONCE = 4
ANSWERS_WITHIN_S = 240
AFTER_S = 3.0
READY_WITHIN_S = 150  # a minute is what is promised on a machine of its own; here three share one with the callers
ALL, ONLY = bool(os.environ.get("CLUSTER_ALL")), os.environ.get("CLUSTER_ONLY", "")
CHOSEN = [loss for loss in LOSSES if ONLY in loss.name and (ALL or not loss.is_long)]


def test_ray_starts_the_machines_of_our_file_and_takes_nobody_without_the_token(stand: Stand):
    processors = sorted(node["resources_total"].get("CPU", 0) for node in nodes(stand))
    assert processors == [0, 4, 4]
    said = stand.on_head("RAY_AUTH_MODE=token .venv/bin/ray status")
    assert "1 head" in said
    assert "2 cpu" in said
    unasked = stand.cloud.head.run("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8265/api/v0/nodes")
    assert unasked.stdout == "401"


def nodes(stand: Stand) -> list[dict]:
    until(lambda: len(stand.nodes_alive()) == 3, within_s=REPLACED_WITHIN_S)
    return stand.nodes_alive()


def test_streams_cross_machines(stand: Stand):
    """What one machine's worker writes, readers at every machine hold."""

    async def read() -> list[Reader]:
        load = Load(stand.balancer.url, stand.key, random.Random(1))
        readers = []
        async with load.client() as client:
            task_id = await load.accepted(client, "fault 7")
        for machine in stand.workers:
            there = Load(f"http://{machine.address}:8000", stand.key, random.Random(1))
            readers.append(Reader(there.client(), task_id))
        await asyncio.gather(*(reader.follow() for reader in readers))
        for reader in readers:
            await reader.client.aclose()
        return readers

    with quiet_http():
        first, second = asyncio.run(read())
    assert first.text == second.text
    assert first.ids == second.ids
    assert len(set(first.ids)) == len(first.ids)


def test_a_batch_comes_out_the_same_where_its_machine_dies(stand: Stand):
    """Its worker's machine: what is done is gone on with elsewhere, in the folder that all share."""
    headers = {"Authorization": f"Bearer {stand.key}"}
    with (
        httpx.Client(base_url=stand.balancer.url, headers=headers, timeout=30, trust_env=False) as client,
        quiet_http(),
    ):
        whole, broken = BatchOwner(client), BatchOwner(client)
        began = time.monotonic()
        whole.send()
        whole.wait()
        took, began = time.monotonic() - began, time.monotonic()
        broken.send()
        broken.wait(until=20)
        (lost,) = [machine for machine in stand.workers if machine.processes("debt-optimizer:BatchWorker")]
        stand.note_lost(lost)
        lost.kill_processes()
        broken.wait()
        print(f"\na batch: {took:.1f} s; with its machine killed {time.monotonic() - began:.1f} s, {broken.progress}")
        print(f"attempt {broken.attempt}, resumed {broken.resumed} times")
        assert broken.results == whole.results
    stand.wait_whole(REPLACED_WITHIN_S)


@pytest.mark.parametrize("loss", CHOSEN, ids=lambda loss: loss.name)
def test_nothing_is_lost(stand: Stand, loss: Loss):
    with quiet_http():
        report, since = asyncio.run(run(stand, loss, 1000 * (1 + LOSSES.index(loss))))
    # The machines are three again, and what was deployed goes on by itself.
    stand.wait_whole(REPLACED_WITHIN_S)
    row = Row.of(report, report.struck[0].recovered - since, time.monotonic() - since)
    print(f"\n{report.table()}\n{report.tapes()}\n{row}\n")
    if os.environ.get("CLUSTER_WRITE"):
        write(row)
    wrong = {"lost": report.lost, "doubled": report.doubled, "stuck": report.stuck, "missing": report.missing}
    assert not any(wrong.values()), wrong
    assert row.ready_s < READY_WITHIN_S
    assert not [name for name in stand.cloud.ended if name.startswith(HEAD)]


async def run(stand: Stand, loss: Loss, first: int) -> tuple[Report, float]:
    """What came of it, and the moment from which the time until ready is counted."""
    load = Load(stand.balancer.url, stand.key, random.Random(first), _number=first)
    before = +stand.model.whole
    asking = asyncio.create_task(load.run(AT_ONCE))
    try:
        await asyncio.sleep(AFTER_S)
        struck = Struck(loss.name, time.monotonic(), is_heavy=True)
        since = await loss.act(stand)
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            await load.probe(first)
        struck.recovered = time.monotonic()
        print(f"\n{loss.name}: {struck.recovered - since:.1f} s", flush=True)
        await asyncio.sleep(AFTER_S)
        load.is_over = True
        done, _ = await asyncio.wait({asking}, timeout=120)
        for one in done:
            one.result()
    finally:
        asking.cancel()
    await load.read_late()
    return await reported(load, struck, stand.model.whole - before), since


async def reported(load: Load, struck: Struck, paid: Counter[tuple[int, int]]) -> Report:
    """What came of this load; the tasks of earlier ones left aside."""
    async with load.client() as client:
        rows, questions = await listed(client, "tasks"), Counter()
        numbers = {f"fault {asked.number}" for asked in load.asked}
        for task_id in rows:
            question = (await client.get(f"/v1/tasks/{task_id}")).json()["request"]["question"]
            questions[question] += question in numbers
    return Report(load.asked, [], rows, +questions, [], [struck], paid, 0, load.refused)
