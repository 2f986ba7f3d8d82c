"""The stores of tasks and batches, counting what passes: how workers are measured without knowing of it."""

from collections import OrderedDict
from datetime import datetime
from typing import Any

from typing_extensions import override

from data.clock import Clock, utc_now
from data.records.batches.batch_store import BatchDone, BatchStore
from data.records.database import Database
from data.records.tasks.task import AgentTask
from data.records.tasks.task_runs import Noted
from data.records.tasks.task_store import TaskStore
from data.wire.batch import BatchStatus
from data.wire.task import TaskStatus
from serve.watching.metrics import BatchMetrics, TaskMetrics

MOST_REMEMBERED = 1000


class CountingTaskStore(TaskStore):
    """Tasks in SQL; attempts, ends and tokens are counted."""

    def __init__(
        self, database: Database, metrics: TaskMetrics, clock: Clock = utc_now, *, noted: Noted = lambda _: None
    ) -> None:
        """Work on this database and count here; `noted` is what the audit log is told of a claimed task."""
        super().__init__(database, clock, noted=noted)
        self._metrics = metrics
        self._begun: OrderedDict[str, AgentTask] = OrderedDict()

    @override
    async def claim(self, task_id: str, worker_id: str, lease_s: float) -> AgentTask | None:
        task = await super().claim(task_id, worker_id, lease_s)
        if task is not None:
            self._metrics.attempts.labels("first" if task.attempt == 1 else "again").inc()
            if task.attempt == 1:
                self._metrics.waited.labels(task.priority).observe(_seconds(task.created_at, task.updated_at))
            self._remember(task)
        return task

    @override
    async def finish(
        self,
        task_id: str,
        attempt: int,
        status: TaskStatus,
        *,
        result: dict[str, Any] | None = None,
        error: dict[str, Any] | None = None,
    ) -> datetime:
        ended = await super().finish(task_id, attempt, status, result=result, error=error)
        if (task := self._begun.pop(task_id, None)) is not None:
            self._metrics.tasks.labels(task.type, status.value).inc()
            self._metrics.took.labels(task.type).observe(_seconds(task.created_at, ended))
        for kind, tokens in ((result or {}).get("usage") or {}).items():
            if kind.endswith("_tokens"):
                self._metrics.tokens.labels(kind.removesuffix("_tokens")).inc(tokens or 0)
        return ended

    def _remember(self, task: AgentTask) -> None:
        # Bounded: what was handed back or lost never ends here.
        self._begun[task.id] = task
        if len(self._begun) > MOST_REMEMBERED:
            self._begun.popitem(last=False)


class CountingBatchStore(BatchStore):
    """Batches in SQL; their ends are counted."""

    def __init__(self, database: Database, metrics: BatchMetrics, clock: Clock = utc_now) -> None:
        """Work on this database and count here."""
        super().__init__(database, clock)
        self._metrics = metrics

    @override
    async def finish(
        self, batch_id: str, attempt: int, status: BatchStatus, *, done: BatchDone | None = None, error: Any = None
    ) -> None:
        await super().finish(batch_id, attempt, status, done=done, error=error)
        self._metrics.batches.labels(status.value).inc()
        if done is not None:
            self._metrics.portfolios.inc(done.portfolios)
            self._metrics.rejects.inc(done.rejects)


def _seconds(begin: datetime, end: datetime) -> float:
    return max((end - begin).total_seconds(), 0.0)
