"""What a model can do wrong, and what comes of it: alone an error in our words, in a chain the next one's answer."""

import time
from typing import Any

import pytest

from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from data.errors import ModelError, ModelMisbehaved, ModelUnavailable
from data.wire.event import EventType
from data.wire.task_result import TaskResult
from tests.agents.cases import SIX_DEBTS
from tests.agents.recorder import Recorder, task
from tests.agents.scripted_endpoint import Reply, calls, fails, says, serving

pytestmark = pytest.mark.anyio

ANSWER = "Pay **$1,500.00** a month. You are free of debt in March 2029."
ASKED = calls(("list_debts", {}), ("compare_strategies", {}))
HALF = 4  # pieces: the text has begun
SHORT_S = 3.0  # of silence, or of waiting, where that is tried: longer than a machine stalls

# fault: its replies, what a task with this model alone is told, and how often it is asked
FAULTS: dict[str, tuple[list[Reply], type[ModelError], str, int]] = {
    "silent from the start": ([says(ANSWER, stall_after=0)], ModelUnavailable, "did not answer in time", 1),
    "silent within its answer": ([says(ANSWER, stall_after=HALF)], ModelUnavailable, "did not answer in time", 1),
    "alive by comments and empty pieces alone": (
        [says(ANSWER, stall_after=HALF, is_kept_alive=True)], ModelUnavailable, "did not answer in time", 1,
    ),
    "silent after its tools": ([ASKED, says(ANSWER, stall_after=0)], ModelUnavailable, "did not answer in time", 2),
    "cut at its length": ([says(ANSWER, finish="length")], ModelMisbehaved, "used up its length", 1),
    "cut at its length before a word": ([says("", finish="length")], ModelMisbehaved, "used up its length", 1),
    "withheld by a filter": ([says(ANSWER, finish="content_filter")], ModelMisbehaved, "content filter", 1),
    "no JSON": ([says(ANSWER, garbage="{not json")], ModelMisbehaved, "cannot be read", 4),
    "always empty": ([says("")], ModelMisbehaved, "nothing usable", 3),
    "tools without end": ([calls(("list_debts", {}))], ModelMisbehaved, "within its limits", 16),
    "asks for an hour": ([fails(429, Retry_After="3600")], ModelUnavailable, "rate limit", 1),
    "too many": ([fails(429)], ModelUnavailable, "rate limit", 4),
    "fails on its side": ([fails(500)], ModelUnavailable, "failed on its side", 4),
    "cut again and again": ([says(ANSWER, cut_after=HALF)], ModelUnavailable, "cannot be reached", 4),
    "refuses the key": ([fails(401)], ModelUnavailable, "refuses our key", 1),
    "knows no such model": ([fails(404)], ModelUnavailable, "not known", 1),
}  # fmt: skip
PASSING: dict[str, list[Reply]] = {
    "no JSON once": [says(ANSWER, garbage="{not json"), says(ANSWER)],
    "cut once": [says(ANSWER, cut_after=HALF), says(ANSWER)],
    "overloaded once": [fails(503), says(ANSWER)],
    "overloaded once, as Anthropic says it": [fails(529), says(ANSWER)],
    "asks for a moment": [fails(429, Retry_After="0.01"), says(ANSWER)],
    "several tools at once, one of them wrong": [calls(("list_debts", {}), ("plan_details", "{half")), says(ANSWER)],
}


PROVIDERS = pytest.mark.parametrize("provider", ["openai", "anthropic"])


async def told(recorder: Recorder, replies: list[Reply], spec: str, **more: Any) -> tuple[TaskResult, int]:
    """The result, and how often the endpoint was asked."""
    with serving(*replies) as endpoint:
        models = ModelSource(
            spec, openai_base_url=endpoint.url, anthropic_base_url=endpoint.anthropic_url, chunks_per_s=0
        )
        waits = {"patience_s": 0.0, "pause_s": 0.0, **more}
        try:
            result = await AgentLoop(models, keep_after_s=0, **waits)(recorder.run(task(SIX_DEBTS)))
        except ModelError as error:
            error.add_note(str(len(endpoint.requests)))
            raise
        finally:
            await models.close()
        return result, len(endpoint.requests)


def silence(fault: str) -> dict[str, float]:
    """A short patience where that is what is tried."""
    return {"silence_s": SHORT_S} if fault.startswith(("silent", "alive")) else {}


@PROVIDERS
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_task_with_this_model_alone_is_told_what_is_wrong(provider: str, fault: str) -> None:
    replies, kind, words, asked = FAULTS[fault]
    with pytest.raises(kind, match=words) as raised:
        await told(Recorder(), replies, f"{provider}:scripted", **silence(fault))
    assert raised.value.__notes__ == [str(asked)]
    assert "secret-detail" not in raised.value.message


@PROVIDERS
@pytest.mark.parametrize("fault", FAULTS)
async def test_the_chains_end_answers_whatever_it_was_and_says_so(provider: str, fault: str) -> None:
    recorder = Recorder()
    result, _ = await told(recorder, FAULTS[fault][0], f"{provider}:scripted,offline", **silence(fault))
    alone = await AgentLoop(ModelSource(chunks_per_s=0))(Recorder().run(task(SIX_DEBTS)))
    note, _, report = result.narrative.partition("\n\n")
    assert note.startswith("*The language model did not finish")
    assert report == alone.narrative
    # Nothing of the half answer: readers drop it.
    assert recorder.text == result.narrative
    assert result.model == "offline"


@PROVIDERS
@pytest.mark.parametrize("fault", PASSING)
async def test_what_passes_is_tried_again_and_told_once(provider: str, fault: str) -> None:
    recorder = Recorder()
    result, asked = await told(recorder, PASSING[fault], f"{provider}:scripted")
    assert result.narrative == recorder.text == ANSWER
    assert asked == len(PASSING[fault])


async def test_a_text_that_drips_ends_when_the_time_is_over() -> None:
    began = time.monotonic()
    with pytest.raises(ModelUnavailable, match="did not answer in time"):
        await told(Recorder(), [says(ANSWER * 40, pause_s=0.2)], "openai:scripted", whole_s=SHORT_S)
    assert time.monotonic() - began >= SHORT_S


async def test_a_model_that_fails_until_the_time_is_over_is_told_for_what_it_did() -> None:
    with pytest.raises(ModelUnavailable, match="failed on its side"):
        await told(Recorder(), [fails(500)], "openai:scripted", patience_s=600.0, pause_s=0.5, whole_s=SHORT_S)


async def test_when_the_time_is_over_no_other_model_is_asked_but_offline_answers() -> None:
    recorder = Recorder()
    drip = says(ANSWER * 40, pause_s=0.2)
    with serving(says(ANSWER)) as second, serving(drip) as first:
        models = ModelSource(
            "openai:first,vllm:second,offline", openai_base_url=first.url, vllm_base_url=second.url, chunks_per_s=0
        )
        result = await AgentLoop(models, keep_after_s=0, whole_s=SHORT_S)(recorder.run(task(SIX_DEBTS)))
        await models.close()
        assert second.requests == []
    assert result.model == "offline"
    switches = [step.content["error"] for step in recorder.steps if step.kind == "switch"]
    assert "time for all models is over" in switches[1]


async def test_a_model_that_speaks_slowly_but_speaks_is_heard_out() -> None:
    recorder = Recorder()
    # Longer in all than a silence may be, and never silent for so long.
    result, _ = await told(recorder, [says(ANSWER, pause_s=0.3)], "openai:scripted", silence_s=SHORT_S)
    assert result.narrative == ANSWER
    assert len(recorder.of(EventType.CHUNK)) > 1
