"""One scrape tells the figures of every process, and what watches over them names only what is there."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from agents.running.models import ModelSource
from data.channels.metrics_board import MemoryMetricsBoard, MetricsBoard, RedisMetricsBoard
from data.channels.patience import end
from data.channels.task_queue.in_memory import MemoryTaskQueue
from data.channels.token_stream.in_memory import MemoryTokenStream
from data.records.accounts.account_store import AccountStore
from data.records.accounts.user_store import UserStore
from data.records.audit.audit_store import AuditStore
from data.records.database import Database
from data.records.portfolios.portfolio_store import PortfolioStore
from data.wire.agent_run import AgentRun
from serve.api import build_api
from serve.batches.run import alone
from serve.batches.runner import BatchRunner
from serve.http.services import Services
from serve.settings import Settings
from serve.tasks.worker import Worker
from serve.watching.metrics import BatchMetrics, Figures, TaskMetrics
from serve.watching.stores import CountingBatchStore, CountingTaskStore

pytestmark = pytest.mark.anyio
DOCS = Path(__file__).resolve().parents[2] / "docs" / "monitoring"
PORTFOLIO = {"debts": [{"name": "Visa", "balance": "5200.00", "apr": 0.25}]}
METRIC = re.compile(r"debt_optimizer_\w+")


async def tell(run: AgentRun) -> dict[str, Any]:
    return {"narrative": "told", "usage": {"requests": 1, "input_tokens": 70, "output_tokens": 30}}


@pytest.fixture(params=["memory", "redis"])
async def board(request: pytest.FixtureRequest) -> AsyncIterator[MetricsBoard]:
    is_redis = request.param == "redis"
    board = RedisMetricsBoard(request.getfixturevalue("redis_url")) if is_redis else MemoryMetricsBoard()
    yield board
    await board.close()


@pytest.fixture
async def scraped(board: MetricsBoard, migrated_file: Path, tmp_path: Path) -> str:
    """What an administrator reads after a task, a batch and a few requests, each in a process of its own."""
    database = Database(f"sqlite:///{tmp_path / 'records.db'}")
    (tmp_path / "records.db").write_bytes(migrated_file.read_bytes())
    api, agents, batches = (Figures(board, name) for name in ("api-1", "agents-1", "batches-1"))
    services = Services(
        settings=Settings.load(state_dir=tmp_path),
        database=database,
        accounts=AccountStore(database),
        users=UserStore(database),
        audit=AuditStore(database),
        portfolios=PortfolioStore(database),
        tasks=CountingTaskStore(database, metrics := TaskMetrics(agents.registry)),
        batches=CountingBatchStore(database, BatchMetrics(batches.registry)),
        queue=MemoryTaskQueue(),
        stream=MemoryTokenStream(),
        models=ModelSource("offline"),
        figures=api,
    )
    worker = Worker(services.tasks, services.queue, services.stream, tell)
    metrics.running.set_function(lambda: worker.running)
    runner = BatchRunner(services.batches, services.stream, services.settings.batches_dir, alone, look_s=0.05)
    loops = [asyncio.create_task(loop.run_forever()) for loop in (worker, runner)]
    organisation = await services.accounts.create_organisation("Northern")
    _, secret = await services.accounts.create_key("key", organisation.id)
    headers = {"Authorization": f"Bearer {secret}"}
    transport = httpx.ASGITransport(build_api(services))
    async with (
        asyncio.timeout(60),
        httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as client,
    ):
        task = await client.post("/v1/tasks", json={"type": "debt_analysis", "portfolio": PORTFOLIO})
        batch = await client.post("/v1/batches", content=b"name,balance,apr\nVisa,100,20\nCar,x,1\n")
        for made in (task, batch):
            while (await client.get(made.headers["location"])).json()["status"] != "completed":
                await asyncio.sleep(0.02)
        for loop in loops:
            await end(loop)
        # As each process does by itself; one that was there before shows that nothing of it is mixed up.
        other = Figures(board, "agents-0")
        TaskMetrics(other.registry).tokens.labels("input").inc(5)
        pinning = [asyncio.create_task(figures.pin_forever()) for figures in (agents, batches, other)]
        while len(await board.all()) < 3:
            await asyncio.sleep(0.01)
        for task_of_pinning in pinning:
            await end(task_of_pinning)
        await client.post("/v1/tasks", json={"type": "debt_analysis", "portfolio": PORTFOLIO})
        text = (await client.get("/metrics")).text
    await database.close()
    return text


async def test_one_scrape_tells_requests_tasks_attempts_tokens_batches_and_the_queue(scraped: str):
    for line in (
        'debt_optimizer_requests_total{method="POST",process="api-1",route="/v1/tasks",status="202"} 2.0',
        'debt_optimizer_attempts_total{kind="first",process="agents-1"} 1.0',
        'debt_optimizer_tasks_total{process="agents-1",status="completed",type="debt_analysis"} 1.0',
        'debt_optimizer_task_wait_seconds_count{priority="task",process="agents-1"} 1.0',
        'debt_optimizer_tokens_total{kind="input",process="agents-1"} 70.0',
        'debt_optimizer_tokens_total{kind="input",process="agents-0"} 5.0',
        'debt_optimizer_tokens_total{kind="output",process="agents-1"} 30.0',
        'debt_optimizer_tasks_running{process="agents-1"} 0.0',
        'debt_optimizer_batches_total{process="batches-1",status="completed"} 1.0',
        'debt_optimizer_batch_portfolios_total{process="batches-1"} 1.0',
        'debt_optimizer_batch_rejects_total{process="batches-1"} 1.0',
        "debt_optimizer_queue_backlog 1.0",
        'debt_optimizer_tasks_now{priority="task",status="pending"} 1.0',
    ):
        assert line in scraped.splitlines()
    oldest = re.search(r"^debt_optimizer_queue_oldest_seconds (\S+)$", scraped, re.MULTILINE)
    assert oldest is not None
    assert 0 <= float(oldest[1]) < 60
    types = re.findall(r"^# TYPE (\S+)", scraped, re.MULTILINE)
    assert len(types) == len(set(types))


async def test_the_dashboard_and_the_alerts_name_only_metrics_that_there_are(scraped: str):
    there = set(METRIC.findall(scraped))
    dashboard = json.loads((DOCS / "dashboard.json").read_text("utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    rules = yaml.safe_load((DOCS / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    watched = [rule["expr"] for rule in rules]
    assert yaml.safe_load((DOCS / "prometheus.yml").read_text("utf-8"))["rule_files"] == ["alerts.yml"]
    for expression in shown + watched:
        assert set(METRIC.findall(expression)) <= there, expression
        assert expression.count("(") == expression.count(")")
    counted = {name for name in there if name.endswith(("_total", "_bucket")) or "_seconds" not in name}
    families = {re.sub(r"_(total|bucket)$", "", name) for name in counted}
    named = METRIC.findall(" ".join(shown))
    assert {name for name in families if not any(use.startswith(name) for use in named)} == set()


def test_the_runbook_says_of_every_alert_what_to_do():
    rules = yaml.safe_load((DOCS / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    _, _, section = (DOCS.parent / "operations.md").read_text("utf-8").partition("\n## Alerts")
    rows = re.findall(r"^\| (\w+) \|", section.partition("\n## ")[0], re.MULTILINE)
    assert [rule["alert"] for rule in rules] == [row for row in rows if row != "alert"]


async def test_a_process_that_is_gone_is_forgotten(redis_url: str):
    board = RedisMetricsBoard(redis_url, kept_s=0.3)
    await board.pin("gone", "")
    assert list(await board.all()) == ["gone"]
    async with asyncio.timeout(20):
        while await board.all():
            await asyncio.sleep(0.05)
    await board.close()
