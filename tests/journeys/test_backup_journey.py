"""A running service is backed up under load; another one, made of the backup, brings every accepted task to its end."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.journeys.house import NEW_TASK, Service, until

TASKS = 30


def test_what_was_accepted_before_a_backup_is_completed_after_its_restore(tmp_path: Path):
    first, second = Service(tmp_path / "first"), Service(tmp_path / "second")
    file = str(tmp_path / "kept.tar.gz")
    try:
        first.up()
        with first.client as client, ThreadPoolExecutor(4) as callers:
            accepted = [answer.json()["id"] for answer in callers.map(lambda _: _ask(client), range(TASKS))]
            going_on = [callers.submit(_ask, client) for _ in range(TASKS)]
            made = first.run("backup", file)
            assert made.returncode == 0, made.stderr
            assert all(answer.result().status_code == 202 for answer in going_on)
        refused = first.run("restore", file)
        assert "debt-optimizer down" in refused.stderr
        first.down()

        done = second.run("restore", file)
        assert done.returncode == 0, done.stderr
        assert second.key == first.key
        second.up()
        with second.client as client:
            for task in accepted:
                until(lambda task=task: client.get(f"/v1/tasks/{task}").json()["status"] == "completed")
        assert second.run("audit", "verify").returncode == 0
    finally:
        first.down()
        second.down()


def _ask(client: httpx.Client) -> httpx.Response:
    return client.post("/v1/tasks", json=NEW_TASK)
