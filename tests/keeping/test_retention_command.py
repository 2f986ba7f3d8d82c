"""`retention show|set|apply`, on the records of a service that runs."""

import asyncio
import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.clock import utc_now
from data.records.portfolios.portfolio_store import PortfolioStore
from data.records.tasks.task_store import TaskStore
from data.wire.saved_portfolio import NewPortfolio
from tests.keeping.conftest import Whole

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
PORTFOLIO = {"debts": [{"name": "Visa", "balance": "5200.00", "apr": 0.25}]}


async def run(whole: Whole, *words: str) -> tuple[int, str, str]:
    """The command line, in a process of its own beside the service."""
    environment = {
        "STATE_DIR": str(whole.services.settings.state_dir),
        "DATABASE_URL": whole.services.settings.database_url,
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "100",
    }
    command = [sys.executable, "-c", "from serve.cli import main; main()", "retention", *words]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=whole.state_dir, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


async def told(whole: Whole, *words: str) -> Any:
    code, out, err = await run(whole, *words, "--json")
    assert code == 0, err
    return json.loads(out)


async def test_what_is_decided_there_is_what_the_endpoint_says(whole: Whole):
    decided = {"tasks_days": 90, "batches_days": None, "portfolios_days": 400}
    assert await told(whole, "set", "--tasks", "90d", "--portfolios", "400") == decided
    assert (await whole.plain.get("/v1/organisation/retention")).json() == decided
    # What is not named stays.
    assert await told(whole, "set", "--tasks", "keep") == decided | {"tasks_days": None}
    code, out, _ = await run(whole, "show")
    assert (code, out.splitlines()[2]) == (0, "portfolios: 400 days")
    assert out.startswith("tasks: kept")
    noted = (await whole.admin.get("/v1/audit", params={"action": "retention.decided"})).json()["items"]
    assert [one["actor_kind"] for one in noted] == ["operator"] * 2


async def test_applying_erases_what_is_older_at_once_and_nothing_else(whole: Whole):
    database, mine = whole.services.database, whole.organisation_id

    def long_ago() -> datetime:
        return utc_now() - timedelta(days=40)

    tasks = TaskStore(database, long_ago)
    task = (await tasks.add({"type": "debt_analysis"}, organisation_id=mine, key_id="key")).id
    await tasks.request_cancel(task, mine)
    new = NewPortfolio.model_validate({"title": "Old", "portfolio": PORTFOLIO})
    old = (await PortfolioStore(database, long_ago).add(new, organisation_id=mine)).id
    young = (await whole.plain.post("/v1/portfolios", json={"title": "Young", "portfolio": PORTFOLIO})).json()["id"]
    assert await told(whole, "apply") == {"erased": {"tasks": 0, "batches": 0, "portfolios": 0}}
    await told(whole, "set", "--tasks", "30", "--portfolios", "30")
    code, out, _ = await run(whole, "apply")
    assert (code, out.splitlines()) == (0, ["tasks: 1 erased", "batches: 0 erased", "portfolios: 1 erased"])
    paths = [f"/v1/portfolios/{old}", f"/v1/tasks/{task}", f"/v1/portfolios/{young}"]
    assert [(await whole.plain.get(path)).status_code for path in paths] == [404, 404, 200]
    noted = (await whole.admin.get("/v1/audit", params={"action": "retention.applied"})).json()["items"]
    assert noted[0]["detail"] == {"tasks": 1, "batches": 0, "portfolios": 1}


async def test_without_redis_nothing_is_erased_and_the_reason_is_told(whole: Whole, tmp_path: Path):
    (whole.services.settings.state_dir / "redis" / "redis.conf").rename(tmp_path / "away.conf")
    code, _, err = await run(whole, "apply")
    assert code == 1
    assert "start the service" in err
