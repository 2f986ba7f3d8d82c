"""Models behind any endpoint that speaks OpenAI's chat completions: OpenAI's own, vLLM, and their like.

Imports the provider's client, which is slow: only `models.py` beside it imports
this, when such a model is asked for.
"""

from urllib.parse import urlsplit

from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.providers.vllm import VLLMProvider
from pydantic_ai.settings import ModelSettings, merge_model_settings

SAME_AGAIN = ModelSettings(temperature=0.0, seed=1)  # OpenAI's own reasoning models refuse a temperature


def build(provider: str, name: str, base_url: str, api_key: str, settings: ModelSettings) -> Model:
    """The model NAME at an endpoint."""
    if provider == "vllm":
        return OpenAIChatModel(
            name,
            provider=VLLMProvider(base_url=base_url, api_key=api_key),
            settings=merge_model_settings(settings, SAME_AGAIN),
        )
    # OpenAI's own endpoint gets no temperature: its reasoning models refuse one.
    if urlsplit(base_url).hostname == "api.openai.com":
        return OpenAIChatModel(name, provider=OpenAIProvider(base_url=base_url, api_key=api_key), settings=settings)
    return OpenAIChatModel(
        name,
        provider=OpenAICompatibleProvider("openai-compatible", base_url=base_url, api_key=api_key),
        settings=merge_model_settings(settings, SAME_AGAIN),
    )


async def close(model: OpenAIChatModel) -> None:
    """Close the model's connections."""
    await model.client.close()
