"""Records that an earlier version wrote are read by this one."""

import pytest

from data.records.database import Database
from data.records.tasks.task_store import TaskStore
from tests.records.earlier import apply, execute, moved_to

pytestmark = pytest.mark.anyio
COLUMNS = "id, organisation_id, key_id, type, status, progress, stage, attempt, attempts_forgiven, cancel_requested"
VALUES = "'t1', 'house', 'key', 'debt_analysis', 'pending', 0, 'queued', 0, 0, false"
TASK = f"""INSERT INTO agent_task ({COLUMNS}, request, created_at, updated_at)
           VALUES ({VALUES}, '{{"type"\\: "debt_analysis"}}',
                   '2026-11-01 00:00:00+00:00', '2026-11-01 00:00:00+00:00')"""


async def test_a_task_of_the_first_version_keeps_its_place_in_the_queue(database_url: str):
    database = Database(database_url)
    await apply(database_url, moved_to("0001"))
    await execute(database_url, TASK)
    await database.migrate()
    stranded = await TaskStore(database).stranded(0)
    assert stranded == [("t1", "house", "key", "task")]
    assert (await TaskStore(database).get("t1", "house")).priority == "task"
    await database.close()
