"""`dashboard`: the dashboard without the rest of the service, which runs elsewhere, as on a cluster."""

import os
import sys
from typing import Annotated

import typer

from serve.machine.parts import dashboard_command
from serve.settings import Settings


def dashboard(
    *,
    address: Annotated[str, typer.Option(help="Where it listens; behind TLS, if not only here.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Default: DASHBOARD_PORT.")] = None,
) -> None:
    """Show the service at API_URL with API_KEY, or with the rights of whoever signs in; Ctrl-C stops it."""
    at = port or Settings.load().dashboard_port
    command = dashboard_command(address, at)
    sys.stdout.write(f"http://{address}:{at}\n")
    sys.stdout.flush()
    # In place of this process: signals reach it as they come.
    os.execv(command[0], command)
