"""All of the service but Ray in one process: Redis with its file, SQLite, a worker, a runner of batches, clients."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from agents.running.models import ModelSource
from data.channels.patience import end
from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.token_stream.on_redis import RedisTokenStream
from data.clock import utc_now
from data.records.accounts.account_store import AccountStore, KeyGrant
from data.records.accounts.user_store import UserStore
from data.records.audit.audit_store import AuditStore
from data.records.batches.batch_store import BatchStore
from data.records.database import Database
from data.records.portfolios.portfolio_store import PortfolioStore
from data.records.tasks.task_store import TaskStore
from data.wire.access import Role
from serve.api import build_api
from serve.batches.run import alone
from serve.batches.runner import BatchRunner
from serve.http.services import Services
from serve.machine import redis_server
from serve.settings import Settings
from serve.tasks.worker import Worker


@dataclass
class Clock:
    """The real time, moved by whole days."""

    days: int = 0

    def __call__(self) -> datetime:
        return utc_now() + timedelta(days=self.days)


@dataclass
class Whole:
    """A service, its clients, and where it keeps things."""

    services: Services
    state_dir: Path
    admin: httpx.AsyncClient
    plain: httpx.AsyncClient
    stranger: httpx.AsyncClient
    clock: Clock
    organisation_id: str
    loops: list["asyncio.Task[None]"] = field(default_factory=list)

    def work(self, run: Callable) -> None:
        """Begin to work on tasks."""
        parts = self.services.tasks, self.services.queue, self.services.stream
        self.loops.append(asyncio.create_task(Worker(*parts, run, look_s=0.05).run_forever()))

    def work_on_batches(self) -> BatchRunner:
        """Begin to work on batches."""
        folder = self.services.settings.batches_dir
        runner = BatchRunner(self.services.batches, self.services.stream, folder, alone, look_s=0.05)
        self.loops.append(asyncio.create_task(runner.run_forever()))
        return runner

    async def until(self, path: str, status: str) -> dict:
        """The answer of the path once it has the status."""
        async with asyncio.timeout(60):
            while True:
                answer = (await self.admin.get(path)).json()
                if answer["status"] == status:
                    return answer
                await asyncio.sleep(0.05)

    def files_with(self, text: str) -> list[str]:
        """The files of the state folder that hold the text, in any encoding that is read here."""
        forms = [text.encode(encoding) for encoding in ("utf-8", "gb18030", "utf-16-le")]
        forms += [text.encode("ascii", "backslashreplace")]
        files = (path for path in self.state_dir.rglob("*") if path.is_file())
        return [path.name for path in files if any(form in path.read_bytes() for form in forms)]


@pytest.fixture
async def whole(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Whole]:
    settings = Settings.load(state_dir=tmp_path)
    shutil.copy(migrated_file, tmp_path / "debt-optimizer.db")
    server = redis_server.start(tmp_path)
    database, clock = Database(settings.database_url), Clock()
    services = Services(
        settings=settings,
        database=database,
        accounts=AccountStore(database),
        users=UserStore(database),
        audit=AuditStore(database),
        portfolios=PortfolioStore(database),
        tasks=TaskStore(database),
        batches=BatchStore(database),
        queue=RedisTaskQueue(server.url),
        stream=RedisTokenStream(server.url),
        models=ModelSource("offline"),
    )
    transport = httpx.ASGITransport(build_api(services), raise_app_exceptions=False)

    async def client(organisation_id: str, *, is_admin: bool) -> httpx.AsyncClient:
        _, secret = await services.accounts.create_key(
            "key", organisation_id, KeyGrant(Role.ADMIN if is_admin else Role.ANALYST)
        )
        headers = {"Authorization": f"Bearer {secret}"}
        return httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers)

    mine, other = [(await services.accounts.create_organisation(name)).id for name in ("Northern", "Southern")]
    clients = [
        await client(mine, is_admin=True),
        await client(mine, is_admin=False),
        await client(other, is_admin=True),
    ]
    whole = Whole(services, tmp_path, *clients, clock, mine)
    yield whole
    for loop in whole.loops:
        await end(loop)
    for each in clients:
        await each.aclose()
    await services.close()
    server.stop()
