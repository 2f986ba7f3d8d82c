"""From settings to a worker of tasks: everything that one replica of it needs, made where it runs."""

import logging

from agents.running.loop import AgentLoop
from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.token_stream.on_redis import RedisTokenStream
from data.records.audit.audit_store import AuditStore
from data.records.database import Database
from data.records.task_store import TaskStore
from serve.composition.endpoints import model_source, needed_redis_url
from serve.settings import Settings
from serve.tasks.noted_agent import NotedAgent
from serve.tasks.reconciler import Reconciler
from serve.tasks.worker import Worker
from serve.tasks.worker_host import WorkerHost


def make_agent_host(service: str) -> WorkerHost:
    """A worker, and what watches over its rows; `service` names this run of the service."""
    settings = Settings.load()
    logging.basicConfig(level=settings.log_level)
    database, redis_url = Database(settings.database_url), needed_redis_url(settings)
    tasks = TaskStore(database)
    queue, stream = RedisTaskQueue(redis_url, idle_s=settings.lease_s), RedisTokenStream(redis_url)
    models = model_source(settings)
    agent = NotedAgent(AgentLoop(models), models.spec, tasks, AuditStore(database))
    slots, lease_s = settings.tasks_per_worker, settings.lease_s
    worker = Worker(tasks, queue, stream, agent, service, slots=slots, lease_s=lease_s)

    async def close() -> None:
        await stream.close()
        await queue.close()
        await database.close()

    # Each replica has one: they do no harm side by side, and none is a single point of failure.
    reconciler = Reconciler(tasks, queue, waits_s=settings.lease_s)
    return WorkerHost(worker, [reconciler.run_forever], close)
