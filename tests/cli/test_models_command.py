"""`models`: what is configured, where it is, and whether it answers."""

from pathlib import Path

import pytest

from tests.agents.scripted_endpoint import calls, fails, says, serving
from tests.cli.conftest import Run

WORDS = "Pay every minimum first, and put what is left on the dearest debt."


def test_without_a_model_the_offline_one_is_well(run: Run):
    told = run("models", "--json")
    assert (told.code, told.json["ok"]) == (0, True)
    (offline,) = told.json["models"]
    assert (offline["name"], offline["is_default"], offline["problem"]) == ("offline", True, None)


def test_a_model_is_tried_and_shown_with_its_speed(run: Run, monkeypatch: pytest.MonkeyPatch):
    with serving(says(WORDS, pause_s=0.05), calls(("list_debts", {}))) as endpoint:
        monkeypatch.setenv("LLM", "vllm:llama")
        monkeypatch.setenv("VLLM_BASE_URL", endpoint.url)
        told = run("models", "--json")
    assert told.code == 0
    model = told.json["models"][0]
    assert (model["name"], model["where"], model["is_default"]) == ("vllm:llama", endpoint.url, True)
    assert (model["is_answering"], model["is_streaming"], model["calls_tools"]) == (True, True, True)
    assert model["first_token_s"] > 0
    assert model["tokens_per_s"] > 0


def test_one_that_does_not_answer_is_told_with_the_mend_and_exit_code_1(run: Run, monkeypatch: pytest.MonkeyPatch):
    with serving(fails(401)) as endpoint:
        monkeypatch.setenv("LLM", "openai:some-model")
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        told = run("models", "openai:some-model")
    assert told.code == 1
    assert "check the API key" in " ".join(told.out.split())


@pytest.mark.parametrize(("name", "words"), [("bard", "is no model"), ("vllm:llama", "needs VLLM_BASE_URL")])
def test_a_name_that_cannot_work_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch, name: str, words: str):
    monkeypatch.setenv("VLLM_BASE_URL", "")
    told = run("models", name)
    assert (told.code, words in told.err) == (1, True)


def test_up_with_a_tiny_model_says_which_environment_is_missing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LLM_PYTHON", str(tmp_path / "nowhere" / "python"))
    told = run("up", "--llm", "tiny")
    assert told.code == 1
    assert "make setup-llm" in told.err
    assert len(told.err.splitlines()) == 1
