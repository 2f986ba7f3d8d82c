"""The application over a SQLite file and the in-memory twins, callers of two organisations, and a server on a port."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from agents.running.models import ModelSource
from data.channels.task_queue.in_memory import MemoryTaskQueue
from data.channels.token_stream.in_memory import MemoryTokenStream
from data.records.accounts.account_store import AccountStore, KeyGrant
from data.records.accounts.user_store import UserStore
from data.records.audit.audit_store import AuditStore
from data.records.batches.batch_store import BatchStore
from data.records.database import Database
from data.records.portfolios.portfolio_store import PortfolioStore
from data.records.tasks.task_store import TaskStore
from data.wire.access import Role
from serve.api import build_api
from serve.http.services import Services
from serve.settings import Settings

NOW = datetime(2027, 3, 14, 9, 26, tzinfo=UTC)


@dataclass(frozen=True)
class House:
    """An organisation with an administrator's key and a plain one."""

    id: str
    admin_key: str
    plain_key: str


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables, to copy: migrating anew for each test would be most of its time."""
    file = tmp_path_factory.mktemp("migrated") / "records.db"

    async def migrate() -> None:
        database = Database(f"sqlite:///{file}")
        await database.migrate()
        await database.close()

    asyncio.run(migrate())
    return file


@pytest.fixture
async def database(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Database]:
    file = shutil.copy(migrated_file, tmp_path / "records.db")
    database = Database(f"sqlite:///{file}")
    yield database
    await database.close()


@pytest.fixture
async def services(database: Database, tmp_path: Path) -> AsyncIterator[Services]:
    services = Services(
        settings=Settings.load(
            state_dir=tmp_path, upload_limit_bytes=20_000, json_limit_bytes=20_000, wrong_keys_limit="off"
        ),
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
        now=lambda: NOW,
    )
    yield services
    await services.close()


@pytest.fixture
def app(services: Services) -> FastAPI:
    return build_api(services)


@pytest.fixture
async def house(services: Services) -> House:
    return await new_house(services, "Northern Advice")


@pytest.fixture
async def other_house(services: Services) -> House:
    return await new_house(services, "Southern Advice")


async def new_house(services: Services, name: str) -> House:
    accounts = services.accounts
    organisation = await accounts.create_organisation(name)
    _, admin_key = await accounts.create_key("admin", organisation.id)
    _, plain_key = await accounts.create_key("plain", organisation.id, KeyGrant(Role.ANALYST))
    return House(organisation.id, admin_key, plain_key)


@asynccontextmanager
async def calling(app: FastAPI, key: str | None) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as client:
        yield client


@pytest.fixture(name="calling")
def calling_fixture() -> Callable[[FastAPI, str | None], Any]:
    return calling


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., Awaitable[None]]:
    return until


@pytest.fixture
async def admin(app: FastAPI, house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, house.admin_key) as client:
        yield client


@pytest.fixture
async def client(app: FastAPI, house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, house.plain_key) as client:
        yield client


@pytest.fixture
async def stranger(app: FastAPI, other_house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, other_house.admin_key) as client:
        yield client


@pytest.fixture
async def nobody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, None) as client:
        yield client


@asynccontextmanager
async def serving(app: FastAPI, **options: Any) -> AsyncIterator[str]:
    """The application on a real socket, in this test's loop: for what streams."""
    how = {"host": "127.0.0.1", "port": 0, "log_level": "critical", "lifespan": "off", "access_log": False}
    server = uvicorn.Server(uvicorn.Config(app, **how, **options))
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    server.force_exit = True
    await running


@pytest.fixture(name="serving")
def serving_fixture() -> Callable[..., Any]:
    return serving


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with serving(app) as address:
        yield address


async def until(is_so: Callable[[], bool | Awaitable[bool]], patience_s: float = 10.0) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(patience_s):
        while True:
            answer = is_so()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.005)


@pytest.fixture
def portfolio() -> dict[str, Any]:
    """As a program sends it: no start, amounts as strings and numbers."""
    return {
        "currency": "USD",
        "budget": {"monthly": "700.00"},
        "debts": [
            {"name": "Visa", "kind": "credit_card", "balance": "5200.00", "apr": 0.2499},
            {"name": "Car", "kind": "auto_loan", "balance": 9000, "apr": 0.069},
        ],
    }
