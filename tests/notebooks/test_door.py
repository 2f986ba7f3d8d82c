"""`import debt_optimizer`: quick, the one way in, and clear where another project's package stands in its place."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import debt_optimizer

ROOT = Path(debt_optimizer.__file__).parent
SAMPLE = ROOT / "data" / "samples" / "six-debts.csv"


def in_python(code: str, folder: Path, *first: Path) -> subprocess.CompletedProcess[str]:
    """Run it as a notebook beside `folder`'s files would: the folder comes first on the path."""
    path = os.pathsep.join(map(str, (folder, *first, ROOT)))
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_every_name_it_lists_is_there_and_no_other():
    assert dir(debt_optimizer) == debt_optimizer.__all__ == sorted(debt_optimizer.__all__)
    assert all(getattr(debt_optimizer, name).__doc__ for name in debt_optimizer.__all__)
    with pytest.raises(AttributeError, match="no attribute 'serve'"):
        debt_optimizer.serve  # noqa: B018 (asked for on purpose)


def test_the_import_itself_loads_none_of_what_takes_long(tmp_path: Path):
    code = "import sys, debt_optimizer; print(sorted({'pandas', 'numba', 'numpy', 'pydantic'} & sys.modules.keys()))"
    assert in_python(code, tmp_path).stdout.strip() == "[]"


def test_no_ray_server_or_database_is_loaded_for_a_plan(tmp_path: Path):
    code = f"""
import sys, debt_optimizer
debt_optimizer.compare({str(SAMPLE)!r})
print(sorted({{'ray', 'fastapi', 'sqlmodel', 'redis', 'openai', 'streamlit'}} & sys.modules.keys()))
"""
    answer = in_python(code, tmp_path)
    assert answer.stdout.strip() == "[]", answer.stderr


def test_folders_named_data_and_agents_beside_the_notebook_hide_nothing(tmp_path: Path):
    for folder in ("data/files", "data/portfolio", "agents/notebooks"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "notes.txt").write_text("a data scientist's own", "utf-8")
    answer = in_python(f"import debt_optimizer as do; print(do.compare({str(SAMPLE)!r}).attrs['best'])", tmp_path)
    assert answer.stdout.strip() == "optimal", answer.stderr


@pytest.mark.parametrize("package", ["agents", "data"])
def test_another_projects_package_of_the_same_name_is_told_with_what_to_do(tmp_path: Path, package: str):
    other = tmp_path / "other" / package
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("print('not ours')", "utf-8")
    answer = in_python("import debt_optimizer; debt_optimizer.compare", tmp_path, tmp_path / "other")
    assert "ImportError" in answer.stderr
    assert str(other) in answer.stderr
    assert "an environment of its own" in answer.stderr
    assert answer.stdout == ""  # theirs was not run


def test_it_is_installed_with_the_packages_behind_it(tmp_path: Path):
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    copy = tmp_path / "copy"
    subprocess.run(["git", "clone", "--quiet", "--shared", ROOT, copy], check=True, timeout=120)
    for name in ("pyproject.toml", "debt_optimizer.py"):
        (copy / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    subprocess.run([*build, "--wheel-dir", tmp_path, copy], check=True, timeout=300, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        assert {"debt_optimizer.py", "agents/__init__.py", "data/samples/six-debts.csv"} <= set(wheel.namelist())
