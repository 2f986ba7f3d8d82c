"""Workers grow and shrink with the backlog, and a new release under load loses nothing; on a Ray of its own."""

import os
import subprocess
import sys
from pathlib import Path

from serve.machine import redis_server
from serve.machine.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


def test_a_release_under_load_loses_no_task_and_no_letter_of_any_stream(tmp_path: Path):
    server = redis_server.start(tmp_path)
    own = {"REDIS_URL": server.url, "API_PORT": str(free_port()), "TASKS_PER_WORKER": "4", "LEASE_S": "3"}
    settings = {"STATE_DIR": str(tmp_path), "DATABASE_URL": "", "LLM": "offline"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.journeys.rolling", str(tmp_path)],
            cwd=ROOT,
            env={**os.environ, **own, **settings},
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
    finally:
        server.stop()
    assert done.stdout.splitlines()[-1:] == ["fine"], done.stdout + done.stderr[-3000:]
