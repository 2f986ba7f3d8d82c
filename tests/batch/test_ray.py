"""Batches on a real Ray: the same bytes as without it, errors as they are, cancelled in time; and a killed process."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import ray

from data.errors import UnreadableFile
from data.wire.batch import BatchStatus
from serve.batches.files.folder import BatchFolder
from serve.batches.ray import on_ray
from serve.batches.run import BatchOptions, Watch, run_batch
from serve.machine.own_ray.batch import ray_at_hand
from tests.batch.tables import START, csv_bytes, make_rows

OPTIONS = BatchOptions(start=START, range_bytes=4_000)
FILES = ("results.csv", "rejects.csv", "summary.json")
KILLED = """
import sys
from pathlib import Path
from serve.batches.run import BatchOptions, run_batch
run_batch(Path(sys.argv[1]), Path(sys.argv[2]), BatchOptions(start="2026-12", range_bytes=4_000))
"""


@pytest.fixture(scope="module")
def on_a_ray():
    with ray_at_hand():
        yield
    assert not ray.is_initialized()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_bytes(csv_bytes(make_rows(1, 300, header="zh", odd=0.1, bad=0.02)))
    return path


def bytes_of(out: Path) -> list[bytes]:
    return [(out / name).read_bytes() for name in FILES]


@pytest.mark.usefixtures("on_a_ray")
def test_nobody_else_can_enter_its_folder_and_its_token_lies_nowhere():
    session = Path(ray._private.worker.global_worker.node.get_session_dir_path())
    folder = session.parents[1]
    assert (folder.parent, folder.stat().st_mode & 0o077) == (Path("/tmp"), 0)
    secret = os.environ["RAY_AUTH_TOKEN"].encode()
    left = [file for file in (*folder.rglob("*"), Path.home() / ".ray" / "auth_token") if file.is_file()]
    assert [file for file in left if secret in file.read_bytes()] == []


@pytest.mark.usefixtures("on_a_ray")
def test_ray_writes_the_same_bytes_as_one_process(source, tmp_path):
    run_batch(source, tmp_path / "alone", OPTIONS)
    told: list[int] = []
    run_batch(source, tmp_path / "ray", OPTIONS, workforce=on_ray, watch=Watch(lambda it: told.append(it.percent)))
    assert bytes_of(tmp_path / "ray") == bytes_of(tmp_path / "alone")
    assert told == sorted(told)
    assert told[-1] == 100


@pytest.mark.usefixtures("on_a_ray")
def test_what_is_wrong_with_a_file_is_told_as_it_is_and_not_as_rays(source, tmp_path):
    text = source.read_bytes() + "客户,招商银行,,100,5,,,\n".encode("gb18030") * 2000
    source.write_bytes(text.decode("utf-8", errors="ignore").encode("gb18030")[:-8] + b"\xff\xff\xff\n" * 20)
    with pytest.raises(UnreadableFile):
        run_batch(source, tmp_path / "out", OPTIONS, workforce=on_ray)


@pytest.mark.usefixtures("on_a_ray")
def test_a_cancelled_batch_stops_within_two_seconds_and_goes_on_later(source, tmp_path):
    out, asked = tmp_path / "out", []

    def is_cancelled() -> bool:
        if BatchFolder(out).part(0) is not None and not asked:
            asked.append(time.monotonic())
        return bool(asked)

    stopped = run_batch(source, out, OPTIONS, workforce=on_ray, watch=Watch(is_cancelled=is_cancelled))
    assert stopped.status is BatchStatus.CANCELLED
    assert time.monotonic() - asked[0] < 2
    run_batch(source, out, replace(OPTIONS, resume=True), workforce=on_ray)
    run_batch(source, tmp_path / "alone", OPTIONS)
    assert bytes_of(out) == bytes_of(tmp_path / "alone")


def test_a_killed_batch_goes_on_and_its_bytes_are_the_same(source, tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(source), str(out)])
    folder, until = BatchFolder(out), time.monotonic() + 60
    while folder.part(2) is None:
        assert process.poll() is None
        assert time.monotonic() < until
        os.sched_yield()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not any((out / name).exists() for name in FILES)

    done_before = folder.ids_of(0).stat().st_mtime_ns
    keeping: list[int] = []
    run_batch(
        source, out, replace(OPTIONS, resume=True), watch=Watch(lambda _: keeping.append(_mtime(folder.ids_of(0))))
    )
    assert keeping[0] == done_before
    run_batch(source, tmp_path / "alone", OPTIONS)
    assert bytes_of(out) == bytes_of(tmp_path / "alone")


def _mtime(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0
