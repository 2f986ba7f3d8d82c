"""Where the compiled kernel is kept: beside the sources, or where the user may write, never one of other sources."""

import subprocess
import sys
from pathlib import Path

import pytest

from agents.planner.kernel import compiled as kernel_cache
from agents.planner.kernel import simulate


@pytest.fixture
def folders(tmp_path, monkeypatch):
    beside, users = tmp_path / "checkout" / "kernel", tmp_path / "user" / "kernel"
    monkeypatch.setattr(kernel_cache, "cache_folders", lambda: [beside, users])
    return beside, users


def found():
    locator = kernel_cache.KernelCacheLocator.from_function(simulate.play.py_func, simulate.__file__)
    return None if locator is None else Path(locator.get_cache_path())


def test_the_kernel_rests_beside_its_sources(folders):
    assert found() == folders[0]


def test_a_read_only_checkout_uses_the_users_folder(folders):
    beside, users = folders
    beside.parent.write_text("no folder can be made here")
    assert found() == users


def test_a_kernel_made_at_install_is_read_where_nothing_can_be_written(folders, monkeypatch):
    beside, _ = folders
    beside.mkdir(parents=True)
    (beside / "simulate.run.nbc").write_bytes(b"")
    monkeypatch.setattr(kernel_cache.KernelCacheLocator, "is_writable", lambda self: False)
    assert found() == beside


def test_nowhere_to_write_means_no_cache(folders):
    for folder in folders:
        folder.parent.write_text("no folder can be made here")
    assert found() is None


def test_a_kernel_of_other_sources_is_never_found(monkeypatch, tmp_path):
    before = kernel_cache.source_digest()
    for source in kernel_cache.HERE.glob("*.py"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    monkeypatch.setattr(kernel_cache, "HERE", tmp_path)
    assert kernel_cache.source_digest.__wrapped__() == before
    (tmp_path / "minimums.py").write_text("# another rule\n")
    assert kernel_cache.source_digest.__wrapped__() != before


def test_all_that_is_compiled_lies_where_the_digest_looks():
    compiles = {path for path in kernel_cache.HERE.parents[1].rglob("*.py") if "@every_month" in path.read_text()}
    assert {"exact.py", "simulate.py", "payments.py"} <= {path.name for path in compiles}
    assert {path.parent for path in compiles} == {kernel_cache.HERE}


def test_compiling_at_install_leaves_a_kernel_that_is_found():
    subprocess.run([sys.executable, "-m", "agents.planner.compile"], check=True, cwd=kernel_cache.HERE.parents[2])
    assert any(any(folder.glob("*.nbc")) for folder in kernel_cache.cache_folders())
