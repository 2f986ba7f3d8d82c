"""What every test may use: a real Redis or Valkey, a migrated database, and valid tasks."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, settings

from data.portfolio.portfolio import Portfolio
from data.records.database import Database
from data.wire.task import NewTask
from serve.machine import redis_server
from tests import postgres_server, s3_server

# A machine that stalls for a second is not the code's fault; the planner's laws have a profile of their own.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def redis_server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server for all tests of the session."""
    server = redis_server.start(tmp_path_factory.mktemp("state"))
    yield server.url
    server.stop()


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """The session's server, emptied for this test."""
    with redis.Redis.from_url(redis_server_url) as client:
        client.flushall()
    return redis_server_url


@pytest.fixture(scope="session")
def postgres_server_url() -> Iterator[str]:
    """A Postgres server for the tests marked `postgres`, whose user may create databases."""
    with postgres_server.running() as url:
        yield url


@pytest.fixture(scope="session")
def s3() -> Iterator[s3_server.S3Server]:
    """An S3 store for all tests of the session; each uses a prefix of its own."""
    with s3_server.running() as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.db'}"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with its tables, made once and copied for each test."""
    file = tmp_path_factory.mktemp("database") / "records.db"

    async def make() -> None:
        database = Database(f"sqlite:///{file}")
        await database.migrate()
        await database.close()

    asyncio.run(make())
    return file


@pytest.fixture
def migrated_sqlite_url(sqlite_url: str, migrated_file: Path) -> str:
    shutil.copy(migrated_file, sqlite_url.removeprefix("sqlite:///"))
    return sqlite_url


@pytest.fixture
async def database(migrated_sqlite_url: str) -> AsyncIterator[Database]:
    """A migrated SQLite file of this test."""
    database = Database(migrated_sqlite_url)
    yield database
    await database.close()


@pytest.fixture
def new_portfolio() -> Callable[..., Portfolio]:
    """A builder of valid portfolios: two debts and a budget that covers their minimums."""

    def build(**changes: Any) -> Portfolio:
        visa = {"name": "Visa", "kind": "credit_card", "balance": "5200.00", "apr": 0.2499}
        car = {"name": "Car", "kind": "auto_loan", "balance": "9000.00", "apr": 0.069}
        values = {"currency": "USD", "start": "2027-01", "budget": {"monthly": "700.00"}, "debts": [visa, car]}
        return Portfolio.model_validate(values | changes)

    return build


@pytest.fixture
def new_task(new_portfolio: Callable[..., Portfolio]) -> Callable[..., NewTask]:
    """A builder of valid tasks with a portfolio in them."""

    def build(**changes: Any) -> NewTask:
        return NewTask.model_validate({"type": "debt_analysis", "portfolio": new_portfolio()} | changes)

    return build
