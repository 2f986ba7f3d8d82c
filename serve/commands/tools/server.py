"""The MCP server: tells which tools there are, and answers each call with what the endpoint says."""

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from data.errors import DebtOptimizerError
from serve.commands.tools.catalogue import TOOLS, PlannerTool
from serve.commands.tools.endpoint import Endpoint
from serve.commands.tools.schemas import answer_schema, arguments_schema

NAME = "debt-optimizer"
INSTRUCTIONS = (
    "A planner for repaying debts: whole cents, proved optima, nothing is stored. Never compute money yourself: every "
    "figure you state must stand in a tool's answer. Amounts are decimal strings of the portfolio's currency, rates "
    "are fractions a year, months are YYYY-MM. A portfolio that is wrong is refused with the path of each wrong field."
)
READ_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
Context = ServerRequestContext[Any, Any]
EndpointOf = Callable[[Context], Endpoint]


def build_server(endpoint_of: EndpointOf) -> Server[Any]:
    """The server; `endpoint_of` says which endpoint a call asks, and with whose key."""
    known = {tool.name: tool for tool in TOOLS}

    async def list_tools(_: Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[described(tool) for tool in TOOLS])

    async def call_tool(context: Context, call: CallToolRequestParams) -> CallToolResult:
        tool = known.get(call.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f'there is no tool "{call.name}"; there are {", ".join(known)}')
        try:
            return answered(await _answer(tool, call.arguments or {}, endpoint_of(context)))
        except DebtOptimizerError as error:
            return CallToolResult(content=[TextContent(text=error.message)], is_error=True)

    return Server(
        NAME,
        version=version("debt-optimizer"),
        title="DebtOptimizer",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def described(tool: PlannerTool) -> Tool:
    """The tool as agents see it: what it does, what it takes, what it answers."""
    return Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=arguments_schema(tool.asks),
        output_schema=answer_schema(tool.tells),
        annotations=READ_ONLY,
    )


def answered(content: dict[str, Any]) -> CallToolResult:
    """An answer as data, and as the same JSON for whoever reads only text."""
    text = json.dumps(content, ensure_ascii=False)
    return CallToolResult(content=[TextContent(text=text)], structured_content=content)


async def _answer(tool: PlannerTool, arguments: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    return tool.told(await endpoint.ask(tool.path, tool.body(arguments), tool.field), arguments)
