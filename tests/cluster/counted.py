"""What came of each loss: a row of the table in the reliability page."""

import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.report import Report

ROWS = Path(__file__).with_name("counted.json")
DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
OPENING, CLOSING = "<!-- cluster: written by make test-cluster -->", "<!-- end of cluster -->"
HEADS = (
    "| what was lost | accepted | finished | lost | doubled | stuck | readers with events missing or twice | asked "
    "again meanwhile | turns of the model repeated | ready again after, s | three machines again after, s |"
)


@dataclass(frozen=True)
class Row:
    name: str
    at: str
    accepted: int
    finished: int
    lost: int
    doubled: int
    stuck: int
    missing_or_double: int
    refused: int
    repeated: int
    ready_s: float
    whole_s: float
    load: float

    @classmethod
    def of(cls, report: Report, ready_s: float, whole_s: float) -> "Row":
        accepted = len(report.asked)
        return cls(
            name=report.struck[0].name,
            at=datetime.now(UTC).isoformat(timespec="minutes"),
            accepted=accepted,
            finished=accepted - len(report.lost) - len(report.failed),
            lost=len(report.lost),
            doubled=len(report.doubled),
            stuck=len(report.stuck),
            missing_or_double=len(report.missing) + len(report.told("double")),
            refused=report.refused,
            repeated=report.repeated_turns,
            ready_s=round(ready_s, 1),
            whole_s=round(whole_s, 1),
            load=round(os.getloadavg()[0], 1),
        )


def write(row: Row) -> None:
    """Keep the row in place of an earlier one of the same loss, and write the table anew."""
    rows = {one["name"]: one for one in (json.loads(ROWS.read_text()) if ROWS.exists() else [])}
    rows[row.name] = asdict(row)
    ROWS.write_text("[\n" + ",\n".join(map(json.dumps, rows.values())) + "\n]\n")
    names = ("name", "accepted", "finished", "lost", "doubled", "stuck", "missing_or_double", "refused", "repeated")
    lines = [
        f"| {' | '.join(str(one[name]) for name in names)} | {one['ready_s']} | {one['whole_s']} |"
        for one in rows.values()
    ]
    loads = [one["load"] for one in rows.values()]
    days = sorted({one["at"][:10] for one in rows.values()})
    told = (
        f"{' to '.join(dict.fromkeys((days[0], days[-1])))}, {os.cpu_count()} cores for all machines, "
        f"load average {min(loads)} to {max(loads)}."
    )
    table = "\n".join([OPENING, told, "", HEADS, "| --- |" + " ---: |" * 10, *lines, CLOSING])
    page = DOCUMENT.read_text("utf-8")
    found = re.compile(f"{re.escape(OPENING)}.*?{re.escape(CLOSING)}", flags=re.S)
    DOCUMENT.write_text(found.sub(lambda _: table, page), "utf-8")
