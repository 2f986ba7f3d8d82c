"""How fast `debt-optimizer import FILE --json` is: rows a second and most memory, by columns against row by row.

`pytest -m bench tests/benchmarks/bench_import.py -s`. Prints, and writes its section of `docs/benchmarks.md`; of time
and memory it asserts nothing, but that both ways give the same bytes. Each way is a process of its own, as at the desk.
"""
# ruff: noqa: T201 (a benchmark prints)

import filecmp
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks.bench_batch import DEBTS, write_clients
from tests.benchmarks.record import machine, table, write_section

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

PORTFOLIOS = 60_000
ODD_EVERY = 100  # rows; so one client in twenty has an odd one
BY_COLUMNS = [str(Path(sys.executable).with_name("debt-optimizer")), "import", "{file}", "--json"]
ROW_BY_ROW = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from data.files.portfolio_file import read_portfolios
path = Path(sys.argv[1])
result = read_portfolios(path.read_bytes(), path.name, datetime.now(UTC).strftime("%Y-%m"))
sys.stdout.write(result.model_dump_json(by_alias=True) + "\\n")
"""
WATCH = """
import resource, subprocess, sys
with open(sys.argv[1], "wb") as out:
    subprocess.run(sys.argv[2:], stdout=out, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""
TEXT = """
## Importing a large file

{rows:,} rows of {portfolios:,} clients, `debt-optimizer import FILE --json`, the whole process with its start, beside
the same file read row by row in the same run; both write the same bytes. Measured on {machine}.

{table}
"""


def measured(command: list[str], out: Path) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of the processor, and most memory in MB, of one process."""
    began = time.perf_counter()
    # a small process between: a child's most memory counts what its parent held when it was made
    told = subprocess.run([sys.executable, "-c", WATCH, str(out), *command], check=True, capture_output=True, text=True)
    worked, most = map(float, told.stdout.split())
    return time.perf_counter() - began, worked, most


def with_odd_rows(source: Path, target: Path) -> None:
    """The file with an odd cell now and then: a thousands comma in quotes, a kind nobody knows, a balance of none."""
    lines = source.read_text("utf-8").splitlines()
    for place in range(ODD_EVERY, len(lines), ODD_EVERY):
        cells = lines[place].split(",")
        change = place // ODD_EVERY % 3
        cells[3] = ['"$ 1,234.56"', cells[3], "abc"][change]
        cells[2] = "mystery" if change == 1 else cells[2]
        lines[place] = ",".join(cells)
    target.write_text("\n".join(lines) + "\n", "utf-8")


def test_import_speed(tmp_path):
    plain, odd = tmp_path / "plain.csv", tmp_path / "odd.csv"
    new, old = tmp_path / "new.json", tmp_path / "old.json"
    write_clients(plain, PORTFOLIOS)
    with_odd_rows(plain, odd)
    slow = measured([sys.executable, "-c", ROW_BY_ROW, str(plain)], old)
    fast = measured([part.format(file=plain) for part in BY_COLUMNS], new)
    assert filecmp.cmp(new, old, shallow=False)
    mixed = measured([part.format(file=odd) for part in BY_COLUMNS], new)
    ways = {
        "row by row": slow,
        "by columns": fast,
        "by columns, one client in twenty with an odd row": mixed,
    }
    lines = [
        [way, f"{clock:.1f}", f"{worked:.1f}", f"{PORTFOLIOS * DEBTS / worked:,.0f}", f"{most:,.0f}"]
        for way, (clock, worked, most) in ways.items()
    ]
    ratios = [f"{before / after:.1f}" for before, after in zip(slow, fast, strict=True)]
    lines.append(["row by row ÷ by columns", *ratios[:2], "", ratios[2]])
    text = table(["", "seconds", "of the processor", "rows a second of it", "most memory (MB)"], lines)
    print(f"\n{text}")
    written = TEXT.format(rows=PORTFOLIOS * DEBTS, portfolios=PORTFOLIOS, machine=machine(), table=text)
    write_section("import", written)
