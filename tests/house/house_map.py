"""The map of the house: every folder and file of the packages with the first sentence of what it says of itself.

`python tests/house/house_map.py` (`make map`) writes `docs/map.md`; a test holds that page to what this makes.
"""

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "map.md"
PACKAGES = ("data", "agents", "serve", "dashboard")
HEAD = """# Map of the house

Every folder and file of the four packages, in the words it opens with. Made by `make map` from the sources.
Where to begin: [ARCHITECTURE.md](../ARCHITECTURE.md) walks one question and one month through these rooms.
"""


def first_sentence(file: Path) -> str:
    """The first sentence of a module's docstring, on one line, without its full stop."""
    text = " ".join((ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").split("\n\n")[0].split())
    return text.split(". ")[0].removesuffix(".")


def sources(package: str) -> list[Path]:
    """The package's modules, tracked or new, in the order of the page: a folder's own files before its folders."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", f"{package}/*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [file for file in found if "versions" not in file.parts]


def lines_of(folder: Path, files: list[Path], depth: int) -> list[str]:
    """A folder as a line of its own, then its files, then its folders."""
    opening = folder / "__init__.py"
    said = f": {first_sentence(ROOT / opening)}" if opening in files else ""
    lines = [f"{'  ' * depth}- **{folder.name}/**{said}"]
    own = sorted(file for file in files if file.parent == folder and file != opening)
    lines += [f"{'  ' * (depth + 1)}- `{file.name}`: {first_sentence(ROOT / file)}" for file in own]
    for inner in sorted(
        {file.parents[len(file.parents) - 2 - len(folder.parts)] for file in files if inside(file, folder)}
    ):
        lines += lines_of(inner, [file for file in files if inner in file.parents], depth + 1)
    return lines


def inside(file: Path, folder: Path) -> bool:
    """Whether a file lies in a folder of this folder."""
    return folder in file.parents and file.parent != folder


def house_map() -> str:
    """The whole page."""
    parts = ["\n".join(lines_of(Path(package), sources(package), 0)) for package in PACKAGES]
    return HEAD + "\n" + "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(house_map(), "utf-8")
