"""Names, questions and models that try to do more than speak: totals stay, tools stay, and what is told is inert."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agents.inert import InertStream, inert
from agents.running import tools
from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from data.wire.event import EventType
from data.wire.task_result import TaskResult
from tests.agents.attacks import ATTACKS
from tests.agents.cases import card, portfolio
from tests.agents.recorder import Recorder, task
from tests.agents.scripted_endpoint import calls, says, serving

pytestmark = pytest.mark.anyio

READER = MarkdownIt("commonmark", {"html": True}).enable("table")
LIVE = {"link_open", "image", "html_inline", "html_block"}
AT_ONCE = AgentLoop(ModelSource(chunks_per_s=0), keep_after_s=0)
GITHUBS = ("http://", "https://", "ftp://", "www.", "mailto:", "xmpp:", "javascript:", "vbscript:")


def named(name: str) -> dict[str, Any]:
    return portfolio(card(name, "5200", 0.2499), card("Amex", "1200", 0.19), budget={"monthly": "400"})


def live(text: str) -> list[str]:
    """What a reader of Markdown makes active, and addresses that GitHub's would link by themselves."""
    parsed = READER.parse(text)
    tokens = [*parsed, *(child for token in parsed for child in token.children or [])]
    shown = "".join(token.content for token in tokens if token.type in ("text", "code_inline", "fence", "code_block"))
    return [*_active(tokens), *(each for each in GITHUBS if each in shown.lower())]


def _active(tokens: list[Token]) -> list[str]:
    return [token.type for token in tokens if token.type in LIVE]


def figures(result: TaskResult) -> Any:
    told = result.model_dump(mode="json")
    return told["facts"]["health"]["total"], told["plan"]["total_interest"], told["plan"]["months"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_debts_name_changes_no_figure_and_is_told_as_text(attack: str, language: str) -> None:
    recorder = Recorder()
    result = await AT_ONCE(recorder.run(task(named(attack), language=language)))
    assert figures(result) == figures(await AT_ONCE(Recorder().run(task(named("Visa"), language=language))))
    assert live(result.narrative) == []
    assert recorder.text == result.narrative
    assert result.grounding.unsupported == []


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_question_changes_no_figure_and_is_told_as_text(attack: str) -> None:
    recorder = Recorder()
    result = await AT_ONCE(recorder.run(task(named("Visa"), question=attack)))
    assert figures(result) == figures(await AT_ONCE(Recorder().run(task(named("Visa")))))
    assert live(result.narrative) == []
    assert {event["name"] for event in recorder.of(EventType.TOOL_CALL)} <= tools.tools().keys()


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_model_that_was_talked_into_it_tells_text_only(attack: str) -> None:
    recorder = Recorder()
    with serving(says(f"Pay the dearest debt first.\n\n{attack}\n\nThat is all.")) as endpoint:
        models = ModelSource("openai:scripted", openai_base_url=endpoint.url, chunks_per_s=0)
        run = AgentLoop(models, keep_after_s=0, pause_s=0.0, patience_s=0.0)
        result = await run(recorder.run(task(named("Visa"))))
        await models.close()
    assert live(result.narrative) == []
    assert recorder.text == result.narrative
    assert result.narrative.isprintable() or result.narrative.replace("\n", "").isprintable()


@pytest.mark.parametrize("wanted", ["delete_portfolio", "transfer_money", "read_file", "list_portfolios"])
async def test_a_tool_outside_the_list_is_not_called(wanted: str) -> None:
    recorder = Recorder()
    with serving(calls((wanted, {"portfolio_id": "another-client"})), says("It cannot be done.")) as endpoint:
        models = ModelSource("openai:scripted", openai_base_url=endpoint.url, chunks_per_s=0)
        result = await AgentLoop(models, keep_after_s=0)(recorder.run(task(named("Visa"))))
        await models.close()
    assert [event["ok"] for event in recorder.of(EventType.TOOL_RESULT)] == [False]
    assert result.usage.tool_calls == 0


@pytest.mark.parametrize("tool", ["list_debts", "portfolio_health", "compare_strategies"])
async def test_a_tool_asked_for_another_portfolio_is_refused_or_tells_of_this_one(tool: str) -> None:
    recorder = Recorder()
    with serving(calls((tool, {"portfolio_id": "another-client"})), says("Done.")) as endpoint:
        models = ModelSource("openai:scripted", openai_base_url=endpoint.url, chunks_per_s=0)
        await AgentLoop(models, keep_after_s=0)(recorder.run(task(named("Visa"))))
        await models.close()
    told = str([step.content for step in recorder.steps if step.kind == "tool"])
    assert "another-client" not in told or "False" in told


@pytest.mark.parametrize(
    "text",
    [
        "Pay **$1,500.00** a month; a < b, 3<5, AT&T, R&D!",
        "| Debt | Balance |\n|:--|--:|\n| Visa | $5,200.00 |\n\n1. *First* this [note]\n2. then (that)",
        "第一步：先还“招商信用卡”。时间 5:30，data: 5，比例 3:1。",
        "Call 988, or text HOME to 741741.",
        "A \\<b\\> \\[x\\] stays as the report writes names",
    ],
)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert inert(text, "en") == text


PIECES = [*ATTACKS, "[a](b)", "](", "]:", "<", "!", "[", "\\", "http", "s://", "w", "ww", "word ", "网址", "\n", "("]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=8), st.randoms(use_true_random=False))
def test_a_stream_tells_the_same_however_it_is_cut(pieces: list[str], chance: random.Random) -> None:
    text, stream, told = "".join(pieces), InertStream("en"), ""
    place = 0
    while place < len(text):
        end = place + chance.randint(1, 9)
        told += stream.add(text[place:end])
        place = end
    told += stream.end()
    assert told == inert(text, "en")
    assert _active([child for token in READER.parse(told) for child in [token, *(token.children or [])]]) == []
