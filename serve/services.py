"""What the HTTP endpoint is built on, made once in `serve/app.py` and handed down.

Knows nothing of HTTP, and nothing of how its parts are made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.clock import Clock, utc_now

if TYPE_CHECKING:
    from agents.models import ModelSource
    from data.account_store import AccountStore
    from data.batch_store import BatchStore
    from data.database import Database
    from data.portfolio_store import PortfolioStore
    from data.task_queue import TaskQueue
    from data.task_store import TaskStore
    from data.token_stream import TokenStream
    from serve.settings import Settings


AreReady = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Services:
    """The parts behind the routes.

    Attributes:
        models: what a task may ask for; the API only checks names, workers call models.
        are_workers_ready: for /readyz; None where nobody can tell.
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

    async def close(self) -> None:
        """Let go of every connection; open event streams end."""
        await self.stream.close()
        await self.queue.close()
        await self.database.close()
