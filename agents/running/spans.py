"""A span around each call of a tool, where somebody asks for spans; it costs nothing where nobody does."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


class ToolSpans:
    """Makes them by the tracer of this process, if it has one."""

    tracer: Tracer | None = None

    def of(self, tool: str) -> AbstractContextManager[Any]:
        """A span of a call of this tool, for as long as the block runs."""
        if self.tracer is None:
            return nullcontext()
        attributes = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": tool}
        return self.tracer.start_as_current_span(
            f"execute_tool {tool}", attributes=attributes, record_exception=False, set_status_on_exception=False
        )


TOOL_SPANS = ToolSpans()
