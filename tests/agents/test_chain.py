"""A chain of models: where one fails, the next goes on from what is known; the reader and the record are told."""

from typing import Any

import pytest

from agents.running.asking.resting import Resting
from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from data.errors import BadSetting, ModelUnavailable
from data.wire.event import EventType
from tests.agents.cases import SIX_DEBTS
from tests.agents.recorder import Killed, Recorder, task
from tests.agents.scripted_endpoint import Endpoint, calls, fails, says, serving

pytestmark = pytest.mark.anyio

CHAIN = "openai:first,vllm:second,offline"
ASKED = [("list_debts", {}), ("portfolio_health", {}), ("compare_strategies", {})]
ANSWER = "Pay **$1,500.00** a month."


def source(first: Endpoint, second: Endpoint, spec: str = CHAIN) -> ModelSource:
    return ModelSource(spec, openai_base_url=first.url, vllm_base_url=second.url, chunks_per_s=0)


def loop(models: ModelSource, **more: Any) -> AgentLoop:
    return AgentLoop(models, pause_s=0.0, keep_after_s=0, patience_s=0.0, **more)


async def test_the_next_model_goes_on_with_what_the_first_has_asked() -> None:
    recorder = Recorder()
    with serving(calls(*ASKED), fails(500)) as first, serving(says(ANSWER)) as second:
        models = source(first, second)
        result = await loop(models)(recorder.run(task(SIX_DEBTS)))
        await models.close()
    assert (result.model, result.narrative) == ("second", ANSWER)
    assert len(recorder.of(EventType.TOOL_CALL)) == len(ASKED)
    assert "model_changed" in [stage for _, stage in recorder.progress]
    (switch,) = [step for step in recorder.steps if step.kind == "switch"]
    assert switch.name == "openai:first"
    assert "failed on its side" in switch.content["error"]
    assert result.usage.requests == 2


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
async def test_offline_ends_the_chain_and_says_so(status: int) -> None:
    recorder = Recorder()
    with serving(fails(status)) as first, serving(fails(status)) as second:
        models = source(first, second)
        result = await loop(models)(recorder.run(task(SIX_DEBTS)))
        await models.close()
    alone = await AgentLoop(ModelSource(chunks_per_s=0))(Recorder().run(task(SIX_DEBTS)))
    assert result.model == "offline"
    assert result.narrative.startswith("*The language model did not finish")
    assert result.narrative.endswith(alone.narrative)
    assert recorder.text == result.narrative
    assert result.grounding.unsupported == []
    assert len([step for step in recorder.steps if step.kind == "switch"]) == 2


async def test_a_text_that_breaks_off_is_dropped_when_another_model_goes_on() -> None:
    recorder = Recorder()
    with serving(says("You owe a lot, and I would", cut_after=3)) as first, serving(says(ANSWER)) as second:
        models = source(first, second)
        result = await loop(models)(recorder.run(task(SIX_DEBTS)))
        await models.close()
    assert recorder.text == result.narrative == ANSWER
    assert len(recorder.of(EventType.RESTART)) == 1


async def test_a_model_in_circles_hands_over_and_the_next_has_turns_of_its_own() -> None:
    with serving(calls(("list_debts", {}))) as first, serving(says(ANSWER)) as second:
        models = source(first, second)
        result = await loop(models, turns=3)(Recorder().run(task(SIX_DEBTS)))
        assert (result.model, len(first.requests)) == ("second", 3)
        await models.close()
    with serving(calls(("list_debts", {}))) as first:
        models = source(first, first)
        offline = await loop(models, turns=3)(Recorder().run(task(SIX_DEBTS)))
        await models.close()
    assert offline.model == "offline"


async def test_a_run_killed_at_the_switch_ends_as_well() -> None:
    with serving(fails(500)) as first, serving(says(ANSWER)) as second:
        models = source(first, second)
        killed = Recorder(dies_after_saves=1)
        with pytest.raises(Killed):
            await loop(models)(killed.run(task(SIX_DEBTS)))
        result = await loop(models)(Recorder().run(task(SIX_DEBTS), killed.checkpoints[-1]))
        await models.close()
    assert (result.model, result.narrative) == ("second", ANSWER)


async def test_a_model_that_failed_is_passed_over_for_a_while_and_that_is_told() -> None:
    with serving(fails(500)) as first:
        models = ModelSource("openai:first,offline", openai_base_url=first.url, chunks_per_s=0)
        run = loop(models)
        await run(Recorder().run(task(SIX_DEBTS)))
        asked, recorder = len(first.requests), Recorder()
        result = await run(recorder.run(task(SIX_DEBTS)))
        await models.close()
    assert len(first.requests) == asked
    assert result.narrative.startswith("*The language model did not finish")
    assert "model_changed" in [stage for _, stage in recorder.progress]
    (switch,) = [step for step in recorder.steps if step.kind == "switch"]
    assert "rests" in switch.content["error"]


async def test_a_model_in_circles_does_not_rest() -> None:
    with serving(calls(("list_debts", {}))) as first, serving(says(ANSWER)) as second:
        models = source(first, second)
        run = loop(models, turns=3)
        for _ in range(2):
            await run(Recorder().run(task(SIX_DEBTS)))
        await models.close()
    assert len(first.requests) == 6


def test_one_task_tries_a_rested_model_and_the_others_wait_for_what_comes_of_it() -> None:
    moment = [0.0]
    resting = Resting(rests_s=60, now=lambda: moment[0])
    assert resting.may_be_asked("a")
    resting.fails("a")
    assert not resting.may_be_asked("a")
    moment[0] = 61
    assert resting.may_be_asked("a")
    assert not resting.may_be_asked("a")
    resting.answers("a")
    assert resting.may_be_asked("a")


async def test_a_task_that_names_its_model_gets_no_other() -> None:
    with serving(fails(401)) as first, serving(says(ANSWER)) as second:
        models = source(first, second)
        with pytest.raises(ModelUnavailable, match="refuses our key"):
            await loop(models)(Recorder().run(task(SIX_DEBTS, model="openai:first")))
        await models.close()
    assert not second.requests


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("offline,openai:a", "put it last"),
        ("openai:a,openai:a", "twice"),
        ("openai:a,", "no model"),
        ("a,b", "no model"),
    ],
)
def test_a_chain_that_cannot_work_is_a_bad_setting(spec: str, why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        ModelSource(spec, openai_base_url="http://127.0.0.1:9/v1")
