"""The process that hosts models, as whoever starts it waits for it: not for ever, and not for one that has ended."""

import os
import stat
import sys
from pathlib import Path

import psutil
import pytest

from data.errors import OperatorError
from serve.machine.models.hosted import hosted, model_host
from serve.machine.private import private_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="models are hosted behind HAProxy, for Linux only")


def program(folder: Path, script: str) -> Path:
    """A Python that does this instead."""
    file = folder / "python"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return private_folder(tmp_path / "host")


def test_a_host_that_never_answers_is_given_up(tmp_path: Path, folder: Path):
    python = program(tmp_path, f"echo $$ >{tmp_path}/pid; echo loading; exec sleep 600")
    with (
        pytest.raises(OperatorError, match="did not answer within 1 s: loading"),
        hosted({"llama": tmp_path}, folder, python, within_s=1),
    ):
        pass
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_a_host_that_ends_is_not_waited_for(tmp_path: Path, folder: Path):
    python = program(tmp_path, "echo no such model; exit 1")
    with (
        pytest.raises(OperatorError, match=r"ended while it was starting: no such model \(see .*models.log\)"),
        hosted({"llama": tmp_path}, folder, python),
    ):
        pass


def test_what_opens_it_is_nobody_elses(tmp_path: Path, folder: Path):
    host = model_host({"llama": tmp_path}, folder, Path(sys.executable))
    token = Path(host.variables["RAY_AUTH_TOKEN_PATH"])
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert host.key not in repr(host)
    assert host.key not in " ".join(host.command)
    # Statistics and metrics are closed as the service's own are.
    assert os.access(host.variables["RAY_SERVE_HAPROXY_BINARY_PATH"], os.X_OK)
    assert host.variables["DEBT_OPTIMIZER_ALL_PATHS"] == ""
