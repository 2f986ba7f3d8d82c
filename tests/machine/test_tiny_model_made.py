"""The tiny model of `up --llm tiny`: made once, given up when the run is stopped meanwhile, and missed in words."""

from pathlib import Path
from threading import Event, Timer

import psutil
import pytest

from data.errors import OperatorError
from serve.machine.models.tiny import checkpoint_folder, tiny_checkpoint
from serve.machine.private import state_folder
from serve.settings import Settings
from tests.machine.test_models_host import program


def settings_with(tmp_path: Path, script: str) -> Settings:
    """A state folder, and a Python that does this instead of making a model in its last argument."""
    state_dir = state_folder(tmp_path / "state")
    return Settings(state_dir=state_dir, llm_python=program(tmp_path, f"for folder; do :; done; {script}"))


def test_it_is_made_once(tmp_path: Path):
    said: list[str] = []
    settings = settings_with(tmp_path, f'mkdir "$folder"; echo made >>{tmp_path}/made')
    places = [tiny_checkpoint(settings, "mark", said.append, Event()) for _ in range(2)]
    assert places == [checkpoint_folder(settings.state_dir)] * 2
    assert (tmp_path / "made").read_text() == "made\n"
    assert len(said) == 1


def test_one_that_cannot_be_made_is_told_with_its_log_and_leaves_nothing(tmp_path: Path):
    settings = settings_with(tmp_path, 'mkdir "$folder"; echo no memory; exit 1')
    with pytest.raises(OperatorError, match=r"could not be made: no memory \(see .*models.log\)"):
        tiny_checkpoint(settings, "mark", print, Event())
    assert [*(settings.state_dir / "models").iterdir()] == []


def test_a_run_that_is_stopped_meanwhile_waits_for_none(tmp_path: Path):
    settings, stopping = settings_with(tmp_path, f"echo $$ >{tmp_path}/pid; exec sleep 600"), Event()
    Timer(0.5, stopping.set).start()
    assert tiny_checkpoint(settings, "mark", print, stopping) is None
    assert not (tmp_path / "pid").exists() or not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_without_its_environment_the_mend_is_said(tmp_path: Path):
    settings = Settings(state_dir=tmp_path, llm_python=tmp_path / "nowhere")
    with pytest.raises(OperatorError, match="make setup-llm"):
        tiny_checkpoint(settings, "mark", print, Event())
