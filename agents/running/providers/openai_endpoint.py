"""Models behind any endpoint that speaks OpenAI's chat completions: OpenAI's own, vLLM, and their like.

Imports the provider's client, which is slow: only `agents/running/models.py` imports this, when such a model is asked
for.
"""

from typing import Any
from urllib.parse import urlsplit

from httpx2 import ConnectError, ConnectTimeout, Request, Response
from openai import AsyncOpenAI, DefaultAioHttpClient
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.providers.vllm import VLLMProvider
from pydantic_ai.settings import ModelSettings, merge_model_settings
from typing_extensions import override

from agents.running.models import ModelEndpoint
from agents.running.providers.gathering import GatheringDecoder, Streams

SAME_AGAIN = ModelSettings(temperature=0.0, seed=1)  # OpenAI's own reasoning models refuse a temperature


class _AioHttpClient(DefaultAioHttpClient):
    """HTTP by aiohttp, which hands over at once all that has arrived; httpx's own takes each piece by itself."""

    @override
    async def send(self, request: Request, **options: Any) -> Response:
        try:
            return await super().send(request, **options)
        except ConnectTimeout as error:
            # The transport takes every failure to connect for a time-out; refused is another thing than late.
            if isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, TimeoutError):
                raise ConnectError(str(error), request=request) from error
            raise


class GatheringClient(AsyncOpenAI):
    """The official client, with tokens gathered as they arrive, over a transport that reads all there is at once."""

    streams: Streams

    @override
    def _make_sse_decoder(self) -> GatheringDecoder:
        return GatheringDecoder(self.streams)


def build(provider: str, name: str, at: ModelEndpoint, settings: ModelSettings) -> Model:
    """The model NAME at an endpoint."""
    # No retries of its own: the loop retries. Said of the client and not of each request, which would copy the client.
    client = GatheringClient(base_url=at.base_url, api_key=at.api_key, http_client=_AioHttpClient(), max_retries=0)
    client.streams = Streams(at.pace)
    if provider == "vllm":
        return OpenAIChatModel(
            name,
            provider=VLLMProvider(openai_client=client),
            settings=merge_model_settings(settings, SAME_AGAIN),
        )
    # OpenAI's own endpoint gets no temperature: its reasoning models refuse one.
    if urlsplit(at.base_url).hostname == "api.openai.com":
        return OpenAIChatModel(name, provider=OpenAIProvider(openai_client=client), settings=settings)
    return OpenAIChatModel(
        name,
        provider=OpenAICompatibleProvider("openai-compatible", openai_client=client),
        settings=merge_model_settings(settings, SAME_AGAIN),
    )


async def close(model: OpenAIChatModel) -> None:
    """Close the model's connections."""
    await model.client.close()
