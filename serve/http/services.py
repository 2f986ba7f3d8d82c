"""What the HTTP endpoint is built on, made once in `serve/app.py` and handed down."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from data.channels.metrics_board import MemoryMetricsBoard
from data.clock import Clock, utc_now
from serve.http.access.behind import Behind
from serve.http.access.trail import AuditTrail
from serve.http.bounds.places import Places
from serve.http.bounds.rates import Rates
from serve.keeping.erasing import Eraser
from serve.watching.metrics import Figures, process_name

if TYPE_CHECKING:
    from agents.running.models import ModelSource
    from data.channels.task_queue.queue import TaskQueue
    from data.channels.token_stream.stream import TokenStream
    from data.records.accounts.account_store import AccountStore
    from data.records.accounts.user_store import UserStore
    from data.records.audit.audit_store import AuditStore
    from data.records.batches.batch_store import BatchStore
    from data.records.database import Database
    from data.records.portfolios.portfolio_store import PortfolioStore
    from data.records.tasks.task_store import TaskStore
    from serve.http.access.tokens import TokenReader
    from serve.settings import Settings
    from serve.watching.traces import Traces


FEWEST_SEARCHES = 2  # one long search never holds up all others
MOST_QUICK = 400  # that run or wait
MOST_LONG = 40
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
        behind: what requests leave to be done after them.
        tokens: for callers who come through an identity provider; None where there is none.
        traces: the spans of this process; None where nobody asks for any.
        quick: the turns of questions that take milliseconds; those that take longer never wait among them.
        searches: of searches for an optimal plan. long: of questions that plan many times over. imports: of files.
        rates: who asks how often.
        now: the clock; a portfolio without a start is planned from its month.
    """

    settings: Settings
    database: Database
    accounts: AccountStore
    users: UserStore
    audit: AuditStore
    portfolios: PortfolioStore
    tasks: TaskStore
    batches: BatchStore
    queue: TaskQueue
    stream: TokenStream
    models: ModelSource
    now: Clock = utc_now
    are_workers_ready: AreReady | None = None
    tokens: TokenReader | None = None
    traces: Traces | None = None
    figures: Figures = field(default_factory=_own_figures)
    behind: Behind = field(default_factory=Behind)
    quick: Places = field(default_factory=lambda: Places(_processors(), MOST_QUICK))
    searches: Places = field(default_factory=lambda: Places(_most_searches(), MOST_LONG))
    long: Places = field(default_factory=lambda: Places(_most_searches(), MOST_LONG))
    rates: Rates = field(default_factory=Rates)
    imports: Places = field(default_factory=lambda: Places(max(1, _processors() // 2), MOST_LONG))

    @property
    def eraser(self) -> Eraser:
        """Erases what its owner wants erased."""
        return Eraser(self.database, self.queue, self.stream, self.settings.batches_dir)

    @property
    def traceparent(self) -> str | None:
        """Where in a trace one is now, for what goes on elsewhere."""
        return None if self.traces is None else self.traces.here()

    @cached_property
    def trail(self) -> AuditTrail:
        """What requests have done, on its way into the audit log."""
        return AuditTrail(self.audit, self.behind)

    async def close(self) -> None:
        """Close every connection; open event streams end."""
        await self.behind.close()
        await self.rates.close()
        if self.tokens is not None:
            await self.tokens.close()
        if self.traces is not None:
            await self.traces.close()
        await self.stream.close()
        await self.queue.close()
        await self.figures.board.close()
        await self.database.close()


def _most_searches() -> int:
    """A search keeps one processor busy for up to a minute: half of them, for plans by an order need one too."""
    return max(FEWEST_SEARCHES, _processors() // 2)


def _processors() -> int:
    return os.cpu_count() or 1
