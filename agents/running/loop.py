"""One agent, run: model -> tools -> model, events out, a checkpoint of the messages after every step.

A run that was killed goes on from its last checkpoint: tools that have answered are not asked again, and the text is
told once more from its beginning. Knows nothing of queues, leases or records: `data/wire/agent_run.py` is its only
door.
"""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import anyio.to_thread
from pydantic_ai import Agent, UsageLimits
from pydantic_ai.messages import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    ModelMessage,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    ToolReturnPart,
)
from pydantic_ai.models import Model
from pydantic_core import to_jsonable_python
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from agents.case import Case
from agents.digest import headline
from agents.running import analyst
from agents.running.answer import answer
from agents.running.checkpoint import Conversation, written
from agents.running.listening import listening
from agents.running.model_errors import asked_wait, is_passing, our_errors
from agents.running.models import ModelSource
from agents.running.narration import Narration
from data.wire.agent_run import AgentRun, Step
from data.wire.event import EventType
from data.wire.task_result import TaskResult


@dataclass(frozen=True)
class AgentLoop:
    """What runs a task to its result.

    Attributes:
        turns: how many answers a model may take to get to the end; calls: how many tools it may call.
        tries: how often a request to the model is made before a passing failure counts.
        pause_s: the first pause between tries; it doubles each time, up to `longest_pause_s`.
        keep_after_s: after so long a tool's answer is kept while others of its turn still work.
    """

    models: ModelSource
    turns: int = 16
    calls: int = 32
    tries: int = 4
    pause_s: float = 0.5
    longest_pause_s: float = 20.0
    keep_after_s: float = 0.25

    async def __call__(self, run: AgentRun) -> TaskResult:
        """The task's result, while its events, checkpoints and progress leave through the run.

        Raises:
            ModelError: the model cannot be reached or does not answer with anything usable.
            BadSetting: the task names a model that is not set up.
        """
        model = self.models.model(run.request.model)
        # A model that calls tools in circles is stopped.
        limits = UsageLimits(request_limit=self.turns, tool_calls_limit=self.calls)
        turn = _Turns(run, Case.of(run.request), model, limits, self.keep_after_s)
        with our_errors(model.model_name):
            await turn.tell_what_was_written()
            # The checkpoint may hold the whole answer: only the end of the task was lost.
            if not turn.talk.is_answered:
                await self._persist(turn)
        await turn.narration.end()
        await run.progress(95, "checking")
        # In a thread: plans and searches would stop the event loop.
        return await anyio.to_thread.run_sync(answer, turn.case, turn.talk, turn.narration.text, model.model_name)

    async def _persist(self, turn: "_Turns") -> None:
        tries = AsyncRetrying(
            stop=stop_after_attempt(self.tries),
            retry=retry_if_exception(is_passing),
            wait=self._pause,
            before_sleep=turn.broke_off,
            reraise=True,
        )
        await tries(turn.go_on)

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        grown = self.pause_s * 2 ** (state.attempt_number - 1)
        # The endpoint's own wish counts, up to the longest pause.
        return min(max(grown, asked_wait(error)), self.longest_pause_s)


class _Turns:
    """The turns of one task's model and tools, from the last checkpoint to the answer."""

    def __init__(self, run: AgentRun, case: Case, model: Model, limits: UsageLimits, keep_after_s: float) -> None:
        self.run, self.case, self.model, self.limits = run, case, model, limits
        self.talk = Conversation.restored(run.checkpoint)
        case.answered = {call_id: part.content for call_id, part in self.talk.answered.items()}
        self.narration = Narration(run.emit, case.language)
        self.percent, self.stage = 0, ""
        self.heard = ""  # of this turn, and still to come from the library
        self.keep_after_s, self.kept_at = keep_after_s, monotonic()

    async def tell_what_was_written(self) -> None:
        """The text of finished turns again, for readers who dropped what the last attempt told."""
        await self.narration.begin()
        for text in self.talk.texts():
            await self.narration.add(text)
            self.narration.end_turn()

    async def broke_off(self, _: RetryCallState) -> None:
        """A passing failure: the turn that was under way is expected again."""
        self.narration.break_off()
        self.heard = ""

    async def go_on(self) -> None:
        """From the last kept message to the model's answer."""
        agent = analyst.analyst(self.case.task, self.case.language, has_portfolio=self.case.portfolio is not None)
        # A conversation that is taken up holds the prompt already.
        prompt = None if self.talk.messages else analyst.prompt(self.case)
        async with agent.iter(
            prompt,
            message_history=self.talk.messages or None,
            model=self.model,
            deps=self.case,
            # The limits count over all attempts.
            usage=self.talk.usage(),
            usage_limits=self.limits,
        ) as steps:
            async for node in steps:
                if Agent.is_model_request_node(node):
                    # Kept before the model reads them: a run that is killed now repeats no tool.
                    await self._keep_returns([*steps.all_messages(), node.request])
                    await self._progress(5, "thinking")
                    await self.run.emit(EventType.THINKING, {})
                    with listening(self._hear):
                        async with node.stream(steps.ctx) as stream:
                            await self._listen(stream)
                    await self._keep_response(steps.all_messages())
                elif Agent.is_call_tools_node(node):
                    async with node.stream(steps.ctx) as stream:
                        await self._work(stream)

    async def _listen(self, stream: AsyncIterable[AgentStreamEvent]) -> None:
        """The model's turn: its text to the reader, its thinking only as a sign of life."""
        async for event in stream:
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                await self._write_unheard(event.part.content)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                await self._write_unheard(event.delta.content_delta)
        self.narration.end_turn()
        self.heard = ""

    async def _hear(self, text: str) -> None:
        """Text as it is read, before the library hands it over."""
        await self._write(text)
        self.heard += text

    async def _write_unheard(self, text: str) -> None:
        # Some profiles drop the white space in front.
        rest = next((said for said in (self.heard, self.heard.lstrip()) if text and said.startswith(text)), None)
        if rest is None:
            await self._write(text)
        else:
            self.heard = rest.removeprefix(text)

    async def _write(self, text: str) -> None:
        if text:
            await self._progress(60, "writing")
            await self.narration.add(text)

    async def _work(self, stream: AsyncIterable[AgentStreamEvent]) -> None:
        """The tools' turn: every call and every answer as an event, once."""
        async for event in stream:
            is_of_a_tool = isinstance(event, FunctionToolCallEvent | FunctionToolResultEvent)
            if is_of_a_tool and event.part.tool_call_id in self.talk.answered:
                continue
            if isinstance(event, FunctionToolCallEvent):
                await self._progress(self.percent + 5, "computing")
                call = {"call_id": event.part.tool_call_id, "name": event.part.tool_name}
                await self.run.emit(EventType.TOOL_CALL, {**call, "arguments": arguments(event.part)})
            elif isinstance(event, FunctionToolResultEvent):
                await self.run.emit(EventType.TOOL_RESULT, told(event.part))
                await self._keep_return(event.part)

    async def _progress(self, percent: int, stage: str) -> None:
        """Forward only, and no faster than the stages: the model alone knows how much it will write."""
        reached = max(self.percent, min(percent, 60))
        if (reached, stage) != (self.percent, self.stage):
            self.percent, self.stage = reached, stage
            await self.run.progress(reached, stage)

    async def _keep_returns(self, messages: list[ModelMessage]) -> None:
        """After the tools: their answers, each as a step."""
        # The very first request holds the prompt and no answers of tools.
        if len(messages) > len(self.talk.messages) and self.talk.messages:
            parts = [part for part in messages[-1].parts if isinstance(part, ToolReturnPart)]
            calls = {part.tool_call_id: part for part in messages[-2].parts if isinstance(part, ToolCallPart)}
            fresh = [part for part in parts if part.tool_call_id not in self.talk.answered]
            await self._keep(messages, [_tool_step(part, calls.get(part.tool_call_id)) for part in fresh])

    async def _keep_return(self, part: ToolReturnPart) -> None:
        """Between two tools of one turn: the first one's answer, or a run that is killed now would ask it again."""
        calls = [call for call in self.talk.messages[-1].parts if isinstance(call, ToolCallPart)]
        # The last one is kept with the whole turn, a moment later; quick ones cost less than to keep them.
        is_last = part.tool_call_id == calls[-1].tool_call_id
        is_quick = monotonic() - self.kept_at < self.keep_after_s
        if part.outcome == "success" and not is_last and not is_quick:
            self.talk.answered[part.tool_call_id] = part
            self.kept_at = monotonic()
            call = next(call for call in calls if call.tool_call_id == part.tool_call_id)
            await self.run.save(self.talk.dump(), [_tool_step(part, call)])

    async def _keep_response(self, messages: list[ModelMessage]) -> None:
        """After the model's turn: what it wrote and which tools it asks for."""
        response = messages[-1]
        if isinstance(response, ModelResponse):
            asked = [{"name": part.tool_name, "arguments": arguments(part)} for part in response.tool_calls]
            content = {"text": written(response), "tool_calls": asked}
            await self._keep(messages, [Step("model", self.model.model_name, content)])

    async def _keep(self, messages: list[ModelMessage], steps: list[Step]) -> None:
        self.talk.keep(messages)
        self.kept_at = monotonic()
        await self.run.save(self.talk.dump(), steps)


def arguments(call: ToolCallPart) -> dict[str, Any]:
    """A call's arguments as JSON values; what is no JSON object is shown as it came."""
    try:
        return call.args_as_dict(raise_if_invalid=True)
    except (ValueError, AssertionError):
        return {"invalid": str(call.args)[:200]}


def told(part: ToolReturnPart) -> dict[str, Any]:
    """What the reader sees of a tool's answer."""
    is_ok = part.outcome == "success"
    summary = headline(part.content) if is_ok else str(part.content)[:200]
    return {"call_id": part.tool_call_id, "name": part.tool_name, "ok": is_ok, "summary": summary}


def _tool_step(part: ToolReturnPart, call: ToolCallPart | None) -> Step:
    is_ok = part.outcome == "success"
    content = {"ok": is_ok, "arguments": arguments(call) if call else {}, "result": part.content}
    return Step("tool", part.tool_name, to_jsonable_python(content))
