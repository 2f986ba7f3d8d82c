"""What settings say of other services: the language models and Redis."""

from agents.running.models import ModelSource
from data.errors import BadSetting
from serve.settings import Settings


def model_source(settings: Settings) -> ModelSource:
    """The models that these settings name, each made when it is first asked for."""
    key = settings.openai_api_key
    return ModelSource(
        settings.llm,
        openai_base_url=settings.openai_base_url,
        openai_api_key=key.get_secret_value() if key else None,
        vllm_base_url=settings.vllm_base_url,
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
