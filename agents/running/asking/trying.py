"""A model tried as tasks use it: a few words, streamed, and one of our tools called; how soon and how fast.

Two small questions without anybody's data: what they cost is next to nothing.
"""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolCallPart, UserPromptPart
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from agents.case.case import Case
from agents.running import analyst
from agents.running.listening import listening
from agents.running.model_errors import our_errors
from data.errors import ModelError
from data.portfolio.portfolio import Portfolio
from data.wire.task import TaskType

QUESTION = "Which debt first?"
QUICK_S, TIMES = 2.0, 3  # of an answer that was there so soon nobody can tell, nor of one that a busy machine read late
FEW_WORDS = ModelSettings(max_tokens=96)
ONE_CALL = ModelSettings(max_tokens=512)  # those that think first need some room
EXAMPLE = {
    "currency": "USD",
    "start": "2027-01",
    "budget": {"monthly": "300.00"},
    "debts": [
        {"name": "A", "kind": "credit_card", "balance": "2000.00", "apr": 0.25},
        {"name": "B", "kind": "auto_loan", "balance": "5000.00", "apr": 0.07},
    ],
}
NO_CALL = (
    "it answers, but called no tool when it was asked about debts: on vLLM set enable_auto_tool_choice and its "
    "tool_call_parser; elsewhere choose a model that calls tools"
)
NOT_STREAMED = "its answer came in one piece: whatever stands between must not buffer"


@dataclass(frozen=True)
class Trial:
    """What came of asking a model.

    Attributes:
        first_token_s: from asking until its first word. tokens_per_s: of the words after it.
        problem: what is wrong, and what mends it; None where tasks can be answered.
    """

    is_answering: bool
    is_streaming: bool = False
    calls_tools: bool = False
    first_token_s: float | None = None
    tokens_per_s: float | None = None
    problem: str | None = None


async def try_out(model: Model) -> Trial:
    """Ask the model for a few words, then about two debts of nobody's."""
    try:
        with our_errors(model.model_name):
            words = await _words(model)
            for _ in range(TIMES - 1):
                words = words if words["is_streaming"] else await _words(model)
    except ModelError as error:
        return Trial(is_answering=False, problem=error.message)
    try:
        with our_errors(model.model_name):
            calls_tools = await _calls_a_tool(model)
    except ModelError as error:
        return Trial(**words, problem=f"it answers, but not with our tools: {error.message}")
    problem = NO_CALL if not calls_tools else None if words["is_streaming"] else NOT_STREAMED
    return Trial(**words, calls_tools=calls_tools, problem=problem)


async def _words(model: Model) -> dict[str, Any]:
    began, heard = monotonic(), list[float]()

    async def hear(_: str) -> None:
        heard.append(monotonic())

    case = Case(TaskType.FINANCIAL_ADVICE, "en", QUESTION, None)
    with listening(hear):
        response, first = await _answer(model, case, FEW_WORDS)
    ended, first = monotonic(), min([first, *heard[:1]])
    spent = ended - first
    many = response.usage.output_tokens
    return {
        "is_answering": True,
        "is_streaming": len(heard) > 1 or ended - began < QUICK_S,
        "first_token_s": round(first - began, 4),
        "tokens_per_s": round(many / spent, 1) if many and spent > 0 else None,
    }


async def _calls_a_tool(model: Model) -> bool:
    case = Case(TaskType.DEBT_ANALYSIS, "en", QUESTION, Portfolio.model_validate(EXAMPLE))
    response, _ = await _answer(model, case, ONE_CALL)
    known = {tool.name for tool in analyst.parameters(has_portfolio=True).function_tools}
    return any(isinstance(part, ToolCallPart) and part.tool_name in known for part in response.parts)


async def _answer(model: Model, case: Case, settings: ModelSettings) -> tuple[ModelResponse, float]:
    """The whole answer, and when its first piece was there."""
    instructions = analyst.instructions(case.task, case.language)
    messages: list[ModelMessage] = [ModelRequest([UserPromptPart(analyst.prompt(case))], instructions=instructions)]
    may_call = analyst.parameters(has_portfolio=case.portfolio is not None)
    first: float | None = None
    async with model_request_stream(
        model, messages, model_settings=settings, model_request_parameters=may_call
    ) as stream:
        async for _ in stream:
            first = first or monotonic()
    return stream.get(), first or monotonic()
