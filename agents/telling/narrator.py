"""The offline model: a model like any other, with no key and no network, that writes a real report.

It calls the same tools through the same loop, reads only what they answer, and writes in English or Chinese. Same facts
in, same words out. Knows nothing of the planner, the portfolio or the loop.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import anyio
from pydantic_ai import RunContext
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponseStreamEvent,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.settings import ModelSettings
from typing_extensions import override

from agents.case.findings import Findings
from agents.telling.report import advice_without_figures, report
from agents.telling.script import Call, Returned, next_calls
from data.wire.task import TaskType

NAME = "offline"
LONGEST_S = 4.0  # a long report is told in larger pieces rather than for longer


class Narrator(Model):
    """Asks the planner's tools for what a report needs, then tells it.

    Attributes:
        chunks_per_s: how many pieces of text it writes a second; 0 for all at once.
    """

    def __init__(self, *, chunks_per_s: float = 80.0) -> None:
        super().__init__()
        self.chunks_per_s = chunks_per_s

    @property
    @override
    def model_name(self) -> str:
        return NAME

    @property
    @override
    def system(self) -> str:
        return NAME

    @property
    @override
    def provider(self) -> None:
        return None

    @override
    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The next turn, whole."""
        return ModelResponse(parts=_turn(messages), model_name=NAME, timestamp=_moment(messages))

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """The next turn, piece by piece."""
        yield _Telling(
            model_request_parameters=model_request_parameters,
            parts=_turn(messages),
            chunks_per_s=self.chunks_per_s,
            moment=_moment(messages),
        )


@dataclass
class _Telling(StreamedResponse):
    """A turn on its way: tool calls at once, text at a reader's pace."""

    parts: Sequence[TextPart | ToolCallPart]
    chunks_per_s: float
    moment: datetime
    _: Any = field(default=None, init=False, repr=False)

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        for part in self.parts:
            if isinstance(part, ToolCallPart):
                yield self._parts_manager.handle_tool_call_part(
                    vendor_part_id=part.tool_call_id,
                    tool_name=part.tool_name,
                    args=part.args,
                    tool_call_id=part.tool_call_id,
                )
                continue
            for piece in pieces(part.content, self.chunks_per_s):
                for event in self._parts_manager.handle_text_delta(vendor_part_id="text", content=piece):
                    yield event
                if self.chunks_per_s:
                    await anyio.sleep(1 / self.chunks_per_s)

    async def close_stream(self) -> None:
        """Nothing is open."""

    @property
    def model_name(self) -> str:
        return NAME

    @property
    def provider_name(self) -> str:
        return NAME

    @property
    def provider_url(self) -> None:
        return None

    @property
    def timestamp(self) -> datetime:
        return self.moment


def pieces(text: str, per_s: float) -> Iterator[str]:
    """The text in small pieces, larger ones where it would take longer than a few seconds."""
    # At least three characters, so that few pieces are sent; more where the report is long.
    length = max(3, int(len(text) / (per_s * LONGEST_S)) + 1) if per_s else 64
    for start in range(0, len(text), length):
        yield text[start : start + length]


def _turn(messages: Sequence[ModelMessage]) -> list[TextPart | ToolCallPart]:
    asked = _question(messages)
    task, language, question = TaskType(asked["task"]), asked["language"], asked["question"]
    if not asked["has_portfolio"]:
        return [TextPart(advice_without_figures(language, question))]
    returned = _returned(messages)
    calls = next_calls(returned, question)
    if calls:
        return [_call(call, len(returned) + place) for place, call in enumerate(calls, start=1)]
    # The facts of another version may hold more fields.
    return [TextPart(report(task, language, question, Findings.model_validate(returned.facts(), extra="ignore")))]


def _call(call: Call, number: int) -> ToolCallPart:
    return ToolCallPart(tool_name=call.tool, args=json.dumps(call.arguments), tool_call_id=f"offline-{number}")


def _question(messages: Sequence[ModelMessage]) -> dict[str, Any]:
    for message in messages:
        for part in message.parts if isinstance(message, ModelRequest) else ():
            if isinstance(part, UserPromptPart) and isinstance(part.content, str):
                return json.loads(part.content)
    raise ValueError("the offline model was asked nothing")


def _returned(messages: Sequence[ModelMessage]) -> Returned:
    """What it has asked for itself: a model before it may have asked for other things."""
    responses = [one for one in messages if isinstance(one, ModelResponse) and one.model_name == NAME]
    own = {call.tool_call_id for response in responses for call in response.tool_calls}
    requests = [message for message in messages if isinstance(message, ModelRequest)]
    parts = [part for request in requests for part in request.parts if isinstance(part, ToolReturnPart)]
    parts = [part for part in parts if part.tool_call_id in own]
    return Returned([(part.tool_name, _answer(part)) for part in parts])


def _answer(part: ToolReturnPart) -> dict[str, Any] | None:
    return (
        cast("dict[str, Any]", part.content) if part.outcome == "success" and isinstance(part.content, dict) else None
    )


def _moment(messages: Sequence[ModelMessage]) -> datetime:
    """The time of the last request: the model has no clock of its own."""
    times = [message.timestamp for message in messages if isinstance(message, ModelRequest) and message.timestamp]
    if times:
        return times[-1]
    parts = [part for message in messages for part in message.parts if isinstance(part, UserPromptPart)]
    return parts[0].timestamp
