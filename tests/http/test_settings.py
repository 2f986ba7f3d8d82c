import pickle
import re
from pathlib import Path

import pytest

from dashboard.settings import Settings as DashboardSettings
from data.errors import BadSetting
from serve.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_example_holds_every_setting_with_a_comment():
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    names = {line.partition("=")[0] for line in lines if "=" in line and not line.startswith("#")}
    ours = {name.upper() for name in Settings.model_fields} | {name.upper() for name in DashboardSettings.model_fields}
    assert names == ours
    for place, line in enumerate(lines):
        if re.match(r"[A-Z_]+=", line):
            assert re.match(r"#|[A-Z_]+=", lines[place - 1]), f"{line} has no comment"


def test_the_examples_values_are_the_defaults(monkeypatch: pytest.MonkeyPatch):
    defaults = Settings.load()
    (Path.cwd() / ".env").write_text((ROOT / ".env.example").read_text("utf-8"), "utf-8")
    assert Settings.load() == defaults


def test_records_rest_in_the_state_folder_unless_told_otherwise(tmp_path: Path):
    settings = Settings.load(state_dir=tmp_path / "state")
    assert settings.database_url == f"sqlite:///{tmp_path}/state/debt-optimizer.db"
    for folder in (settings.redis_dir, settings.batches_dir, settings.logs_dir):
        assert folder.parent == tmp_path / "state"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / ".env").write_text("API_PORT=9001\nLOG_LEVEL=debug\nAPI_KEY=of the dashboard\n", "utf-8")
    monkeypatch.setenv("API_PORT", "9002")
    settings = Settings.load()
    assert (settings.api_port, settings.log_level) == (9002, "DEBUG")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_PORT", "eighty"),
        ("API_PORT", "70000"),
        ("LOG_LEVEL", "LOUD"),
        ("REDIS_URL", "http://host"),
        ("DATABASE_URL", "mysql://host/db"),
        ("WORKERS", "0"),
    ],
)
def test_a_setting_that_cannot_work_is_named_with_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=rf"^{name}.*mend it in the environment or in \.env$"):
        Settings.load()


def test_every_setting_that_cannot_work_is_named_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("API_PORT", "x")
    monkeypatch.setenv("LEASE_S", "-1")
    with pytest.raises(BadSetting, match=r"(?s)API_PORT.*LEASE_S|LEASE_S.*API_PORT"):
        Settings.load()


def test_secrets_are_in_no_message_and_no_representation(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REDIS_URL", "ftp://:hunter2@host")
    with pytest.raises(BadSetting) as caught:
        Settings.load()
    assert "hunter2" not in str(caught.value)
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@host")
    monkeypatch.setenv("OPENAI_API_KEY", "hunter3")
    assert "hunter" not in repr(Settings.load())


def test_settings_travel_to_other_processes(tmp_path: Path):
    settings = Settings.load(state_dir=tmp_path)
    assert pickle.loads(pickle.dumps(settings)) == settings
