"""From settings to the source of language models. Knows nothing of tasks."""

from agents.models import ModelSource
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
