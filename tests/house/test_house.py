"""The house rules that no linter holds: sizes, names, pins, and a README that is true."""

import ast
import re
import statistics
import subprocess
import sysconfig
from importlib.metadata import distributions

import pytest
from packaging.utils import canonicalize_name

from tests.house import house_map, notices
from tests.house.measures import KERNELS, ROOT, circle, entries, file_lines, function_lines, named, sources, tracked

# the hosts are written in pieces so that this file does not name them either
REGISTRY_HOSTS = re.compile(r"py" r"pi\.org|python" r"hosted\.org|npm" r"js\.(org|com)|deb" r"ian\.org")


def test_no_import_goes_round():
    assert circle() == []


def test_no_folder_holds_more_than_15_entries():
    assert {folder: number for folder, number in entries().items() if number > 15} == {}


def test_no_file_is_longer_than_350_lines():
    assert {name: lines for name, lines in file_lines().items() if lines > 350} == {}


def test_half_of_the_files_have_at_most_120_lines():
    assert statistics.median(file_lines().values()) <= 120


def test_half_of_the_functions_have_at_most_10_lines():
    assert statistics.median(function_lines().values()) <= 10


def test_no_function_is_longer_than_50_lines_and_no_kernel_longer_than_80():
    most = {name: 80 if name.split(":")[0] in KERNELS else 50 for name in function_lines()}
    assert {name: lines for name, lines in function_lines().items() if lines > most[name]} == {}


def test_every_module_says_what_it_is():
    silent = [named(file) for file in sources() if not ast.get_docstring(ast.parse(file.read_text("utf-8")))]
    assert silent == []


def test_the_only_broad_except_is_the_workers():
    broad = [
        named(file)
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert broad in ([], ["serve/tasks/worker.py"])


def test_test_folders_are_not_packages():
    assert tracked("tests/**/__init__.py", "tests/__init__.py") == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-run.lock"])
def test_every_requirement_is_pinned_with_its_hash_and_no_index(name: str):
    lock = (ROOT / name).read_text("utf-8")
    requirements = re.split(r"\n(?=\S)", lock.strip())
    assert all("==" in each and "--hash=sha256:" in each for each in requirements if not each.startswith("#"))
    assert "index-url" not in lock


def test_what_runs_is_what_is_tested():
    tested = dict(
        re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    )
    assert notices.pins().items() < tested.items()


def test_the_notices_name_every_package_that_runs():
    pages = notices.NOTICES.read_text("utf-8")
    listed = dict(re.findall(r"^\| ([\w.-]+) \| (\S+) \|", pages, re.MULTILINE))
    listed = {canonicalize_name(name): version for name, version in listed.items()}
    # Not what some packages bring along for themselves.
    here = distributions(path=[sysconfig.get_path("purelib")])
    needed = {canonicalize_name(each.name): each.version for each in here}
    needed = {name: found for name, found in needed.items() if name in notices.pins()}
    assert needed.items() <= listed.items(), "write them anew: make lock"


def test_no_file_names_a_package_registry():
    named = [
        named(file)
        for file in tracked()
        if file.suffix in {".py", ".md", ".toml", ".lock", ".yaml", ".yml", ".json", ".txt", ".cfg", ""}
        and REGISTRY_HOSTS.search(file.read_text("utf-8", errors="ignore"))
    ]
    assert named == []


def test_the_map_of_the_house_is_exact():
    assert house_map.PAGE.read_text("utf-8") == house_map.house_map(), "write it anew: make map"


PAGES = ["ARCHITECTURE.md", "README.md", "SECURITY.md"]
PAGES += [f"docs/{name}.md" for name in ("methodology", "operations", "programs", "reliability", "security")]


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_is_there(page: str):
    text = (ROOT / page).read_text("utf-8")
    written = set(re.findall(r"(?:data|agents|serve|dashboard|tests)/[\w/.-]*\w\.(?:py|md|json|yaml|csv|sh)", text))
    assert [name for name in sorted(written) if not (ROOT / name).is_file()] == []


def test_every_folder_of_the_readmes_tree_is_there_and_none_is_left_out():
    tree = (ROOT / "README.md").read_text("utf-8").split("```")
    block = next(part for part in tree if "pyproject.toml   " in part)
    assert len(block.strip().splitlines()) <= 60
    told, package = set[str](), ""
    for line in block.splitlines():
        found = re.match(r"( *)((?:[\w.]+/[\w/]*\s?)+)", line)
        if found and not found[1]:
            package = found[2].strip()
        elif found:
            told |= {f"{package}{name.rstrip('/')}" for name in found[2].split()}
    assert [name for name in sorted(told) if not (ROOT / name).is_dir()] == []
    rooms = {folder for folder in entries() if folder.count("/") == 1 and not folder.startswith("dashboard/.")}
    assert rooms - told <= {"agents/planner"}


def test_git_keeps_the_data_package():
    ignored = subprocess.run(["git", "check-ignore", "data/money.py", "data/samples/x.csv"], cwd=ROOT, check=False)
    assert ignored.returncode == 1
