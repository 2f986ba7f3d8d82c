"""A model tried out on a scripted endpoint: what is said of one that answers, and of one that does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from agents.running.asking import trying
from agents.running.asking.answering import is_answering
from agents.running.asking.trying import NO_CALL, NOT_STREAMED, Trial, try_out
from agents.running.models import ModelSource
from tests.agents.scripted_endpoint import Endpoint, Reply, calls, fails, says, serving

pytestmark = pytest.mark.anyio
WORDS = "Pay every minimum first, and put what is left on the dearest debt."


async def tried(endpoint: Endpoint, provider: str = "vllm") -> Trial:
    source = ModelSource(f"{provider}:scripted", vllm_base_url=endpoint.url, anthropic_base_url=endpoint.anthropic_url)
    try:
        return await try_out(source.model())
    finally:
        await source.close()


@pytest.mark.parametrize("provider", ["vllm", "anthropic"])
async def test_a_model_that_streams_and_calls_tools_is_well(provider: str) -> None:
    with serving(says(WORDS, pause_s=0.05), calls(("list_debts", {}))) as endpoint:
        trial = await tried(endpoint, provider)
    assert (trial.is_answering, trial.is_streaming, trial.calls_tools, trial.problem) == (True, True, True, None)
    assert trial.first_token_s is not None
    assert trial.tokens_per_s is not None
    # Nothing of anybody's is sent, and the second question offers our tools.
    first, second = endpoint.requests
    assert ("tools" in first, "tools" in second) == (False, True)
    assert first["max_completion_tokens" if "max_completion_tokens" in first else "max_tokens"] < 100


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        ([fails(401)], "check the API key"),
        ([fails(404)], "check the model's name and the base URL"),
        ([fails(503)], "overloaded or down"),
        ([says(WORDS, pause_s=0.05), says("I would pay.")], NO_CALL),
        ([says(WORDS, pause_s=0.05), calls(("make_money", {}))], NO_CALL),
        ([says(WORDS, pause_s=0.05), fails(400)], "not with our tools"),
    ],
)
async def test_what_is_wrong_is_said_with_its_mend(replies: list[Reply], words: str) -> None:
    with serving(*replies) as endpoint:
        trial = await tried(endpoint)
    assert words in (trial.problem or "")
    assert trial.is_answering == (len(replies) > 1)


async def test_an_answer_that_comes_in_one_piece_after_a_while_is_not_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "QUICK_S", 0.0)
    with serving(says("Pay."), says("Pay."), says("Pay."), calls(("list_debts", {}))) as endpoint:
        trial = await tried(endpoint)
    assert (trial.is_answering, trial.is_streaming, trial.problem) == (True, False, NOT_STREAMED)


async def test_an_endpoint_that_is_not_there_says_so() -> None:
    with serving(says("")) as endpoint:
        pass
    assert "cannot be reached" in ((await tried(endpoint)).problem or "")


@contextmanager
def server(answers: dict[str, int]) -> Iterator[str]:
    """One that answers so, by path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answers.get(self.path, 404))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Quiet."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}/llama/v1"
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("provider", "listed", "health", "answering"),
    [
        ("vllm", 200, 200, True),
        ("vllm", 200, 503, False),  # its engine has died
        ("vllm", 200, 404, True),  # another server, which has no such page
        ("vllm", 401, 200, False),
        ("vllm", 503, 503, False),
        ("openai", 200, 503, True),  # not asked: some try each of their models there
        ("openai", 401, 200, False),
        ("anthropic", 200, 503, True),
        ("anthropic", 401, 200, False),
    ],
)
async def test_whoever_lists_its_models_while_its_engine_is_dead_does_not_answer(
    provider: str, listed: int, health: int, answering: bool
) -> None:
    with server({"/llama/v1/models": listed, "/llama/health": health}) as url:
        theirs = url.removesuffix("/v1")
        source = ModelSource(vllm_base_url=url, openai_base_url=url, anthropic_base_url=theirs)
        assert await is_answering(source.endpoint(f"{provider}:llama")) is answering
