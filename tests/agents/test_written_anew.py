"""An answer with figures that stand nowhere is written anew: by its model once, then by the narrator if need be."""

from typing import Any

import pytest

from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from data.errors import ModelError
from data.wire.event import EventType
from data.wire.task_result import TaskResult
from tests.agents.cases import SIX_DEBTS
from tests.agents.recorder import Killed, Recorder, task
from tests.agents.scripted_endpoint import Reply, calls, fails, says, serving

pytestmark = pytest.mark.anyio

RIGHT = (
    "You pay **$1,500.00** a month. Visa Gold: $5,200.00. Store Card: $1,850.00. Transfer card: $4,000.00. Car loan:"
    " $11,200.00. Student loan: $14,600.00. Dentist: $900.00. Your income is $4,800.00. That leaves $3,300.00. The Visa"
    " has a limit of $8,000.00, the Store Card one of $2,000.00."
)
A_SLIP = RIGHT.replace("$3,300.00", "$3,310.00")
SWAPPED = RIGHT.replace("Store Card: $1,850.00", "Store Card: $900.00")
INVENTED = "You owe $77,777.77 at 77.7 %, and are free in 77 months."
ASKED = calls(("list_debts", {}))


def loop() -> AgentLoop:
    return AgentLoop(ModelSource(chunks_per_s=0), pause_s=0.0, keep_after_s=0, patience_s=0.0)


async def told(recorder: Recorder, *replies: Reply, checkpoint: bytes | None = None, **more: Any) -> TaskResult:
    """The result with an endpoint that answers so; how it was asked stays in `recorder.requests`."""
    with serving(*replies) as endpoint:
        models = ModelSource("openai:scripted", openai_base_url=endpoint.url, chunks_per_s=0)
        run = AgentLoop(models, pause_s=0.0, keep_after_s=0, patience_s=0.0)
        try:
            return await run(recorder.run(task(SIX_DEBTS, **more), checkpoint))
        finally:
            await models.close()
            recorder.requests = endpoint.requests  # pyright: ignore[reportAttributeAccessIssue]


def asked(recorder: Recorder) -> list[dict[str, Any]]:
    return recorder.requests  # pyright: ignore


async def test_a_right_answer_stands_and_nothing_is_asked_again() -> None:
    recorder = Recorder()
    result = await told(recorder, ASKED, says(RIGHT))
    assert (result.narrative, result.grounding.unsupported) == (RIGHT, [])
    assert len(asked(recorder)) == 2
    assert recorder.of(EventType.RESTART) == []


@pytest.mark.parametrize(("wrong", "named"), [(A_SLIP, "$3,310.00: stands nowhere"), (SWAPPED, "belongs to Dentist")])
async def test_the_model_is_told_which_figures_are_wrong_and_writes_once_more(wrong: str, named: str) -> None:
    recorder = Recorder()
    result = await told(recorder, ASKED, says(wrong), says(RIGHT))
    assert result.narrative == recorder.text == RIGHT
    assert (result.model, result.grounding.unsupported) == ("scripted", [])
    assert named in str(asked(recorder)[-1]["messages"][-1])
    assert [one.text for one in result.grounding.replaced] == [named.split(":")[0] if ":" in named else "$900.00"]
    # The reader keeps the first answer until the other is whole.
    kinds = [kind for kind, _ in recorder.events]
    assert kinds.count(EventType.RESTART) == 1
    after = kinds[kinds.index(EventType.RESTART) :]
    assert after == [EventType.RESTART, EventType.CHUNK, EventType.TYPING]
    assert [stage for _, stage in recorder.progress][-2:] == ["checking", "revising"]


async def test_few_wrong_figures_stand_flagged_after_one_round() -> None:
    recorder = Recorder()
    result = await told(recorder, ASKED, says(A_SLIP))
    assert len(asked(recorder)) == 3
    assert result.narrative == recorder.text == A_SLIP
    assert [one.text for one in result.grounding.unsupported] == ["$3,310.00"]
    assert recorder.of(EventType.RESTART) == []
    assert "replaced" not in result.model_dump(mode="json")["grounding"]


async def test_without_a_portfolio_nothing_could_stand_in_its_place() -> None:
    recorder = Recorder()
    with serving(says(INVENTED)) as endpoint:
        models = ModelSource("openai:scripted", openai_base_url=endpoint.url)
        result = await AgentLoop(models)(recorder.run(task(None, type="financial_advice", question="Help!")))
        await models.close()
        assert len(endpoint.requests) == 1
    assert result.narrative == recorder.text == INVENTED
    assert len(result.grounding.unsupported) == 3


async def test_an_answer_written_anew_that_is_no_better_is_not_taken() -> None:
    recorder = Recorder()
    result = await told(recorder, ASKED, says(A_SLIP), says(INVENTED))
    assert result.narrative == recorder.text == A_SLIP


@pytest.mark.parametrize("again", [says(INVENTED), fails(500), fails(401), says(""), says("x", garbage="{not json")])
@pytest.mark.parametrize(("language", "because"), [("en", "could not be confirmed"), ("zh", "无法核实")])
async def test_more_than_a_tenth_wrong_is_told_by_the_narrator(again: Reply, language: str, because: str) -> None:
    recorder = Recorder()
    result = await told(recorder, ASKED, says(INVENTED), again, language=language)
    plain = await loop()(Recorder().run(task(SIX_DEBTS, language=language)))
    note, _, report = result.narrative.partition("\n\n")
    assert because in note
    assert report == plain.narrative
    assert recorder.text == result.narrative
    assert (result.model, result.grounding.unsupported) == ("offline", [])
    (switch,) = [step for step in recorder.steps if step.kind == "switch"]
    assert "$77,777.77" in switch.content["error"]


@pytest.mark.parametrize("saves", range(1, 12))
@pytest.mark.parametrize("second", [RIGHT, INVENTED])
async def test_a_run_killed_at_any_step_is_written_anew_once(saves: int, second: str) -> None:
    whole, killed, resumed = Recorder(), Recorder(dies_after_saves=saves), Recorder()
    replies = [ASKED, says(INVENTED), says(second)]
    expected = await told(whole, *replies)
    if saves > len(whole.checkpoints):
        return
    with pytest.raises(Killed):
        await told(killed, *replies)
    result = await told(resumed, *replies[len(asked(killed)) :] or [fails(500)], checkpoint=killed.checkpoints[-1])
    assert result == expected
    assert resumed.text == result.narrative
    assert len(asked(killed)) + len(asked(resumed)) == len(asked(whole)) == 3
    assert killed.steps + resumed.steps == whole.steps


async def test_words_to_somebody_in_despair_stand_above_an_answer_written_anew() -> None:
    recorder = Recorder()
    result = await told(recorder, ASKED, says(INVENTED), says(RIGHT), question="I want to die. Which debt first?")
    assert result.narrative.endswith(RIGHT)
    assert "988" in result.narrative
    assert recorder.text == result.narrative


async def test_a_model_that_fails_before_it_answers_is_still_an_error() -> None:
    with pytest.raises(ModelError):
        await told(Recorder(), fails(401))
