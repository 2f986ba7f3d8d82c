"""`mcp`: the planner as tools for other agents, over the Model Context Protocol; each call asks a running service."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from mcp.server import Server
from mcp.server.stdio import stdio_server

from data.errors import ServiceUnavailable
from serve.commands.shared.named_service import address_of, key_to
from serve.commands.tools.endpoint import Endpoint
from serve.commands.tools.server import Context, build_server
from serve.settings import Settings

NO_SERVICE = "no service runs here: start one with `debt-optimizer up`, or name one with --url (API_URL) and --key"
SCHEME = "bearer "


def mcp(
    *,
    url: Annotated[str | None, typer.Option(envvar="API_URL", help="The service; default: this machine's.")] = None,
    key: Annotated[str | None, typer.Option(envvar="API_KEY", help="A key to it; default: this machine's.")] = None,
    port: Annotated[
        int | None,
        typer.Option("--http", metavar="PORT", help="Over streamable HTTP; callers send keys of their own."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address for --http.")] = "127.0.0.1",
) -> None:
    """The planner as tools for other agents: an MCP server on standard input and output, or over HTTP.

    It plans nothing itself: every call asks the service's HTTP endpoint, with the key.
    """
    state_dir = Settings.load().state_dir
    if port is None:
        asyncio.run(_on_standard_streams(build_server(lambda _: own_endpoint(state_dir, url, key))))
    else:
        server = build_server(lambda context: Endpoint(address(state_dir, url), callers_key(context)))
        app = server.streamable_http_app(stateless_http=True, json_response=True, host=host)
        uvicorn.run(app, host=host, port=port, log_level="warning")


def own_endpoint(state_dir: Path, url: str | None, key: str | None) -> Endpoint:
    """The service and its key, found out for each call: one that starts later is found as well.

    Raises:
        ServiceUnavailable: there is none, or no key to it.
    """
    found = address(state_dir, url)
    return Endpoint(found, key_to(found, state_dir, key))


def address(state_dir: Path, url: str | None) -> str:
    """Where the service is.

    Raises:
        ServiceUnavailable: none is named, and none runs here.
    """
    found = address_of(state_dir, url)
    if found is None:
        raise ServiceUnavailable(NO_SERVICE)
    return found


def callers_key(context: Context) -> str | None:
    """The key that a caller over HTTP sends: never ours, or whoever reaches the port could plan with it."""
    header: str = context.request.headers.get("Authorization", "") if context.request is not None else ""
    return header[len(SCHEME) :].strip() if header.lower().startswith(SCHEME) else None


async def _on_standard_streams(server: Server[Any]) -> None:
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
