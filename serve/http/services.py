"""What the HTTP endpoint is built on, made once in `serve/app.py` and handed down."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from anyio import CapacityLimiter

from data.clock import Clock, utc_now
from serve.http.access.behind import Behind
from serve.http.access.trail import AuditTrail

if TYPE_CHECKING:
    from agents.running.models import ModelSource
    from data.channels.task_queue.queue import TaskQueue
    from data.channels.token_stream.stream import TokenStream
    from data.records.accounts.account_store import AccountStore
    from data.records.accounts.user_store import UserStore
    from data.records.audit.audit_store import AuditStore
    from data.records.batch_store import BatchStore
    from data.records.database import Database
    from data.records.portfolio_store import PortfolioStore
    from data.records.task_store import TaskStore
    from serve.http.access.tokens import TokenReader
    from serve.settings import Settings


FEWEST_SEARCHES = 2  # one long search never holds up all others
AreReady = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Services:
    """The parts behind the routes.

    Attributes:
        models: what a task may ask for; the API only checks names, workers call models.
        are_workers_ready: for /readyz; None where nobody can tell.
        behind: what requests leave to be done after them.
        tokens: for callers who come through an identity provider; None where there is none.
        searches: how many searches for an optimal plan run at once; more wait their turn, other questions do not.
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
    behind: Behind = field(default_factory=Behind)
    searches: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_most_searches()))

    @cached_property
    def trail(self) -> AuditTrail:
        """What requests have done, on its way into the audit log."""
        return AuditTrail(self.audit, self.behind)

    async def close(self) -> None:
        """Close every connection; open event streams end."""
        await self.behind.close()
        if self.tokens is not None:
            await self.tokens.close()
        await self.stream.close()
        await self.queue.close()
        await self.database.close()


def _most_searches() -> int:
    """A search keeps one processor busy for up to a minute: half of them, for plans by an order need one too."""
    return max(FEWEST_SEARCHES, (os.cpu_count() or 1) // 2)
