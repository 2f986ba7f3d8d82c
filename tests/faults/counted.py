"""Every run that counts, a line each in `counted.json`, and what all of them come to in the reliability page."""

import json
import os
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from textwrap import fill
from typing import Any

from tests.faults.batches import CLIENTS
from tests.faults.load import COMES_AND_GOES, COMES_LATE, STAYS
from tests.faults.report import Report

RUNS = Path(__file__).with_name("counted.json")
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
    write([*counted(), run])


def counted() -> list[dict[str, Any]]:
    """The runs so far."""
    return json.loads(RUNS.read_text()) if RUNS.exists() else []


def write(runs: list[dict[str, Any]]) -> None:
    """Keep the runs, and write the table over all of them between its markers in the reliability page."""
    RUNS.write_text("[\n" + ",\n".join(map(json.dumps, runs)) + "\n]\n")
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
    text = (
        f"{struck} faults in {len(runs)} runs ({databases}), {days}, on {cores} cores (load average {min(loads)} to "
        f"{max(loads)}). {accepted} tasks were accepted: {completed} completed, {failed} failed, **{lost} lost, "
        f"{doubled} doubled, {stuck} stuck**. The longest took {longest:.0f} s, beside the times in which all of the "
        f"service started anew. Of {turns} turns of the model {repeated} were asked for again. Beside the tasks {sent} "
        f"batches of {CLIENTS} portfolios were accepted, one after the other; a row of theirs without a result or a "
        f"reject counts as lost. {resumed} times one of them failed and was resumed."
    )
    heads = ["| readers who | without the whole text | with anything twice |", "| --- | ---: | ---: |"]
    readers = [_of_readers(runs, kind) for kind in KINDS]
    return "\n".join([fill(text, 118), "", *heads, *readers])


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
