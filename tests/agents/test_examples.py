"""The reports in `docs/examples/` are those that the narrator writes today; RECORD=1 writes them anew, to be read."""

import os
from pathlib import Path
from typing import Any

import pytest

from agents.planner.optimum.limits import SearchLimits
from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from data.wire.task import TaskType
from data.wording.words import Language
from tests.agents.cases import NEVER_PAID_OFF, SHORTFALL, SIX_DEBTS, YUAN
from tests.agents.recorder import Recorder, task
from tests.agents.test_promotions import CLIFF

pytestmark = pytest.mark.anyio

FOLDER = Path(__file__).parents[2] / "docs" / "examples"
SITUATIONS: dict[str, tuple[str, dict[str, Any], dict[Language, str]]] = {
    "six-debts": (
        "Six debts, enough money",
        SIX_DEBTS,
        {
            "en": "Which debt first, and what if I pay 200 more a month?",
            "zh": "先还哪个？每月多还200会怎样？",
        },
    ),
    "promotion": (
        "A card at 0 % that the plan does not clear in time",
        CLIFF,
        {"en": "What happens when the 0 % ends?", "zh": "零利率到期以后会怎样？"},
    ),
    "too-little": (
        "Minimums above the money for them, and a collector who threatens",
        SHORTFALL,
        {"en": "The collector threatens to come to my house. What now?", "zh": "催收说要上门打我，怎么办？"},
    ),
    "never-ends": (
        "Payments that do not even cover the interest",
        NEVER_PAID_OFF,
        {"en": "When am I debt-free?", "zh": "什么时候能还清？"},
    ),
    "yuan": (
        "A card, instalments and a loan in yuan",
        YUAN,
        {"en": "How much interest do I pay?", "zh": "一共要付多少利息？"},
    ),
}
TYPES = (TaskType.DEBT_ANALYSIS, TaskType.REPAYMENT_PLAN, TaskType.FINANCIAL_ADVICE)


async def example(name: str) -> str:
    """The page of a situation: each type of report, in both languages."""
    title, portfolio, questions = SITUATIONS[name]
    about = "Reports of the narrator, without a language model; `tests/agents/test_examples.py` keeps them."
    parts = [f"# {title}\n\n{about}"]
    for language, question in questions.items():
        for kind in TYPES:
            request = task(portfolio, type=kind.value, language=language, question=question)
            told = await AgentLoop(ModelSource(chunks_per_s=0))(Recorder().run(request))
            assert told.grounding.unsupported == []
            parts.append(f"---\n\n`{kind.value}`, {language}: {question}\n\n{_lower(told.narrative)}")
    return "\n\n".join(parts).rstrip() + "\n"


def _lower(narrative: str) -> str:
    """Headings a level down: the page has its own."""
    return "\n".join(f"#{line}" if line.startswith("#") else line for line in narrative.rstrip().splitlines())


@pytest.mark.parametrize("name", SITUATIONS)
async def test_the_examples_are_what_is_written_today(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A machine that stalls is to find the same plan.
    monkeypatch.setattr("agents.case.case.SEARCH", SearchLimits(time_limit_s=60.0))
    page, file = await example(name), FOLDER / f"{name}.md"
    if os.environ.get("RECORD"):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(page, "utf-8")
    assert file.read_text("utf-8") == page, "if that is meant to be: make examples, and read them"
