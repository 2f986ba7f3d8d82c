"""From settings to a worker of batches: everything that one replica of it needs, made where it runs."""

import logging

from data.channels.token_stream.on_redis import RedisTokenStream
from data.records.batch_store import BatchStore
from data.records.database import Database
from serve.batches.ray import on_ray
from serve.batches.runner import BatchRunner
from serve.composition.endpoints import needed_redis_url
from serve.settings import Settings
from serve.tasks.worker_host import WorkerHost


def make_batch_host(_service: str) -> WorkerHost:
    """A worker of batches; what it hands out runs wherever the cluster has processors."""
    settings = Settings.load()
    logging.basicConfig(level=settings.log_level)
    database, stream = Database(settings.database_url), RedisTokenStream(needed_redis_url(settings))
    runner = BatchRunner(BatchStore(database), stream, settings.batches_dir, on_ray, lease_s=settings.lease_s)

    async def close() -> None:
        await stream.close()
        await database.close()

    return WorkerHost(runner, [], close)
