"""What the HTTP endpoint is built on, made once in `serve/app.py` and handed down."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anyio import CapacityLimiter

from data.channels.metrics_board import MemoryMetricsBoard
from data.clock import Clock, utc_now
from serve.keeping.erasing import Eraser
from serve.watching.metrics import Figures, process_name

if TYPE_CHECKING:
    from agents.running.models import ModelSource
    from data.channels.task_queue.queue import TaskQueue
    from data.channels.token_stream.stream import TokenStream
    from data.records.account_store import AccountStore
    from data.records.batch_store import BatchStore
    from data.records.database import Database
    from data.records.portfolio_store import PortfolioStore
    from data.records.task_store import TaskStore
    from serve.settings import Settings


FEWEST_SEARCHES = 2  # one long search never holds up all others
AreReady = Callable[[], Awaitable[bool]]


def _own_figures() -> Figures:
    """Those of a process that stands alone."""
    return Figures(MemoryMetricsBoard(), process_name("api"))


@dataclass(frozen=True)
class Services:
    """The parts behind the routes.

    Attributes:
        models: what a task may ask for; the API only checks names, workers call models.
        are_workers_ready: for /readyz; None where nobody can tell.
        figures: what this process counts, and where all pin up theirs.
        searches: how many searches for an optimal plan run at once; more wait their turn, other questions do not.
        now: the clock; a portfolio without a start is planned from its month.
    """

    settings: Settings
    database: Database
    accounts: AccountStore
    portfolios: PortfolioStore
    tasks: TaskStore
    batches: BatchStore
    queue: TaskQueue
    stream: TokenStream
    models: ModelSource
    now: Clock = utc_now
    are_workers_ready: AreReady | None = None
    figures: Figures = field(default_factory=_own_figures)
    searches: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_most_searches()))

    @property
    def eraser(self) -> Eraser:
        """Erases what its owner wants erased."""
        return Eraser(self.database, self.queue, self.stream, self.settings.batches_dir)

    async def close(self) -> None:
        """Close every connection; open event streams end."""
        await self.stream.close()
        await self.queue.close()
        await self.figures.board.close()
        await self.database.close()


def _most_searches() -> int:
    """A search keeps one processor busy for up to a minute: half of them, for plans by an order need one too."""
    return max(FEWEST_SEARCHES, (os.cpu_count() or 1) // 2)
