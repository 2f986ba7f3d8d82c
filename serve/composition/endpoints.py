"""What settings say of other services: the language models, Redis, and the collector of traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.running.models import ModelSource
from data.errors import BadSetting
from serve.loading import loaded
from serve.settings import Settings
from serve.watching.metrics import process_name

if TYPE_CHECKING:
    from serve.watching.traces import Traces


def model_source(settings: Settings) -> ModelSource:
    """The models that these settings name, each made when it is first asked for."""
    key, anthropic_key, vllm_key = settings.openai_api_key, settings.anthropic_api_key, settings.vllm_api_key
    return ModelSource(
        settings.llm,
        openai_base_url=settings.openai_base_url,
        openai_api_key=key.get_secret_value() if key else None,
        anthropic_base_url=settings.anthropic_base_url,
        anthropic_api_key=anthropic_key.get_secret_value() if anthropic_key else None,
        vllm_base_url=settings.vllm_base_url,
        vllm_api_key=vllm_key.get_secret_value() if vllm_key else None,
        # Longer than whoever waits for a sign of life: that is told apart from a connection that is lost.
        timeout_s=settings.model_silence_s + 10,
        whole_timeout_s=settings.model_time_s + 10,
    )


def needed_redis_url(settings: Settings) -> str:
    """The address of Redis.

    Raises:
        BadSetting: there is none.
    """
    if not settings.redis_url:
        raise BadSetting(
            "REDIS_URL is not set: `debt-optimizer up` starts a Redis and sets it; a cluster needs its own"
        )
    return settings.redis_url


def traces_of(settings: Settings, part: str, tools: frozenset[str] = frozenset()) -> Traces | None:
    """The spans of this process, a `part` of the service; None, and nothing loaded, where nobody asks for any."""
    if settings.traces_endpoint is None:
        return None
    headers = settings.otel_exporter_otlp_headers
    who = {"service.name": settings.otel_service_name, "service.instance.id": process_name(part)}
    otlp_traces = loaded("serve.watching.traces").otlp_traces
    return otlp_traces(settings.traces_endpoint, headers.get_secret_value() if headers else "", who, tools)
