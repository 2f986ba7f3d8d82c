"""The turns of one task's model and tools; the messages between them say whose turn it is.

Through the library's plain requests instead of its agents, whose graph and layers of events take longer to begin than
all else that a task needs here.
"""

from collections import Counter
from collections.abc import AsyncIterable, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

from pydantic_ai import RunContext, RunUsage, UsageLimits
from pydantic_ai.direct import model_request_stream
from pydantic_ai.exceptions import (
    ContentFilterError,
    IncompleteToolCall,
    OutputTokenLimitExceeded,
    UnexpectedModelBehavior,
)
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    RetryFeedbackPart,
    RetryInfo,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model
from pydantic_core import to_jsonable_python
from tenacity import RetryCallState

from agents.case.case import Case
from agents.case.digest import headline
from agents.running import analyst, tools
from agents.running.asking.waiting import Wait
from agents.running.checkpoint import WRITTEN_ANEW_BY, Conversation, written
from agents.running.listening import listening
from agents.running.narration import Narration
from agents.telling.first_words import first_words
from data.errors import ModelError
from data.wire.agent_run import AgentRun, Step
from data.wire.event import EventType

TRIES_TO_MEND = 2  # a wrong call, or an answer that says nothing: so often it is sent back
NO_ANSWER = "answer"
WITHOUT_A_MODEL = {
    "en": "*The language model did not finish an answer; what follows is written without one, from the same figures.*",
    "zh": "*语言模型没有给出完整的回答；以下内容不经语言模型、由同样的数字直接写成。*",
}
UNCONFIRMED = {
    "en": "*The language model's answer held too many figures that could not be confirmed; what follows is written"
    " without one, from the planner's figures.*",
    "zh": "*语言模型的回答中有较多无法核实的数字；以下内容不经语言模型、由规划器的数字直接写成。*",
}


class Turns:
    """The turns of one task's model and tools, from the last checkpoint to the answer."""

    model: Model
    wait: Wait
    limits: UsageLimits

    def __init__(self, run: AgentRun, case: Case, keep_after_s: float) -> None:
        self.run, self.case = run, case
        self.talk = Conversation.restored(run.checkpoint)
        self.narration = Narration(run.emit, case.language, run.attempt)
        self.percent, self.stage = 0, ""
        self.is_heard = True  # by the reader: not where an answer is written anew
        self.heard = ""  # of this turn, and still to come from the library
        self.wrong: Counter[str] = Counter()  # how often a tool was called wrongly, one time after the other
        self.keep_after_s, self.kept_at = keep_after_s, monotonic()
        self.began_at = self.kept_at

    async def tell_what_was_written(self) -> None:
        """Our own first words, and the text of finished turns again: readers dropped what the last attempt told."""
        await self.narration.begin()
        await self._say(first_words(self.case), *self.talk.rounds()[0])

    async def write_anew(self, author: str, request: str, *, is_by_model: bool) -> None:
        """Ask for the whole answer once more, unheard by the reader, or go on where an attempt before has begun to.

        Args:
            author: who is asked, by the name in the chain.
            request: what is wrong with the answer.
            is_by_model: false of the narrator, whose text then says why it stands there.
        """
        if author not in self.talk.authors_anew():
            request_anew = self._request(RetryFeedbackPart(request, retry=RetryInfo("model_retry")))
            steps = [] if is_by_model else [Step("switch", self.model.model_name, {"error": request})]
            await self._keep([*self.talk.messages, replace(request_anew, metadata={WRITTEN_ANEW_BY: author})], steps)
        self.is_heard, self.narration = False, Narration(_unheard, self.case.language, self.run.attempt)
        words = "" if is_by_model else UNCONFIRMED[self.case.language]
        await self._say(first_words(self.case), words, *self.talk.rounds()[-1])

    async def _say(self, *texts: str) -> None:
        for text in texts:
            await self.narration.add(text)
            await self.narration.end_turn()

    def begin_with(self, model: Model, wait: Wait, turns: int, calls: int) -> None:
        """Ask this model from here on, for so many turns and calls; those of attempts with it before count."""
        self.wait = wait
        used = self.talk.usage_of_others(model.model_name)
        self.model, self.wrong = model, Counter()
        self.limits = UsageLimits(request_limit=used.requests + turns, tool_calls_limit=used.tool_calls + calls)

    async def change_model(self, failed: str, error: ModelError, *, is_last: bool) -> None:
        """Tell the reader and the record that another model goes on; the last is the one without a language model."""
        self.narration.break_off()
        self.heard = ""
        await self._progress(self.percent, "model_changed")
        await self.run.save(self.talk.dump(), [Step("switch", failed, {"error": error.message})])
        if is_last:
            await self._say(WITHOUT_A_MODEL[self.case.language])

    async def broke_off(self, _: RetryCallState) -> None:
        """A passing failure: the turn that was under way is expected again."""
        self.narration.break_off()
        self.heard = ""
        # It may take minutes, and whoever reads should know for what.
        await self._progress(5, "waiting_for_model")

    async def go_on(self) -> None:
        """From the last kept message to the model's answer: the last one says whose turn it is."""
        messages = [*self.talk.messages] or [self._request(UserPromptPart(analyst.prompt(self.case)))]
        # The checkpoint may hold the whole answer: only the end of the task was lost.
        while not self.talk.is_answered:
            last = messages[-1]
            if isinstance(last, ModelRequest):
                response = await self._ask_model(messages)
                messages.append(response)
                await self._keep_response(messages, response)
            elif last.tool_calls:
                returns = await self._ask_tools(last)
                messages.append(self._request(*returns))
                await self._keep_returns(messages, last, returns)
            else:
                messages.append(self._request(self._feedback()))

    def _request(self, *parts: ModelRequestPart) -> ModelRequest:
        return ModelRequest([*parts], instructions=analyst.instructions(self.case.task, self.case.language))

    async def _ask_model(self, messages: Sequence[ModelMessage]) -> ModelResponse:
        """The model's turn."""
        # The limits count over all attempts.
        self.limits.check_before_request(self.talk.usage())
        await self._progress(5, "thinking")
        await self.run.emit(EventType.THINKING, {})
        may_call = analyst.parameters(has_portfolio=self.case.portfolio is not None)
        with listening(self._hear):
            async with (
                self.wait.for_life(self.model.model_name),
                model_request_stream(self.model, messages, model_request_parameters=may_call) as stream,
            ):
                await self._listen(stream)
        response = stream.get()
        _refuse_half_an_answer(response)
        await self.narration.end_turn()
        self.heard = ""
        return response

    def _feedback(self) -> RetryFeedbackPart:
        """What a model is told that has said nothing.

        Raises:
            UnexpectedModelBehavior: it was told often enough.
        """
        self.wrong[NO_ANSWER] += 1
        self._refuse_after_too_many(NO_ANSWER)
        return RetryFeedbackPart("Please answer with text, or call a tool.", retry=RetryInfo("no_output"))

    async def _listen(self, stream: AsyncIterable[ModelResponseStreamEvent]) -> None:
        """The model's turn: its text to the reader, its thinking only as a sign of life."""
        async for event in stream:
            self.wait.lives()
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                await self._write_unheard(event.part.content)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                await self._write_unheard(event.delta.content_delta)

    async def _hear(self, text: str) -> None:
        """Text as it is read, before the library hands it over."""
        self.wait.lives()
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

    async def _ask_tools(self, response: ModelResponse) -> list[ToolReturnPart]:
        """The tools' turn: one call after the other, each and its answer as an event, once."""
        _refuse_half_a_call(response)
        used = self.talk.usage()
        used.tool_calls += len(response.tool_calls)
        self.limits.check_before_tool_call(used)
        returns: list[ToolReturnPart] = []
        for place, asked in enumerate(response.tool_calls, start=1):
            # Before its worker died; the reader and the record have it.
            part = self.talk.answered.get(asked.tool_call_id)
            if part is None:
                part = await self._ask_tool(asked)
                await self._keep_return(part, asked, is_last=place == len(response.tool_calls))
            returns.append(part)
        return returns

    async def _ask_tool(self, asked: ToolCallPart) -> ToolReturnPart:
        await self._progress(self.percent + 5, "computing")
        call = {"call_id": asked.tool_call_id, "name": asked.tool_name}
        await self.run.emit(EventType.TOOL_CALL, {**call, "arguments": arguments(asked)})
        context = RunContext(
            deps=self.case,
            model=self.model,
            usage=RunUsage(),
            tool_call_id=asked.tool_call_id,
            tool_name=asked.tool_name,
        )
        part = await tools.call(asked, context)
        await self.run.emit(EventType.TOOL_RESULT, told(part))
        if part.outcome == "success":
            self.wrong[asked.tool_name] = 0
        else:
            self.wrong[asked.tool_name] += 1
            self._refuse_after_too_many(asked.tool_name)
        return part

    def _refuse_after_too_many(self, what: str) -> None:
        if self.wrong[what] > TRIES_TO_MEND:
            raise UnexpectedModelBehavior(f"{what}: wrong {self.wrong[what]} times in a row")

    async def _progress(self, percent: int, stage: str) -> None:
        """Forward only, and no faster than the stages: the model alone knows how much it will write."""
        reached = max(self.percent, min(percent, 60))
        if self.is_heard and (reached, stage) != (self.percent, self.stage):
            self.percent, self.stage = reached, stage
            await self.run.progress(reached, stage)

    async def _keep_returns(
        self, messages: list[ModelMessage], asked: ModelResponse, returns: Sequence[ToolReturnPart]
    ) -> None:
        """Before the model reads them: a run that is killed now repeats no tool."""
        calls = {call.tool_call_id: call for call in asked.tool_calls}
        fresh = [part for part in returns if part.tool_call_id not in self.talk.answered]
        await self._keep(messages, [_tool_step(part, calls[part.tool_call_id]) for part in fresh])

    async def _keep_return(self, part: ToolReturnPart, asked: ToolCallPart, *, is_last: bool) -> None:
        """Between two tools of one turn: the first one's answer, or a run that is killed now would ask it again."""
        # The last one is kept with the whole turn, a moment later; quick ones cost less than to keep them.
        is_quick = monotonic() - self.kept_at < self.keep_after_s
        if part.outcome == "success" and not is_last and not is_quick:
            self.talk.answered[part.tool_call_id] = part
            self.kept_at = monotonic()
            await self.run.save(self.talk.dump(), [_tool_step(part, asked)])

    async def _keep_response(self, messages: list[ModelMessage], response: ModelResponse) -> None:
        """After the model's turn: what it wrote and which tools it asks for."""
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


async def _unheard(_: EventType, __: dict[str, Any]) -> None:
    """Tells nobody."""


def _refuse_half_an_answer(response: ModelResponse) -> None:
    """An answer that was cut is none, whatever is there of it.

    Raises:
        OutputTokenLimitExceeded: it was cut at its length. ContentFilterError: it was withheld.
    """
    if response.finish_reason == "length" and not response.tool_calls:
        raise OutputTokenLimitExceeded("the answer's length was used up before it was whole")
    if response.finish_reason == "content_filter":
        raise ContentFilterError("the answer was withheld")


def _refuse_half_a_call(response: ModelResponse) -> None:
    """A turn that was cut at its length may end in half a call.

    Raises:
        IncompleteToolCall: it does.
    """
    if response.finish_reason == "length" and "invalid" in arguments(response.tool_calls[-1]):
        raise IncompleteToolCall("the answer's length was used up within a call")


def _tool_step(part: ToolReturnPart, call: ToolCallPart) -> Step:
    is_ok = part.outcome == "success"
    content = {"ok": is_ok, "arguments": arguments(call), "result": part.content}
    return Step("tool", part.tool_name, to_jsonable_python(content))
