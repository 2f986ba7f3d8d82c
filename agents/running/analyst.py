"""The three agents: what each is told, and which functions it may call.

Their instructions lie in `prompts/`, and hold nothing of the client's: names, amounts and the question travel as data.
"""

import json
from functools import cache

import pydantic_ai
from pydantic_ai.models import ModelRequestParameters

from agents.case.case import Case
from agents.prose import text
from agents.running.tools import tools
from agents.telling.first_words import first_words
from data.wire.task import TaskType
from data.wording.words import Language

pydantic_ai.BANNER_ENABLED = False  # a worker's terminal is no place for the library's greeting


# Made once for all tasks: it holds nothing of a client.
@cache
def parameters(*, has_portfolio: bool) -> ModelRequestParameters:
    """What a model may call; without a portfolio there is nothing."""
    return ModelRequestParameters(function_tools=[tool.tool_def for tool in tools().values()] if has_portfolio else [])


@cache
def instructions(task: TaskType, language: Language) -> str:
    """The rules for all, the task's own, and how to write in the reader's language."""
    return "\n\n".join(text(name) for name in ("rules", task.value, f"language_{language}"))


def prompt(case: Case) -> str:
    """The client's question as data: JSON, in which no word of theirs can pass for ours."""
    asked = {
        "task": case.task.value,
        "language": case.language,
        "has_portfolio": case.portfolio is not None,
        "question": case.question,
    }
    words = first_words(case)
    if words:
        asked["already_told"] = words
    return json.dumps(asked, ensure_ascii=False)
