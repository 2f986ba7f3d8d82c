"""The application and a batch runner over a SQLite file and the in-memory stream, and a caller's client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from agents.running.models import ModelSource
from data.channels.task_queue.in_memory import MemoryTaskQueue
from data.channels.token_stream.in_memory import MemoryTokenStream
from data.records.accounts.account_store import AccountStore
from data.records.accounts.user_store import UserStore
from data.records.audit.audit_store import AuditStore
from data.records.batches.batch_store import BatchStore
from data.records.database import Database
from data.records.portfolios.portfolio_store import PortfolioStore
from data.records.tasks.task_store import TaskStore
from serve.api import build_api
from serve.batches.run import alone
from serve.batches.runner import BatchRunner
from serve.http.services import Services
from serve.settings import Settings

Calling = Callable[[str], Awaitable[httpx.AsyncClient]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(state_dir=tmp_path, batch_limit_bytes=1_000_000)


@pytest.fixture
async def services(database: Database, settings: Settings) -> AsyncIterator[Services]:
    services = Services(
        settings=settings,
        database=database,
        accounts=AccountStore(database),
        users=UserStore(database),
        audit=AuditStore(database),
        portfolios=PortfolioStore(database),
        tasks=TaskStore(database),
        batches=BatchStore(database),
        queue=MemoryTaskQueue(),
        stream=MemoryTokenStream(),
        models=ModelSource("offline"),
    )
    yield services
    await services.close()


@pytest.fixture
async def calling(services: Services) -> AsyncIterator[Calling]:
    """Makes a client of a new organisation of that name."""
    clients: list[httpx.AsyncClient] = []
    transport = httpx.ASGITransport(build_api(services), raise_app_exceptions=False)

    async def call(name: str) -> httpx.AsyncClient:
        house = await services.accounts.create_organisation(name)
        _, key = await services.accounts.create_key("key", house.id)
        headers = {"Authorization": f"Bearer {key}"}
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers))
        return clients[-1]

    yield call
    for client in clients:
        await client.aclose()


@pytest.fixture
async def client(calling: Calling) -> httpx.AsyncClient:
    return await calling("Northern Advice")


@pytest.fixture
def make_runner(services: Services) -> Callable[..., BatchRunner]:
    """Makes a runner that works in this process and looks often."""

    def make(**settings: object) -> BatchRunner:
        chosen = {"workforce": alone, "lease_s": 5.0, "look_s": 0.02, **settings}
        return BatchRunner(services.batches, services.stream, services.settings.batches_dir, **chosen)

    return make


@pytest.fixture
async def runner(make_runner: Callable[..., BatchRunner]) -> AsyncIterator[BatchRunner]:
    """A runner at work."""
    runner = make_runner()
    loop = asyncio.create_task(runner.run_forever())
    yield runner
    await runner.drain()
    await loop
