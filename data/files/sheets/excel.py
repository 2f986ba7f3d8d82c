"""An Excel file as sheets of plain cells. It is parsed in a process of its own, with little memory and time.

Knows how the header is found, because a merged cell holds for every row of a recognised column that it covers.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from data.errors import UnreadableFile
from data.files.columns.column_names import HEADER_ROWS
from data.files.columns.header import find_header
from data.files.columns.misspelt import AlmostHeader, almost_header
from data.files.sheets.process_limits import CAN_LIMIT_TIME
from data.files.sheets.sheet import Sheet
from data.wording.sentence import say

MEMORY_MB = 450
HEADER_S = 4  # of processor time until a table is found: a hostile file is given up within 5 s
WHOLE_S = 120  # of processor time for all rows of a file that does hold a table
CLOCK_S = 30 if CAN_LIMIT_TIME else HEADER_S  # on a busy machine processor time is long in coming
# openpyxl loads NumPy, where it finds it, only to know its number types: half of the start, most of the memory.
CHILD = "import sys; sys.modules['numpy'] = None; from data.files.sheets.excel_rows import main; main(sys.argv[1:])"
ROOT = Path(__file__).resolve().parents[3]
DAMAGED = say("damaged_excel")
TOO_SLOW = say("excel_too_slow")
OUT_OF_TIME = -24  # ended by SIGXCPU
NO_TABLE_IN_TIME = say("no_table_in_time", seconds=HEADER_S)

SparseCells = tuple[int, dict[int, str]]
Merge = tuple[int, int, int]  # first row, last row, column


def read_excel_sheets(content: bytes) -> list[Sheet]:
    """Every worksheet; those that cannot hold a table of debts come without rows.

    Raises:
        UnreadableFile: it is damaged, over a limit, or takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="debt-optimizer-") as folder:
        workbook, out = Path(folder) / "workbook.xlsx", Path(folder) / "rows.jsonl"
        workbook.write_bytes(content)
        _parse(workbook, out)
        return list(_sheets(out))


def _parse(workbook: Path, out: Path) -> None:
    # A process of its own: openpyxl on a hostile file may eat all memory or never return.
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(workbook), str(out), str(MEMORY_MB), str(HEADER_S), str(WHOLE_S)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        # The child writes as soon as it has found a header; from then on it may take long.
        has_ended = _waited(process, CLOCK_S) or (_has_begun(out) and _waited(process, WHOLE_S))
    finally:
        process.kill()
        process.wait()
    if has_ended and process.returncode == 0:
        return
    ran_out = not has_ended or process.returncode == OUT_OF_TIME
    raise UnreadableFile((TOO_SLOW if _has_begun(out) else NO_TABLE_IN_TIME) if ran_out else DAMAGED)


def _waited(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _has_begun(out: Path) -> bool:
    return out.exists() and out.stat().st_size > 0


def _sheets(out: Path) -> Iterator[Sheet]:
    # The merged cells stand behind the rows in the stream, but are needed while the rows are read.
    merges = _merges(out)
    with out.open(encoding="utf-8") as lines:
        name, rows = None, list[SparseCells]()
        for value in map(json.loads, lines):
            if isinstance(value, list):
                rows.append((value[0], dict(value[1])))
            elif "error" in value:
                raise UnreadableFile(say(value["error"], **value["params"]))
            elif "unread" in value:
                yield Sheet([], value["unread"], almost=_almost(value.get("almost")))
            elif "sheet" in value:
                name, rows = value["sheet"], []
            else:
                yield _sheet(name, rows, merges[name or ""])


def _merges(out: Path) -> dict[str, list[Merge]]:
    """The merged cells of each sheet; they stand behind its rows."""
    merges: dict[str, list[Merge]] = {}
    name = ""
    with out.open(encoding="utf-8") as lines:
        for line in lines:
            value: Any = json.loads(line) if line.startswith("{") else {}
            name = value.get("sheet", name)
            if "merged" in value:
                merges[name] = value["merged"]
    return merges


def _almost(told: Any) -> AlmostHeader | None:
    """The row that is almost a header, as the process that looked for one tells it."""
    return AlmostHeader(told[0], tuple((cell, nearest) for cell, nearest in told[1]), told[2]) if told else None


def _sheet(name: str | None, rows: Sequence[SparseCells], merges: Sequence[Merge]) -> Sheet:
    """Rows as lists of cells, with what merged cells give them; cells far right of the header are drawn near."""
    head = [(row, cells) for row, cells in rows if row <= HEADER_ROWS]
    _fill(head, merges)
    listed = [(row, _listed(cells)) for row, cells in head]
    header = find_header(listed)
    if header is None:
        return Sheet([], name, almost=almost_header(listed))
    places = set(header.places.values())
    _fill(rows, [merge for merge in merges if merge[2] in places])
    return Sheet([(row, _listed(cells, header.width)) for row, cells in rows if cells], name)


def _fill(rows: Sequence[SparseCells], merges: Sequence[Merge]) -> None:
    """Every row that holds anything of its own gets the value of the merged cells that cover it."""
    beginning: dict[int, list[Merge]] = {}
    for merge in merges:
        beginning.setdefault(merge[0], []).append(merge)
    active: dict[int, tuple[int, str]] = {}  # column -> last row, value
    for row, cells in rows:
        for _, last, column in beginning.get(row, []):
            active[column] = (last, cells.get(column, ""))
        active = {column: held for column, held in active.items() if held[0] >= row}
        if cells:
            cells.update({column: text for column, (_, text) in active.items() if text})


def _listed(cells: dict[int, str], width: int | None = None) -> list[str]:
    """The cells as a list; with a width, what stands past it shows as one cell more."""
    last = max(cells, default=-1)
    listed = [cells.get(place, "") for place in range(last + 1 if width is None else width)]
    return listed if width is None or last < width else [*listed, cells[min(c for c in cells if c >= width)]]
