"""The house in figures: how large its files and functions are, how full its folders, whether imports go round.

`python tests/house/measures.py` (`make house`) prints them; `test_house.py` holds them to the budgets.
"""

import ast
import statistics
import subprocess
from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("data", "agents", "serve", "dashboard")
KERNELS = {"agents/planner/kernel/simulate.py"}
HOUSES = ("agents.planner", *PACKAGES)
# what grows by itself and nobody reads through
LISTS = ("data/samples", "data/records/migrations/versions", "tests/planner/golden")


def tracked(*patterns: str) -> list[Path]:
    """The files of these patterns that are in git or new, as they are on disk."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def sources() -> list[Path]:
    """The packages' modules but for the migrations, which are history and stay as they were written."""
    return [file for file in tracked(*(f"{package}/*.py" for package in PACKAGES)) if "migrations" not in file.parts]


def named(file: Path) -> str:
    """The file as it is named in the house."""
    return file.relative_to(ROOT).as_posix()


def file_lines() -> dict[str, int]:
    """How many lines each module has; `__init__.py` has one, which would flatter the median."""
    modules = (file for file in sources() if file.name != "__init__.py")
    return {named(file): len(file.read_text("utf-8").splitlines()) for file in modules}


def function_lines() -> dict[str, int]:
    """How many lines each function has, its decorators aside."""
    found: dict[str, int] = {}
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[f"{named(file)}:{node.lineno} {node.name}"] = (node.end_lineno or 0) - node.lineno + 1
    return found


def entries() -> dict[str, int]:
    """How many files and folders each folder of the packages holds, `__init__.py` aside."""
    held: dict[str, set[str]] = defaultdict(set)
    for file in tracked(*(f"{package}/*" for package in PACKAGES)):
        parts = file.relative_to(ROOT).parts
        for depth in range(1, len(parts)):
            if parts[depth] != "__init__.py":
                held["/".join(parts[:depth])].add(parts[depth])
    return {folder: len(names) for folder, names in held.items() if not folder.startswith(LISTS)}


@cache
def imports() -> dict[str, set[str]]:
    """What each module imports of ours, for the types alone too."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def circle() -> list[str]:
    """The modules of one circle of imports; none if there is no circle."""
    try:
        list(TopologicalSorter(imports()).static_order())
    except CycleError as error:
        return list(error.args[1])
    return []


def floors(house: str) -> int:
    """How many floors the rooms of a package stand on: one more than the highest of those whose modules they import."""
    depth = house.count(".") + 1
    below: dict[str, set[str]] = defaultdict(set)
    for module, others in imports().items():
        for other in others:
            if module.startswith(f"{house}.") and other.startswith(f"{house}."):
                below[module.split(".")[depth]].add(other.split(".")[depth])
    height: dict[str, int] = {}
    for room in TopologicalSorter({room: others - {room} for room, others in below.items()}).static_order():
        height[room] = 1 + max((height[other] for other in below[room] - {room}), default=0)
    return max(height.values())


def report() -> str:
    """The figures as a few lines of text."""
    sizes, functions, folders = [*file_lines().values()], [*function_lines().values()], entries()
    crowded = sorted(folders.items(), key=lambda item: -item[1])[:5]
    lines = [
        f"files      {len(sizes)}, median {statistics.median(sizes):.0f} lines, longest {max(sizes)}",
        f"functions  {len(functions)}, median {statistics.median(functions):.0f} lines, longest {max(functions)}",
        f"folders    {len(folders)}, fullest: " + ", ".join(f"{folder} {number}" for folder, number in crowded),
        "floors     " + ", ".join(f"{house} {floors(house)}" for house in HOUSES),
        "circles    " + (" -> ".join(circle()) or "none"),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(report())  # noqa: T201 (what it is for)
