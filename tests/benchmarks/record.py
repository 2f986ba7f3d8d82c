"""Where benchmarks write what they found: each its own section of docs/benchmarks.md, between two markers."""

import platform
import re
from importlib.metadata import version
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def write_section(name, text):
    """Put the text between the markers of a section; a section that is not there yet comes last."""
    before = DOCUMENT.read_text("utf-8")
    opening, closing = f"<!-- {name}: written by its benchmark -->", f"<!-- end of {name} -->"
    section = f"{opening}\n{text.strip()}\n{closing}"
    if opening in before:
        after = re.sub(f"{re.escape(opening)}.*?{re.escape(closing)}", lambda _: section, before, flags=re.DOTALL)
    else:
        after = f"{before.rstrip()}\n\n{section}\n"
    DOCUMENT.write_text(after, "utf-8")


def table(heads, rows):
    """A table in Markdown; all columns but the first are numbers."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def machine():
    """What it was measured on, in words."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        cpu = re.search(r"model name\s*:\s*(.*)", info.read_text()).group(1)
    return f"{cpu}, one core, Python {platform.python_version()}, Numba {version('numba')}"
