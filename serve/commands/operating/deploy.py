"""`deploy`: the application onto a running cluster, once everything that it needs is there."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from serve.commands.operating.doctor import table_of
from serve.commands.shared.options import AsJson
from serve.commands.shared.tables import show
from serve.machine.cluster.checks import examine
from serve.machine.cluster.deploy import begin, wait
from serve.machine.cluster.head import Head
from serve.settings import Settings

OURS = Path(__file__).resolve().parents[2] / "config" / "cluster.yaml"
DASHBOARD = "http://127.0.0.1:8265"


def deploy(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG.yaml", help="A Serve config; default: serve/config/cluster.yaml.")
    ] = OURS,
    *,
    address: Annotated[
        str, typer.Option(envvar="RAY_DASHBOARD_ADDRESS", help="Where Ray's head answers, its dashboard's address.")
    ] = DASHBOARD,
    wait_: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it answers that it is ready.")] = True,
    timeout: Annotated[float, typer.Option(min=1, help="How many seconds to wait.")] = 600.0,
    as_json: AsJson = False,
) -> None:
    """Look at what the service needs, deploy it to a running cluster, and wait until it is ready; twice is as once."""
    head = Head(address)
    plan = examine(config, head, Settings.load())
    if plan.config is None or not plan.is_possible:
        if as_json:
            wrong = [asdict(check) for check in plan.found]
            sys.stdout.write(json.dumps({"deployed": False, "checks": wrong}) + "\n")
        else:
            show(table_of(plan.found))
        raise typer.Exit(1)
    told_before = begin(head, plan.config)
    if not wait_:
        _tell({"deployed": True, "urls": [], "ready": None}, "Ray has taken it on", as_json=as_json)
        return
    deployed = wait(head, told_before, timeout, _say)
    where = ", ".join(deployed.urls)
    line = f"ready at {where}" if deployed.was_asked else f"runs at {where}, which cannot be reached from here"
    _tell({"deployed": True, "urls": deployed.urls, "ready": deployed.was_asked or None}, line, as_json=as_json)


def _tell(told: dict[str, object], line: str, *, as_json: bool) -> None:
    sys.stdout.write((json.dumps(told) if as_json else line) + "\n")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
