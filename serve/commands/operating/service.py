"""`up`, `down` and `status`: the whole service on this machine."""

import json
import sys
from typing import Annotated

import typer

from serve.commands.shared.options import AsJson
from serve.machine.local import OFFLINE, leftovers
from serve.machine.local import down as stop_all
from serve.machine.local import up as start_all
from serve.machine.parts import is_ok
from serve.machine.processes import find
from serve.machine.run_record import RunRecord, read_record
from serve.settings import Settings

TINY = "tiny"  # a model that is hosted beside the service


def up(
    *,
    no_dashboard: Annotated[
        bool, typer.Option("--no-dashboard", help="Only the HTTP endpoint and the agents.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="Port of the HTTP endpoint; default: API_PORT.")] = None,
    dashboard_port: Annotated[int | None, typer.Option(help="Port of the dashboard; default: DASHBOARD_PORT.")] = None,
    llm: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="`tiny` hosts a tiny Llama on vLLM beside it; else as LLM, its default."),
    ] = None,
) -> None:
    """Start Redis, Ray, the HTTP endpoint and the dashboard on this machine; Ctrl-C stops them all."""
    # What else LLM may say is not looked at where the model is ours.
    chosen = {"api_port": port, "dashboard_port": dashboard_port, "llm": OFFLINE if llm == TINY else llm}
    settings = Settings.load(**{name: value for name, value in chosen.items() if value is not None})
    start_all(settings, with_dashboard=not no_dashboard, with_tiny_model=llm == TINY, say=_say)


def down() -> None:
    """Stop everything that `up` started, and what an earlier run left behind."""
    if stop_all(Settings.load(), _say):
        _say("everything is stopped")
    else:
        _say("nothing was running")


def status(*, as_json: AsJson = False) -> None:
    """What runs, and where; exit code 1 where nothing does."""
    found = service_status(Settings.load())
    if as_json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        _say(_sentences(found))
    if found["state"] != "running":
        raise typer.Exit(1)


def service_status(settings: Settings) -> dict[str, object]:
    """The state of the service: running, starting, half_stopped (an earlier run left processes) or stopped."""
    record = read_record(settings.state_dir)
    if record is None or not record.is_supervised:
        # Found by their marks even where the record is gone, as after a crash.
        left = [process.pid for process in leftovers(settings.state_dir)]
        return {"state": "half_stopped" if left else "stopped", "state_dir": str(settings.state_dir), "processes": left}
    # `find` compares start times as well: a pid may belong to another process by now.
    parts = {part.name: find(part) is not None for part in record.parts}
    return {
        "state": "running" if record.is_ready and all(parts.values()) else "starting",
        "state_dir": str(settings.state_dir),
        "process": record.supervisor.pid,
        "api_url": record.api_url,
        "dashboard_url": record.dashboard_url,
        "is_ready": _is_ready(record),
        "parts": [{"name": part.name, "pid": part.pid, "is_running": parts[part.name]} for part in record.parts],
        "logs": str(settings.logs_dir),
    }


def _is_ready(record: RunRecord) -> bool:
    host, _, port = record.api_url.removeprefix("http://").rpartition(":")
    return is_ok(host, int(port), "/readyz")


def _sentences(found: dict[str, object]) -> str:
    if found["state"] == "stopped":
        return "DebtOptimizer is not running; start it with `debt-optimizer up`"
    if found["state"] == "half_stopped":
        return "DebtOptimizer is not running, but an earlier run left processes; `debt-optimizer down` ends them"
    ready = "ready" if found["is_ready"] else "not ready yet"
    lines = [f"DebtOptimizer is {found['state']} (process {found['process']}), {ready}"]
    lines += [f"  Dashboard      {found['dashboard_url']}"] if found["dashboard_url"] else []
    lines += [f"  HTTP endpoint  {found['api_url']}", f"  State          {found['state_dir']}"]
    return "\n".join([*lines, f"  Logs           {found['logs']}"])


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
