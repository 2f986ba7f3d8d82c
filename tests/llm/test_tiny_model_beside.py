"""`up --llm tiny`: a tiny Llama hosted beside the service, watched as its other parts are, and ended with them."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from serve.machine.models.tiny import checkpoint_folder
from tests.journeys.house import NEW_TASK, Service, begin, record_of, until
from tests.llm.conftest import PYTHON, AskingService

pytestmark = [pytest.mark.llm, pytest.mark.timeout(3000)]


@pytest.fixture
def tiny(checkpoints: dict[str, Path], tmp_path: Path) -> Iterator[Service]:
    state_dir = tmp_path / "house" / "state"
    kept = checkpoint_folder(state_dir)
    kept.parent.mkdir(parents=True, mode=0o700)
    state_dir.chmod(0o700)
    shutil.copytree(checkpoints["llama"], kept)
    changes = {"LLM_PYTHON": str(PYTHON.absolute())}
    service = AskingService(state_dir, changes=changes, options=("--llm", "tiny", "--no-dashboard"), start_s=600)
    service.up()
    try:
        yield service
    finally:
        service.down()
        for process in service.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()


def test_a_tiny_model_comes_and_goes_with_the_service(tiny: Service):
    told = tiny.run("models", "--json")
    assert told.returncode == 0, told.stdout + told.stderr
    model = json.loads(told.stdout)["models"][0]
    assert (model["name"], model["is_default"], model["calls_tools"]) == ("vllm:llama", True, True)
    # Its host is killed, and whoever asked meanwhile is answered.
    before = tiny.pid_of("model")
    os.kill(before, 9)
    reading = begin(tiny, {**NEW_TASK, "type": "debt_analysis"})
    until(lambda: tiny.pid_of("model") != before)
    reading.follow()
    record = record_of(reading)
    assert (record["status"], record["result"]["model"]) == ("completed", "llama")
    assert "is stopped" in tiny.down().stdout
    assert tiny.processes() == []
