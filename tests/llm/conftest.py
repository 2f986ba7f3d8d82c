"""A tiny Llama and a tiny Mixtral on real vLLM, hosted by Ray Serve, and the whole service that asks them."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from serve.machine.models.hosted import HostedModels, hosted
from serve.machine.private import private_folder, run_folder
from tests.journeys.house import Service

PYTHON = Path(os.environ.get("LLM_PYTHON", ".venv-llm/bin/python"))
MAKER = Path("serve/machine/models/tiny_model.py")
KINDS = ("llama", "mixtral")
LONGEST_S = "1500"  # a slow machine needs long; what counts is that it knows its turns


@dataclass
class AskingService(Service):
    """A service whose tasks are answered by the hosted models."""

    changes: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "LEASE_S": "30", **self.changes}


def made(kind: str, folder: Path) -> Path:
    """The folder of a kind's model, made now unless somebody names a folder of them that were."""
    if "LLM_CHECKPOINTS" in os.environ:
        return Path(os.environ["LLM_CHECKPOINTS"]) / kind
    # One processor each: those that share one wait for each other at every step.
    variables = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [PYTHON, MAKER, kind, folder / kind, "--seconds", LONGEST_S]
    subprocess.run(command, env=variables, check=True, timeout=1600)
    return folder / kind


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each kind's model, made now: one on each processor."""
    folder = tmp_path_factory.mktemp("models")
    with ThreadPoolExecutor() as both:
        return dict(zip(KINDS, both.map(lambda kind: made(kind, folder), KINDS), strict=True))


@pytest.fixture(scope="session")
def models(checkpoints: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostedModels]:
    with hosted(checkpoints, private_folder(run_folder(tmp_path_factory.mktemp("llm"))), PYTHON) as found:
        yield found


@pytest.fixture(scope="session")
def service(models: HostedModels, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    changes = {"LLM": "vllm:llama", "VLLM_BASE_URL": models.base_url, "VLLM_API_KEY": models.key}
    asking = AskingService(tmp_path_factory.mktemp("house") / "state", changes=changes)
    asking.up()
    try:
        yield asking
    finally:
        asking.down()
        for process in asking.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
