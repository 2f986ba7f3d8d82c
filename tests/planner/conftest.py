"""The reference simulator and the portfolio generators, and how many examples to try."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, Phase, settings

HERE = Path(__file__).parent

checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
phases = [Phase.explicit, Phase.generate, Phase.shrink]
common = {"deadline": None, "suppress_health_check": checks, "phases": phases, "database": None}
settings.register_profile("planner", max_examples=100, derandomize=True, **common)
settings.register_profile("nightly", max_examples=5000, **common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "planner"))


def load(name: str) -> ModuleType:
    """A module of this folder by its path: tests are no package."""
    spec = importlib.util.spec_from_file_location(f"planner_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    return load("reference")


@pytest.fixture(scope="session")
def portfolios() -> ModuleType:
    return load("portfolios")


@pytest.fixture(scope="session")
def offered() -> ModuleType:
    return load("offered")
