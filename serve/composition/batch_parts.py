"""From settings to a worker of batches: everything that one replica of it needs, made where it runs."""

import logging

from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.token_stream.on_redis import RedisTokenStream
from data.records.batches.batch_store import BatchStore
from data.records.database import Database
from serve.batches.ray import on_ray
from serve.batches.runner import BatchRunner
from serve.composition.endpoints import needed_redis_url
from serve.keeping.erasing import Eraser
from serve.keeping.retention import Keeper
from serve.settings import Settings
from serve.tasks.worker_host import WorkerHost


def make_batch_host() -> WorkerHost:
    """A worker of batches; what it hands out runs wherever the cluster has processors."""
    settings = Settings.load()
    logging.basicConfig(level=settings.log_level)
    redis_url = needed_redis_url(settings)
    database, stream = Database(settings.database_url), RedisTokenStream(redis_url)
    runner = BatchRunner(BatchStore(database), stream, settings.batches_dir, on_ray, lease_s=settings.lease_s)

    async def close() -> None:
        await stream.close()
        await queue.close()
        await database.close()

    queue = RedisTaskQueue(redis_url, idle_s=settings.lease_s)
    keeper = Keeper(Eraser(database, queue, stream, settings.batches_dir))
    return WorkerHost(runner, [keeper.run_forever], close)
