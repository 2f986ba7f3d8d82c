"""The figures of one process, and those of all processes as one answer to Prometheus.

Every process counts for itself and pins its figures up every few seconds; whichever is asked tells those of all, each
series with the process it is of. So a replica that ends takes its series with it, and no counter ever falls.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from typing_extensions import override

from data.channels.metrics_board import MetricsBoard
from data.errors import ServiceUnavailable
from data.ident import new_id

LOG = logging.getLogger(__name__)
PIN_EVERY_S = 5.0
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
LONG_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
disable_created_metrics()


def process_name(part: str) -> str:
    """A name for this process that no other has: what it does, where, and some letters."""
    return f"{part}-{socket.gethostname()}-{os.getpid()}-{new_id()[:6]}"


class RequestMetrics:
    """Requests, by route template; latency is the time to the answer's first byte."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Count in this registry."""
        self.requests = Counter(
            "debt_optimizer_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "debt_optimizer_request_seconds",
            "Seconds until the answer began.",
            ("method", "route"),
            buckets=SECONDS,
            registry=registry,
        )


class TaskMetrics:
    """Tasks, their attempts, and what they cost."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Count in this registry."""
        self.attempts = Counter(
            "debt_optimizer_attempts", "Attempts begun; again means that one before was cut off.", ("kind",),
            registry=registry,
        )  # fmt: skip
        self.tasks = Counter("debt_optimizer_tasks", "Tasks that ended.", ("type", "status"), registry=registry)
        self.waited = Histogram(
            "debt_optimizer_task_wait_seconds",
            "Seconds from a task's acceptance to its first attempt.",
            ("priority",),
            buckets=LONG_SECONDS,
            registry=registry,
        )
        self.took = Histogram(
            "debt_optimizer_task_seconds",
            "Seconds from a task's acceptance to its end.",
            ("type",),
            buckets=LONG_SECONDS,
            registry=registry,
        )
        self.tokens = Counter(
            "debt_optimizer_tokens", "Tokens that models have read and written.", ("kind",), registry=registry
        )
        self.running = Gauge("debt_optimizer_tasks_running", "Attempts in hand.", registry=registry)


class BatchMetrics:
    """Batches, and what was in them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Count in this registry."""
        self.batches = Counter("debt_optimizer_batches", "Batches that ended.", ("status",), registry=registry)
        self.portfolios = Counter("debt_optimizer_batch_portfolios", "Portfolios planned in them.", registry=registry)
        self.rejects = Counter("debt_optimizer_batch_rejects", "Rows that could not be used.", registry=registry)


@dataclass
class Figures:
    """This process's figures, and the board where all pin up theirs."""

    board: MetricsBoard
    process: str
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    @cached_property
    def requests(self) -> RequestMetrics:
        """Those of the endpoint; a registry takes them once."""
        return RequestMetrics(self.registry)

    async def pin_forever(self) -> None:
        """Pin the figures up every few seconds, for as long as the process lives."""
        while True:
            try:
                await self.board.pin(self.process, generate_latest(self.registry).decode())
            except ServiceUnavailable as error:
                LOG.warning("cannot pin up this process's figures now: %s", error)
            await asyncio.sleep(PIN_EVERY_S)

    async def of_all(self, shared: CollectorRegistry) -> bytes:
        """What all processes have pinned up, this one's as they are now, and `shared` once; as Prometheus reads them.

        Raises:
            ServiceUnavailable: the board does not answer.
        """
        texts = await self.board.all() | {self.process: generate_latest(self.registry).decode()}
        together = CollectorRegistry()
        together.register(_Gathered(texts))
        return generate_latest(together) + generate_latest(shared)


@dataclass(eq=False)
class _Gathered(Collector):
    texts: dict[str, str]

    @override
    def collect(self) -> Iterator[Metric]:
        """Each family once, its samples told apart by their process."""
        families: dict[str, Metric] = {}
        for process, text in sorted(self.texts.items()):
            for family in _parsed(text):
                kept = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    kept.add_sample(sample.name, {**sample.labels, "process": process}, sample.value)
        yield from families.values()


def _parsed(text: str) -> Iterable[Metric]:
    return text_string_to_metric_families(text)
