"""From a name to a model: "offline", "openai:NAME", "anthropic:NAME", "vllm:NAME"; a chain is several, by commas.

Models and providers are imported when first used: the offline model needs no provider, and whoever only asks whether a
name can work needs neither.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import quote

from data.channels.pace import Pace
from data.errors import BadSetting

if TYPE_CHECKING:
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

OFFLINE = "offline"
OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"
PROVIDERS = {"openai": "openai_endpoint", "vllm": "openai_endpoint", "anthropic": "anthropic_endpoint"}
REST_FOR_EACH_S = 0.0007  # what one token costs everybody behind it comes to more than a processor has
NO_KEY = "api-key-not-set"  # what vLLM and its like are sent when they ask for none


def chain_of(spec: str) -> tuple[str, ...]:
    """The models of a chain such as "vllm:llama,openai:gpt-5-mini,offline"; one for a single name."""
    return tuple(link.strip() for link in spec.split(","))


@dataclass(frozen=True)
class ModelEndpoint:
    """Where models are asked, how their streams rest between reads, and whether it tells of its engine's health."""

    base_url: str
    api_key: str = field(repr=False)
    pace: Pace
    has_health: bool = False
    is_anthropic: bool = False

    @property
    def list_url(self) -> str:
        """Where it tells the models that it has."""
        return self.base_url.rstrip("/") + ("/v1/models" if self.is_anthropic else "/models")

    @property
    def headers(self) -> dict[str, str]:
        """How it knows us."""
        if self.is_anthropic:
            return {"x-api-key": self.api_key, "anthropic-version": "2023-06-01"}
        return {"Authorization": f"Bearer {self.api_key}"}


@dataclass
class ModelSource:
    """The model that tasks get, and the endpoints at which others may be asked for.

    Attributes:
        spec: the model of a task that names none, or a chain of them: where one fails, the next is asked.
        openai_base_url: any OpenAI-compatible endpoint; OpenAI's own if None.
        anthropic_base_url: an endpoint that speaks as Anthropic's does; Anthropic's own if None.
        vllm_base_url: of vLLM; `{model}` in it stands for the model's name, where each has an address of its own.
        timeout_s: the longest silence of an endpoint. whole_timeout_s: the longest time for one answer.
        chunks_per_s: how fast the offline model writes; 0 for at once.
        pace: how all streams of endpoints rest between reads.

    Raises:
        BadSetting: the spec names no model, or one whose endpoint is not set up.
    """

    spec: str = OFFLINE
    _: KW_ONLY
    openai_base_url: str | None = None
    openai_api_key: str | None = field(default=None, repr=False)
    anthropic_base_url: str | None = None
    anthropic_api_key: str | None = field(default=None, repr=False)
    vllm_base_url: str | None = None
    vllm_api_key: str | None = field(default=None, repr=False)
    timeout_s: float = 60.0
    whole_timeout_s: float = 300.0
    chunks_per_s: float = 80.0
    pace: Pace = field(default_factory=lambda: Pace(rest_for_each_s=REST_FOR_EACH_S))
    _models: "dict[str, Model]" = field(default_factory=dict[str, "Model"], init=False, repr=False)

    def __post_init__(self) -> None:
        self.check(self.spec)

    def chain(self, spec: str | None = None) -> tuple[str, ...]:
        """The models of a task in the order in which they are asked: the one it names, else the source's own chain."""
        return chain_of(spec or self.spec)

    def model(self, spec: str | None = None) -> "Model":
        """A model by its name; the first of the source's own without one."""
        wanted = spec or self.chain()[0]
        self.check(wanted)
        # One client a model for all tasks, so that its connections are used again.
        if wanted not in self._models:
            self._models[wanted] = self._built(wanted)
        return self._models[wanted]

    def check(self, spec: str) -> None:
        """Refuse a spec that cannot work, without building anything or reaching any endpoint."""
        links = chain_of(spec)
        if OFFLINE in links[:-1]:
            raise BadSetting(f'"{spec}": nothing is asked after "offline", which always answers; put it last')
        if len(set(links)) < len(links):
            raise BadSetting(f'"{spec}" names a model twice')
        for link in links:
            self._check_link(link)

    def _check_link(self, spec: str) -> None:
        provider, _, name = spec.partition(":")
        if spec == OFFLINE:
            return
        if provider not in PROVIDERS or not name.strip():
            raise BadSetting(f'"{spec}" is no model; write "offline", "openai:NAME", "anthropic:NAME" or "vllm:NAME"')
        if provider == "openai" and not (self.openai_api_key or self.openai_base_url):
            raise BadSetting(f'"{spec}" needs OPENAI_API_KEY, or OPENAI_BASE_URL for an endpoint of your own')
        if provider == "anthropic" and not (self.anthropic_api_key or self.anthropic_base_url):
            raise BadSetting(f'"{spec}" needs ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL for an endpoint of your own')
        if provider == "vllm" and not self.vllm_base_url:
            raise BadSetting(f'"{spec}" needs VLLM_BASE_URL, for example http://127.0.0.1:8001/v1')

    def endpoint(self, spec: str) -> ModelEndpoint:
        """Where a model that is not offline is asked."""
        provider, _, name = spec.partition(":")
        url, key = self.openai_base_url or OPENAI_URL, self.openai_api_key
        if provider == "anthropic":
            url, key = self.anthropic_base_url or ANTHROPIC_URL, self.anthropic_api_key
            return ModelEndpoint(url, key or NO_KEY, self.pace, is_anthropic=True)
        if provider == "vllm":
            url, key = (self.vllm_base_url or "").replace("{model}", quote(name, safe="")), self.vllm_api_key
        return ModelEndpoint(url, key or NO_KEY, self.pace, has_health=provider == "vllm")

    async def close(self) -> None:
        """Close the connections to endpoints; models asked for later open new ones."""
        while self._models:
            spec, model = self._models.popitem()
            if spec != OFFLINE:
                await self._provider(spec).close(model)

    def _built(self, spec: str) -> "Model":
        provider, _, name = spec.partition(":")
        if spec == OFFLINE:
            return import_module("agents.telling.narrator").Narrator(chunks_per_s=self.chunks_per_s)
        build: Callable[..., Model] = self._provider(spec).build
        return build(provider, name, self.endpoint(spec), self._settings())

    def _provider(self, spec: str) -> ModuleType:
        return import_module(f"agents.running.providers.{PROVIDERS[spec.partition(':')[0]]}")

    def _settings(self) -> "ModelSettings":
        return {"timeout": self.timeout_s, "request_timeout": self.whole_timeout_s}
