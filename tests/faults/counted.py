"""Every run that counts, a line each in `counted.jsonl`, and what all of them come to in the reliability page."""

import json
import os
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from tests.faults.batches import CLIENTS
from tests.faults.load import COMES_AND_GOES, COMES_LATE, STAYS
from tests.faults.report import Report

RUNS = Path(__file__).with_name("counted.jsonl")
DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
OPENING, CLOSING = "<!-- faults: written by make test-faults -->", "<!-- end of faults -->"
KINDS = (STAYS, COMES_AND_GOES, COMES_LATE)
SUMS = ("accepted", "failed", "lost", "doubled", "stuck", "turns", "repeated", "batches", "resumed")


def count(report: Report, loads: list[float], database: str) -> None:
    """Note the run, and write the page's table anew over all of them."""
    faults: dict[str, list[float]] = defaultdict(list)
    for one in report.struck:
        faults[one.name].append(round(one.recovered - one.began, 1))
    run = {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "seed": report.seed,
        "database": database,
        "cores": os.cpu_count(),
        "loads": [round(min(loads), 1), round(max(loads), 1)],
        "accepted": len(report.asked),
        "failed": len(report.failed),
        "lost": len(report.lost),
        "doubled": len(report.doubled),
        "stuck": len(report.stuck),
        "longest_s": round(report.longest_s, 1),
        "batches": len(report.sent),
        "resumed": sum(len(one.failures) for one in report.sent),
        "turns": len(report.paid),
        "repeated": report.repeated_turns,
        "readers": {kind: [len(report.told("missing", kind)), len(report.told("double", kind))] for kind in KINDS},
        "faults": faults,
    }
    with RUNS.open("a") as output:
        output.write(json.dumps(run) + "\n")
    write()


def write() -> None:
    """The table over all runs, between its markers in the reliability page."""
    runs = [json.loads(line) for line in RUNS.read_text().splitlines()]
    text = f"{OPENING}\n{_counts(runs)}\n\n{_table(runs)}\n{CLOSING}"
    before = DOCUMENT.read_text("utf-8")
    page = re.sub(f"{re.escape(OPENING)}.*?{re.escape(CLOSING)}", lambda _: text, before, flags=re.S)
    DOCUMENT.write_text(page, "utf-8")


def _counts(runs: list[dict[str, Any]]) -> str:
    accepted, failed, lost, doubled, stuck, turns, repeated, sent, resumed = (
        sum(run[name] for run in runs) for name in SUMS
    )
    struck = sum(len(times) for run in runs for times in run["faults"].values())
    days = sorted({run["at"][:10] for run in runs})
    loads = [load for run in runs for load in run["loads"]]
    of_kind = Counter(run["database"] for run in runs)
    databases = ", ".join(f"{number} with {name}" for name, number in of_kind.items())
    days = " to ".join(dict.fromkeys((days[0], days[-1])))
    completed = accepted - lost - failed
    longest = max(run["longest_s"] for run in runs)
    cores = "/".join(str(number) for number in sorted({run["cores"] for run in runs}))
    lines = [
        f"{struck} faults in {len(runs)} runs ({databases}), {days}, on {cores} cores beside other work (load average",
        f"{min(loads)} to {max(loads)}). {accepted} tasks were accepted: {completed} completed, {failed} failed,",
        f"**{lost} lost, {doubled} doubled, {stuck} stuck**. The longest took {longest:.0f} s beside",
        f"the times in which all of the service started anew. Of {turns} turns of the model {repeated}",
        f"were asked for again. Beside them {sent} batches of {CLIENTS} portfolios were accepted, one after the other;",
        f"a row of theirs without a result counts as lost. {resumed} times one had to be resumed.",
        "",
        "| readers who | without the whole text | with anything twice |",
        "| --- | ---: | ---: |",
        *(_of_readers(runs, kind) for kind in KINDS),
    ]
    return "\n".join(lines)


def _of_readers(runs: list[dict[str, Any]], kind: str) -> str:
    missing, double = (sum(run["readers"][kind][place] for run in runs) for place in (0, 1))
    return f"| {kind} | {missing} | {double} |"


def _table(runs: list[dict[str, Any]]) -> str:
    by_kind: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        for name, took in run["faults"].items():
            by_kind[name] += took
    lines = ["| fault | times | answers again after, median s | longest s |", "| --- | ---: | ---: | ---: |"]
    lines += [
        f"| {name} | {len(took)} | {median(took):.1f} | {max(took):.1f} |" for name, took in sorted(by_kind.items())
    ]
    return "\n".join(lines)
