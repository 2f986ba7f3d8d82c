"""From a name to a model: which names work, what they need, and what is imported for them."""

import subprocess
import sys

import pytest
from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelTimeoutError,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)

from agents.running.model_errors import is_passing, our_errors
from agents.running.models import ModelSource
from data.errors import BadSetting, ModelMisbehaved, ModelUnavailable

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("spec", ["", "offlin", "openai:", "gpt-5", "openai", "bard:x", "offline:x"])
def test_a_name_that_is_no_model_is_a_bad_setting(spec: str) -> None:
    with pytest.raises(BadSetting, match="is no model"):
        ModelSource(spec)


@pytest.mark.parametrize(
    ("spec", "needs"),
    [("openai:gpt-5", "OPENAI_API_KEY"), ("anthropic:claude", "ANTHROPIC_API_KEY"), ("vllm:llama", "VLLM_BASE_URL")],
)
def test_a_model_whose_endpoint_is_not_set_up_says_what_it_needs(spec: str, needs: str) -> None:
    with pytest.raises(BadSetting, match=needs):
        ModelSource(spec)


async def test_each_kind_of_endpoint_gives_a_model_of_that_name() -> None:
    source = ModelSource(openai_base_url="http://127.0.0.1:9/v1", vllm_base_url="http://127.0.0.1:9/v1")
    assert source.model().model_name == "offline"
    assert source.model("openai:qwen/qwen3").model_name == "qwen/qwen3"
    assert source.model("vllm:llama-3.1-8b").system == "vllm"
    assert source.model("vllm:llama-3.1-8b") is source.model("vllm:llama-3.1-8b")
    own = ModelSource("openai:gpt-5,anthropic:claude-x", openai_api_key="sk-1", anthropic_api_key="sk-2")
    assert [own.model(spec).system for spec in own.chain()] == ["openai", "anthropic"]
    assert own.endpoint("anthropic:claude-x").list_url == "https://api.anthropic.com/v1/models"
    assert "sk-1" not in repr(own)
    assert "sk-2" not in repr(own)
    await source.close()
    await own.close()


def test_the_offline_model_imports_no_provider() -> None:
    script = (
        "import sys, agents.running.loop, agents.running.models; agents.running.models.ModelSource().model();"
        "sys.exit(any(name.split('.')[0] in ('openai', 'anthropic', 'ray', 'fastapi') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (ModelHTTPError(500, "m", "body"), ModelUnavailable),
        (ModelHTTPError(418, "m", "body"), ModelUnavailable),
        (ModelConnectionError("m", "refused"), ModelUnavailable),
        (ModelTimeoutError("m", "slow"), ModelUnavailable),
        (ModelAPIError("m", "undecodable"), ModelMisbehaved),
        (UnexpectedModelBehavior("odd"), ModelMisbehaved),
        (ContentFilterError("no"), ModelMisbehaved),
        (UsageLimitExceeded("too many"), ModelMisbehaved),
    ],
)
def test_every_error_of_the_library_becomes_one_of_ours(error: Exception, ours: type[Exception]) -> None:
    with pytest.raises(ours, match='"m"') as raised, our_errors("m"):
        raise error
    assert "body" not in str(raised.value)


def test_only_what_may_pass_is_tried_again() -> None:
    assert is_passing(ModelConnectionError("m", "cut"))
    assert not is_passing(UnexpectedModelBehavior("odd"))
    assert not is_passing(ModelAPIError("m", "undecodable"))
