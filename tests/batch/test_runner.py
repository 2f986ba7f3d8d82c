"""The runner: one batch at a time, fenced, cancelled in time, gone on with after a crash."""

import asyncio
import errno
import os
import time

import pytest

from data.errors import LostClaim, UnreadableFile
from data.ident import new_id
from data.records.batches.batch_store import NewBatch
from data.wire.batch import BatchStatus
from data.wire.event import EventType
from data.wording.sentence import say
from serve.batches.files.folder import BatchFolder, input_of
from serve.batches.run import alone
from tests.batch.tables import csv_bytes, make_rows

pytestmark = pytest.mark.anyio

HOUSE, KEY = "house", "key"


async def new_batch(services, content: bytes):
    batch_id = new_id()
    path = input_of(services.settings.batches_dir / batch_id)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    new = NewBatch(batch_id, HOUSE, KEY, "clients.csv", ("avalanche",), len(content))
    return await services.batches.add(new)


async def until(services, batch, status):
    async with asyncio.timeout(20):
        while (found := await services.batches.get(batch.id, HOUSE)).status != status:
            await asyncio.sleep(0)
    return found


async def events(services, batch):
    return [(event.type, event.attempt) for event in await services.stream.read(batch.id)]


class Gate:
    """A workforce that works on nothing before it is opened, and notes that it was asked."""

    def __init__(self):
        self.is_open = False
        self.asked = 0

    def __call__(self, job, numbers, is_cancelled):
        self.asked += 1
        while not self.is_open and not is_cancelled():
            os.sched_yield()
        return alone(job, numbers, is_cancelled)


@pytest.mark.usefixtures("runner")
async def test_batches_are_worked_on_in_turn_and_followed_to_their_end(services):
    batches = [await new_batch(services, csv_bytes(make_rows(seed, 20, odd=0, bad=0))) for seed in range(3)]
    for batch in batches:
        done = await until(services, batch, BatchStatus.COMPLETED)
        assert (done.attempt, done.portfolios, done.bytes_done) == (1, 20, done.bytes_total)
        kinds = [kind for kind, _ in await events(services, batch)]
        assert kinds[-1] is EventType.COMPLETE
        assert kinds[:-1] == [EventType.PROGRESS] * (len(kinds) - 1)


@pytest.mark.usefixtures("runner")
async def test_a_file_that_cannot_be_read_fails_the_batch_in_words(services):
    batch = await new_batch(services, b"PK\x03\x04")
    failed = await until(services, batch, BatchStatus.FAILED)
    assert failed.error["type"] == "unreadable-file"
    assert "Excel" in failed.error["detail"]


async def test_a_full_disk_is_told_without_saying_where_it_is(services, make_runner):
    def full(job, numbers, is_cancelled):
        raise OSError(errno.ENOSPC, "No space left on device")

    runner = make_runner(workforce=full)
    loop = asyncio.create_task(runner.run_forever())
    batch = await new_batch(services, csv_bytes(make_rows(1, 5)))
    failed = await until(services, batch, BatchStatus.FAILED)
    said = "The disk of the service is full. Free some space and resume: what is done is kept."
    assert failed.error == {"type": "operator-error", "detail": said}
    await runner.drain()
    await loop


async def test_a_defect_of_ours_ends_the_batch_and_not_the_runner(services, make_runner, caplog):
    def broken(job, numbers, is_cancelled):
        raise ZeroDivisionError("".join(["sec", "ret"]))

    runner = make_runner(workforce=broken)
    loop = asyncio.create_task(runner.run_forever())
    batch = await new_batch(services, csv_bytes(make_rows(1, 5)))
    failed = await until(services, batch, BatchStatus.FAILED)
    assert failed.error["type"] == "internal-error"
    assert "secret" not in failed.error["detail"] + caplog.text
    assert runner.is_alive
    await runner.drain()
    await loop
    assert not runner.is_alive


async def test_a_running_batch_is_cancelled_within_two_seconds(services, make_runner):
    runner = make_runner(workforce=Gate())
    loop = asyncio.create_task(runner.run_forever())
    batch = await new_batch(services, csv_bytes(make_rows(1, 5)))
    await until(services, batch, BatchStatus.PROCESSING)
    asked = time.monotonic()
    await services.batches.request_cancel(batch.id, HOUSE)
    await until(services, batch, BatchStatus.CANCELLED)
    assert time.monotonic() - asked < 2
    assert (await events(services, batch))[-1] == (EventType.CANCELLED, 1)
    await runner.drain()
    await loop


async def test_a_drained_runner_hands_its_batch_to_the_next_at_once(services, make_runner):
    first = make_runner(workforce=Gate(), lease_s=600)
    loop = asyncio.create_task(first.run_forever())
    batch = await new_batch(services, csv_bytes(make_rows(1, 5)))
    await until(services, batch, BatchStatus.PROCESSING)
    await first.drain()
    await loop

    second = make_runner()
    loop = asyncio.create_task(second.run_forever())
    done = await until(services, batch, BatchStatus.COMPLETED)
    assert done.attempt == 2
    assert (EventType.RESTART, 2) in await events(services, batch)
    await second.drain()
    await loop


async def test_a_batch_whose_runner_died_is_gone_on_with_and_the_dead_one_is_fenced_off(services, make_runner):
    batch = await new_batch(services, csv_bytes(make_rows(1, 5)))
    dead = await services.batches.claim_next(lease_s=0)
    assert dead.attempt == 1
    runner = make_runner()
    loop = asyncio.create_task(runner.run_forever())
    done = await until(services, batch, BatchStatus.COMPLETED)
    assert done.attempt == 2
    for late in (
        services.batches.heartbeat(batch.id, 1, 5),
        services.batches.finish(batch.id, 1, BatchStatus.FAILED),
        services.batches.release(batch.id, 1),
    ):
        with pytest.raises(LostClaim):
            await late
    await runner.drain()
    await loop


async def test_a_batch_that_kills_its_runners_fails_in_the_end(services, make_runner):
    batch = await new_batch(services, csv_bytes(make_rows(1, 5)))
    for _ in range(5):
        assert (await services.batches.claim_next(lease_s=0)).id == batch.id
    runner = make_runner(max_attempts=5)
    loop = asyncio.create_task(runner.run_forever())
    failed = await until(services, batch, BatchStatus.FAILED)
    assert failed.error["type"] == "worker-lost"
    await runner.drain()
    await loop


async def test_a_failed_batch_is_resumed(services, make_runner):
    batch = await new_batch(services, csv_bytes(make_rows(1, 5)))

    def refusing(job, numbers, is_cancelled):
        raise UnreadableFile(say("file_empty"))

    workforces = [refusing, alone]
    runner = make_runner(workforce=lambda *work: workforces.pop(0)(*work))
    loop = asyncio.create_task(runner.run_forever())
    await until(services, batch, BatchStatus.FAILED)
    await services.batches.resume(batch.id, HOUSE)
    done = await until(services, batch, BatchStatus.COMPLETED)
    assert (done.attempt, done.error) == (2, None)
    assert BatchFolder(services.settings.batches_dir / batch.id).results.exists()
    await runner.drain()
    await loop


async def test_a_lease_that_is_renewed_is_nobody_elses(services):
    batch = await new_batch(services, b"")
    claimed = await services.batches.claim_next(lease_s=60)
    assert claimed.id == batch.id
    assert await services.batches.claim_next(lease_s=60) is None
    assert await services.batches.heartbeat(batch.id, 1, 0) is False
    assert (await services.batches.claim_next(lease_s=60)).attempt == 2
