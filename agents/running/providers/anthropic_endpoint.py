"""Anthropic's models, at Anthropic or at an endpoint that speaks as theirs does.

Imports the provider's client, which is slow: only `agents/running/models.py` imports this, when such a model is asked
for.
"""

from anthropic import AsyncAnthropic, DefaultAioHttpClient
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.settings import ModelSettings, merge_model_settings

from agents.running.models import ModelEndpoint

# What all tasks of a kind have in common, the rules and the tools, is read from the provider's cache.
CACHED = AnthropicModelSettings(anthropic_cache_instructions=True, anthropic_cache_tool_definitions=True)


def build(_: str, name: str, at: ModelEndpoint, settings: ModelSettings) -> AnthropicModel:
    """The model NAME at an endpoint."""
    # No retries of its own: the loop retries.
    client = AsyncAnthropic(base_url=at.base_url, api_key=at.api_key, http_client=DefaultAioHttpClient(), max_retries=0)
    provider = AnthropicProvider(anthropic_client=client)
    return AnthropicModel(name, provider=provider, settings=merge_model_settings(settings, CACHED))


async def close(model: AnthropicModel) -> None:
    """Close the model's connections."""
    await model.client.close()
