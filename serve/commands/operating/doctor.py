"""`doctor`: what is wrong on this machine, in words, with the mend."""

import json
import sys
from dataclasses import asdict

import typer
from rich.table import Table
from rich.text import Text

from serve.commands.shared.options import AsJson
from serve.commands.shared.tables import show
from serve.machine.doctor import CheckResult, examine


def doctor(*, as_json: AsJson = False) -> None:
    """What is wrong on this machine and how to mend it; exit code 1 where something is."""
    findings = examine()
    is_well = all(finding.is_ok for finding in findings)
    if as_json:
        sys.stdout.write(json.dumps({"ok": is_well, "checks": [asdict(finding) for finding in findings]}) + "\n")
    else:
        show(table_of(findings))
    if not is_well:
        raise typer.Exit(1)


def table_of(findings: list[CheckResult]) -> Table:
    """What was found, a line each, with the mend under what is not in order."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        mark = Text("ok", style="green") if finding.is_ok else Text("!!", style="bold red")
        told = Text(finding.found)
        if finding.mend:
            told.append(f"\n-> {finding.mend}", style="yellow")
        table.add_row(mark, finding.name, told)
    return table
