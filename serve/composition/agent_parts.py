"""From settings to a worker of tasks: everything that one replica of it needs, made where it runs."""

import math

from agents.running.loop import AgentLoop
from agents.running.tools import FUNCTIONS
from data.channels.metrics_board import RedisMetricsBoard
from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.token_stream.on_redis import RedisTokenStream
from data.records.database import Database
from data.wire.agent_run import RunAgent
from serve.composition.endpoints import model_source, needed_redis_url, traces_of
from serve.loading import loaded
from serve.settings import Settings
from serve.tasks.reconciler import Reconciler
from serve.tasks.sent_to_model import SentToModel
from serve.tasks.worker import Worker
from serve.tasks.worker_host import WorkerHost
from serve.watching.logs import set_up_logs
from serve.watching.metrics import Figures, TaskMetrics, process_name
from serve.watching.stores import CountingTaskStore


def make_agent_host(service: str) -> WorkerHost:
    """A worker, and what watches over its rows; `service` names this run of the service."""
    settings = Settings.load()
    set_up_logs(settings.log_level, settings.log_format)
    database, redis_url = Database(settings.database_url), needed_redis_url(settings)
    figures = Figures(RedisMetricsBoard(redis_url), process_name("agents"))
    metrics = TaskMetrics(figures.registry)
    queue, stream = RedisTaskQueue(redis_url, idle_s=settings.lease_s), RedisTokenStream(redis_url)
    models = model_source(settings)
    tasks = CountingTaskStore(database, metrics, noted=SentToModel(models.spec))
    agent: RunAgent = AgentLoop(
        models,
        patience_s=settings.model_patience_s,
        switch_s=settings.model_switch_s,
        silence_s=settings.model_silence_s,
        whole_s=settings.model_time_s,
    )
    traces = traces_of(settings, "agents", frozenset(tool.__name__ for tool in FUNCTIONS))
    if traces is not None:
        loaded("agents.running.tracing").trace_agents(traces.spans)
        agent = traces.traced(agent, models.spec)
    slots, lease_s = settings.tasks_per_worker, settings.lease_s
    worker = Worker(tasks, queue, stream, agent, service, slots=slots, lease_s=lease_s, pace=models.pace)

    metrics.running.set_function(lambda: worker.running)

    async def close() -> None:
        if traces is not None:
            await traces.close()
        await stream.close()
        await queue.close()
        await figures.board.close()
        await database.close()

    # Each replica has one: they do no harm side by side, and none is a single point of failure.
    reconciler = Reconciler(tasks, queue, waits_s=settings.lease_s)

    async def replicas_wanted() -> int:
        return math.ceil(await queue.backlog() / settings.tasks_per_worker)

    return WorkerHost(worker, [reconciler.run_forever, figures.pin_forever], close, replicas_wanted)
