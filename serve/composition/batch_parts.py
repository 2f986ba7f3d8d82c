"""From settings to a worker of batches: everything that one replica of it needs, made where it runs."""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from data.channels.metrics_board import RedisMetricsBoard
from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.token_stream.on_redis import RedisTokenStream
from data.records.database import Database
from serve.batches.runner import BatchRunner
from serve.composition.endpoints import needed_redis_url
from serve.keeping.erasing import Eraser
from serve.keeping.retention import Keeper
from serve.settings import Settings
from serve.tasks.worker_host import WorkerHost
from serve.watching.logs import set_up_logs
from serve.watching.metrics import BatchMetrics, Figures, process_name
from serve.watching.stores import CountingBatchStore

if TYPE_CHECKING:
    from serve.batches.files.folder import RangeReport
    from serve.batches.work import Job


def make_batch_host(_service: str) -> WorkerHost:
    """A worker of batches; what it hands out runs wherever the cluster has processors."""
    settings = Settings.load()
    set_up_logs(settings.log_level, settings.log_format)
    redis_url = needed_redis_url(settings)
    database, stream = Database(settings.database_url), RedisTokenStream(redis_url)
    figures = Figures(RedisMetricsBoard(redis_url), process_name("batches"))
    batches = CountingBatchStore(database, BatchMetrics(figures.registry))
    runner = BatchRunner(batches, stream, settings.batches_dir, _on_ray, lease_s=settings.lease_s)

    async def close() -> None:
        await stream.close()
        await queue.close()
        await figures.board.close()
        await database.close()

    queue = RedisTaskQueue(redis_url, idle_s=settings.lease_s)
    keeper = Keeper(Eraser(database, queue, stream, settings.batches_dir))
    return WorkerHost(runner, [keeper.run_forever, figures.pin_forever], close)


def _on_ray(job: "Job", numbers: Sequence[int], is_cancelled: Callable[[], bool]) -> "Iterator[RangeReport]":
    # At the first batch: the planner takes a third of what a replica without work needs.
    return import_module("serve.batches.ray").on_ray(job, numbers, is_cancelled)
