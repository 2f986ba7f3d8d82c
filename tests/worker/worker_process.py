"""A worker in a process of its own, for tests that kill it: `python worker_process.py REDIS_URL DATABASE_URL LOG`.

Its agent calls one slow tool, saves, and then tells a hundred words, a few milliseconds each.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.token_stream.on_redis import RedisTokenStream
from data.records.database import Database
from data.records.tasks.task_store import TaskStore
from data.wire.agent_run import AgentRun, Step
from data.wire.event import EventType
from serve.tasks.worker import Worker

LEASE_S = 1.0
WORDS = [f"word{number} " for number in range(100)]


async def work(redis_url: str, database_url: str, log: Path) -> None:
    database = Database(database_url)
    await database.migrate()

    async def tell(run: AgentRun) -> dict[str, Any]:
        if run.checkpoint is None:
            with log.open("a") as tool_calls:
                tool_calls.write(f"{run.task_id}\n")
            await run.save(b"the tool has answered", [Step("tool", "plan", {"months": 12})])
        for word in WORDS:
            await run.emit(EventType.CHUNK, {"text": word})
            await asyncio.sleep(0.005)
        return {"narrative": "".join(WORDS)}

    queue, stream = RedisTaskQueue(redis_url, idle_s=LEASE_S), RedisTokenStream(redis_url)
    await Worker(TaskStore(database), queue, stream, tell, lease_s=LEASE_S, slots=4).run_forever()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
