"""`dashboard`: the dashboard alone, before a service that runs elsewhere, in a container or on a cluster."""

import os
from typing import Annotated

import typer

from data.errors import ServiceUnavailable
from serve.commands.shared.named_service import address_of, key_to
from serve.machine.parts import dashboard_command
from serve.settings import Settings

NO_SERVICE = "no service runs here: start one with `debt-optimizer up`, or name one with --url (API_URL)"


def dashboard(
    *,
    url: Annotated[str | None, typer.Option(envvar="API_URL", help="The service; default: this machine's.")] = None,
    key: Annotated[str | None, typer.Option(envvar="API_KEY", help="A key to it; default: this machine's.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port; default: DASHBOARD_PORT.")] = None,
) -> None:
    """The dashboard alone, before a service that runs elsewhere. Put TLS in front before opening it to others."""
    settings = Settings.load()
    found = address_of(settings.state_dir, url)
    if found is None:
        raise ServiceUnavailable(NO_SERVICE)
    variables = {**os.environ, "API_URL": found, "API_KEY": key_to(found, settings.state_dir, key)}  # noqa: TID251
    command = dashboard_command(host, port or settings.dashboard_port)
    # In place of this process: signals reach it, and nothing stands between it and whoever watches it.
    os.execve(command[0], command, variables)
