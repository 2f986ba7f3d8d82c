"""The services of compose.yaml, started by their own words without Docker, on ports and addresses of this machine."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.image.steps import Image, who

GIVEN = {"POSTGRES_PASSWORD": "postgres-secret", "REDIS_PASSWORD": "redis-secret"}
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::([?-])([^}]*))?\}")
COMPOSE = Path(__file__).resolve().parents[2] / "compose.yaml"


def compose(given: Mapping[str, str]) -> dict[str, Any]:
    """The file with its variables filled in.

    Raises:
        LookupError: one that has no default is not given; with the words for whoever sees it.
    """

    def value(found: re.Match[str]) -> str:
        name, how, words = found.groups()
        if how == "?" and not given.get(name):
            raise LookupError(f"{name}: {words}")
        return given.get(name) or ("" if how != "-" else words)

    def filled(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: filled(each) for name, each in part.items()}
        if isinstance(part, list):
            return [filled(each) for each in part]
        return VARIABLE.sub(value, part) if isinstance(part, str) else part

    return filled(yaml.safe_load(COMPOSE.read_text("utf-8")))


@dataclass
class Composed:
    """Services whose addresses in the file stand for others here.

    Attributes:
        stands_for: what is written -> what is meant here.
    """

    image: Image
    stands_for: dict[str, str]
    log: Path

    def __post_init__(self) -> None:
        self._services = compose(GIVEN)["services"]

    def start(self, name: str, **further: str) -> "subprocess.Popen[bytes]":
        service = self._services[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        environment = {name: self._here(value) for name, value in service["environment"].items()}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.image.run(service["command"]),
                env={**self.image.environment, **environment, **further},
                cwd=self.image.place,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **who(),
            )

    def is_healthy(self, name: str) -> bool:
        """Whether the file's own check says so."""
        kind, *words = self._services[name]["healthcheck"]["test"]
        assert kind == "CMD"
        checked = subprocess.run([self._here(word) for word in words], env={"PATH": os.environ["PATH"]}, timeout=60)
        return checked.returncode == 0

    def _here(self, value: str) -> str:
        for written, meant in self.stands_for.items():
            value = value.replace(written, meant)
        return value
