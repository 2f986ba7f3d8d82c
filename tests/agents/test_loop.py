"""One run of an agent: its events, its checkpoints, and what a killed run does when it is taken up again."""

import json

import pytest

from agents.running.checkpoint import Conversation
from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from agents.running.narration import Narration
from data.errors import BadSetting
from data.wire.event import EventType
from tests.agents.cases import NEVER_PAID_OFF, SHORTFALL, SIX_DEBTS, YUAN
from tests.agents.recorder import Killed, Recorder, task

pytestmark = pytest.mark.anyio

AT_ONCE = AgentLoop(ModelSource(chunks_per_s=0), keep_after_s=0)


async def test_the_offline_model_runs_on_the_same_loop() -> None:
    recorder = Recorder()
    result = (await AT_ONCE(recorder.run(task(SIX_DEBTS)))).model_dump(mode="json")
    assert set(result) == {"facts", "narrative", "recommendations", "plan", "grounding", "model", "usage"}
    assert result["model"] == "offline"
    assert result["usage"] == {"requests": 3, "tool_calls": 6, "input_tokens": 0, "output_tokens": 0}
    assert [(step.kind, step.name) for step in recorder.steps] == [
        ("model", "offline"),
        ("tool", "list_debts"),
        ("tool", "portfolio_health"),
        ("tool", "compare_strategies"),
        ("model", "offline"),
        ("tool", "plan_details"),
        ("tool", "first_payments"),
        ("tool", "what_if_budget"),
        ("model", "offline"),
    ]


async def test_a_result_and_its_steps_and_events_are_plain_json() -> None:
    recorder = Recorder()
    result = (await AT_ONCE(recorder.run(task(YUAN, language="zh")))).model_dump(mode="json")
    assert json.loads(json.dumps(result)) == result
    assert json.dumps([step.content for step in recorder.steps])
    assert json.dumps([payload for _, payload in recorder.events])


async def test_chunks_are_exactly_the_narrative_at_a_natural_pace_too() -> None:
    recorder = Recorder()
    result = await AgentLoop(ModelSource(chunks_per_s=2000))(recorder.run(task(SIX_DEBTS)))
    assert len(recorder.of(EventType.CHUNK)) > 100
    assert recorder.text == result.narrative


async def test_progress_only_grows_and_never_says_done() -> None:
    recorder = Recorder()
    await AT_ONCE(recorder.run(task(SIX_DEBTS)))
    percents = [percent for percent, _ in recorder.progress]
    assert percents == sorted(percents)
    assert percents[-1] < 100
    assert [stage for _, stage in recorder.progress][-2:] == ["writing", "checking"]


async def test_the_loop_leaves_the_end_of_the_stream_to_the_worker() -> None:
    recorder = Recorder()
    await AT_ONCE(recorder.run(task(SIX_DEBTS)))
    sent = {type_ for type_, _ in recorder.events}
    assert sent == {EventType.TYPING, EventType.THINKING, EventType.TOOL_CALL, EventType.TOOL_RESULT, EventType.CHUNK}


@pytest.mark.parametrize("saves", range(1, 11))
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_run_killed_after_any_step_ends_as_if_it_had_not_been(saves: int, language: str) -> None:
    request = task(SIX_DEBTS, language=language, question="What if I paid 1800 a month? 每月还1800元")
    whole = Recorder()
    expected = await AT_ONCE(whole.run(request))
    assert len(whole.checkpoints) == 10
    killed, resumed = Recorder(dies_after_saves=saves), Recorder()
    with pytest.raises(Killed):
        await AT_ONCE(killed.run(request))
    result = await AT_ONCE(resumed.run(request, killed.checkpoints[-1]))
    assert result == expected
    assert resumed.text == result.narrative
    answered = [event["call_id"] for event in killed.of(EventType.TOOL_RESULT) + resumed.of(EventType.TOOL_RESULT)]
    assert answered == [event["call_id"] for event in whole.of(EventType.TOOL_RESULT)]
    assert killed.steps + resumed.steps == whole.steps


async def test_a_run_killed_again_and_again_still_ends() -> None:
    expected = await AT_ONCE(Recorder().run(task(SHORTFALL)))
    checkpoint = None
    for _ in range(5):
        recorder = Recorder(dies_after_saves=1)
        with pytest.raises(Killed):
            await AT_ONCE(recorder.run(task(SHORTFALL), checkpoint))
        checkpoint = recorder.checkpoints[-1]
    assert await AT_ONCE(Recorder().run(task(SHORTFALL), checkpoint)) == expected


async def test_a_checkpoint_of_another_version_starts_anew() -> None:
    expected = await AT_ONCE(Recorder().run(task(SIX_DEBTS)))
    assert await AT_ONCE(Recorder().run(task(SIX_DEBTS), b'[{"kind": "from the future"}]')) == expected


async def test_a_checkpoint_is_the_messages_and_their_usage() -> None:
    recorder = Recorder()
    await AT_ONCE(recorder.run(task(SIX_DEBTS)))
    talk = Conversation.restored(recorder.checkpoints[-1])
    assert talk.is_answered
    assert talk.rounds() == [[recorder.text]]
    assert (talk.usage().requests, talk.usage().tool_calls) == (3, 6)
    assert not Conversation.restored(recorder.checkpoints[-2]).is_answered


async def test_a_plan_without_end_travels_in_bounds() -> None:
    result = (await AT_ONCE(Recorder().run(task(NEVER_PAID_OFF)))).model_dump(mode="json")
    assert result["plan"]["status"] == "never_paid_off"
    assert len(result["plan"]["schedule"]) <= 6000


async def test_a_task_may_name_its_model_and_an_unknown_one_is_refused() -> None:
    assert (await AT_ONCE(Recorder().run(task(YUAN, model="offline")))).model == "offline"
    with pytest.raises(BadSetting, match="is no model"):
        await AT_ONCE(Recorder().run(task(YUAN, model="crystal-ball")))


async def test_advice_on_a_portfolio_carries_facts_but_no_plan() -> None:
    result = (await AT_ONCE(Recorder().run(task(YUAN, type="financial_advice")))).model_dump(mode="json")
    assert result["facts"]["comparison"]["recommended"] == "avalanche"
    assert "plan" not in result


async def test_what_was_told_before_a_break_is_not_told_twice() -> None:
    recorder = Recorder()
    narration = Narration(recorder.run(task(YUAN)).emit, "en")
    for piece in ("One ", "two"):
        await narration.add(piece)
    for break_after in (1, 2):
        narration.break_off()
        for piece in ("One", " two three")[:break_after]:
            await narration.add(piece)
    assert narration.text == recorder.text == "One two three"
    await narration.end_turn()
    await narration.add("Four")
    assert narration.text == recorder.text == "One two three\n\nFour"
