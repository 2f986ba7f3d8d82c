"""The house rules that no linter holds: sizes, names, pins, and a README that is true."""

import ast
import re
import statistics
import subprocess
from pathlib import Path

from tests.house import house_map

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("data", "agents", "serve", "dashboard")
KERNELS = {"agents/planner/kernel/simulate.py"}
# the hosts are written in pieces so that this file does not name them either
REGISTRY_HOSTS = re.compile(r"py" r"pi\.org|python" r"hosted\.org|npm" r"js\.(org|com)|deb" r"ian\.org")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def ours() -> list[Path]:
    return [file for file in tracked(*(f"{package}/*.py" for package in PACKAGES)) if "migrations" not in file.parts]


def functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(file.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_file_is_longer_than_350_lines():
    lengths = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in ours()}
    assert {name: length for name, length in lengths.items() if length > 350} == {}


def test_half_of_the_files_have_at_most_120_lines():
    assert statistics.median(len(file.read_text("utf-8").splitlines()) for file in ours()) <= 120


def test_no_function_is_longer_than_50_lines_and_no_kernel_longer_than_80():
    too_long = [
        f"{file.relative_to(ROOT)}:{function.lineno} {function.name}"
        for file in ours()
        for function in functions(file)
        if (function.end_lineno or 0) - function.lineno + 1 > (80 if str(file.relative_to(ROOT)) in KERNELS else 50)
    ]
    assert too_long == []


def test_every_module_says_what_it_is():
    silent = [
        str(file.relative_to(ROOT)) for file in ours() if not ast.get_docstring(ast.parse(file.read_text("utf-8")))
    ]
    assert silent == []


def test_the_only_broad_except_is_the_workers():
    broad = [
        str(file.relative_to(ROOT))
        for file in ours()
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert broad in ([], ["serve/tasks/worker.py"])


def test_test_folders_are_not_packages():
    assert tracked("tests/**/__init__.py", "tests/__init__.py") == []


def test_every_requirement_is_pinned_with_its_hash_and_no_index():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    requirements = re.split(r"\n(?=\S)", lock.strip())
    assert all("==" in each and "--hash=sha256:" in each for each in requirements if not each.startswith("#"))
    assert "index-url" not in lock


def test_no_file_names_a_package_registry():
    named = [
        str(file.relative_to(ROOT))
        for file in tracked()
        if file.suffix in {".py", ".md", ".toml", ".lock", ".yaml", ".yml", ".json", ".txt", ".cfg", ""}
        and REGISTRY_HOSTS.search(file.read_text("utf-8", errors="ignore"))
    ]
    assert named == []


def test_the_map_of_the_house_is_exact():
    assert house_map.PAGE.read_text("utf-8") == house_map.house_map(), "write it anew: make map"


def test_git_keeps_the_data_package():
    ignored = subprocess.run(["git", "check-ignore", "data/money.py", "data/samples/x.csv"], cwd=ROOT, check=False)
    assert ignored.returncode == 1
