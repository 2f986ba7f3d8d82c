"""Workers that begin before the tables are there, or while they are of another version, wait and then go on."""

import logging
from pathlib import Path

import pytest

from data.channels.task_queue.in_memory import MemoryTaskQueue
from data.channels.token_stream.in_memory import MemoryTokenStream
from data.records.batches.batch_store import BatchStore
from data.records.database import Database
from data.records.tasks.task_store import TaskStore
from serve.batches.runner import BatchRunner
from serve.keeping.erasing import Eraser
from serve.keeping.retention import Keeper
from serve.tasks.reconciler import Reconciler
from serve.tasks.worker_host import WorkerHost
from tests.worker.house import House

pytestmark = pytest.mark.anyio


async def tell(run):
    return {"narrative": "told"}


async def test_workers_wait_for_the_tables_and_go_on_by_themselves(
    tmp_path: Path, new_task, caplog: pytest.LogCaptureFixture
):
    database, before = (
        Database(f"sqlite:///{tmp_path / 'records.db'}"),
        Database(f"sqlite:///{tmp_path / 'records.db'}"),
    )
    queue, stream = MemoryTaskQueue(idle_s=60), MemoryTokenStream()
    house = House(TaskStore(database), queue, stream, new_task, 60)
    folder = tmp_path / "batches"
    (folder / "old").mkdir(parents=True)
    hosts = [
        WorkerHost(house.worker(tell), [Reconciler(house.tasks, queue, waits_s=0, every_s=0.02).run_forever], _nothing),
        WorkerHost(
            BatchRunner(BatchStore(database), stream, folder, _never, look_s=0.02),
            [Keeper(Eraser(database, queue, stream, folder), look_s=0.02).run_forever],
            _nothing,
        ),
    ]
    caplog.set_level(logging.WARNING)
    for host in hosts:
        host.begin()
    await house.until(lambda: _have_said(caplog, 3))
    assert all(host.is_alive for host in hosts)
    assert not (tmp_path / "records.db").exists()
    await before.migrate()
    task = await house.ask()
    assert (await house.finished(task.id)).status == "completed"
    assert all(host.is_alive for host in hosts)
    for host in hosts:
        await host.end()
    for each in (database, before):
        await each.close()


async def _have_said(caplog: pytest.LogCaptureFixture, parts: int) -> bool:
    loggers = {record.name for record in caplog.records if "debt-optimizer migrate" in record.getMessage()}
    return len(loggers) >= parts


async def _nothing() -> None: ...


def _never(*words):
    raise AssertionError("there is no batch")
