"""Runs the command line in this process, on files in a folder of the test's own."""

import io
import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from serve.cli import main

with warnings.catch_warnings():  # Ray Serve's import warns of its own use of Pydantic
    warnings.simplefilter("ignore")
    import ray.serve  # noqa: F401


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


Run = Callable[..., Answer]


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATE_DIR", str(folder))
    for name in ("DATABASE_URL", "REDIS_URL", "API_URL", "API_KEY", "LLM", "API_PORT", "DASHBOARD_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*arguments: object, stdin: bytes = b"") -> Answer:
        words = [str(argument) for argument in arguments]
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        monkeypatch.setattr(sys, "argv", ["debt-optimizer", *words])
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        with pytest.raises(SystemExit) as left:
            main(words)
        told = capsys.readouterr()
        return Answer(int(left.value.code or 0), told.out, told.err)

    return call


PORTFOLIO = {
    "id": "client-42",
    "currency": "USD",
    "start": "2026-12",
    "budget": {"monthly": "600.00"},
    "debts": [
        {"name": "Visa", "kind": "credit_card", "balance": "5200.00", "apr": 0.2499, "credit_limit": "8000.00"},
        {"name": "招商银行信用卡", "kind": "credit_card", "balance": "2400.00", "apr": 0.1825},
        {"name": "Car", "kind": "auto_loan", "balance": "6000.00", "apr": 0.069},
    ],
}


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    file = tmp_path / "portfolio.json"
    file.write_text(json.dumps(PORTFOLIO), "utf-8")
    return file
