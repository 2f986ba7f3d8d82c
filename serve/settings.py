"""Every setting of the service, from the environment or `.env`; the only reader of either beside the dashboard's.

Names stand in `.env.example`, each with what it does.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_state_path
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.errors import BadSetting
from data.wire.access import Role
from serve.batches.files.bucket import SCHEME, bucket_path
from serve.batches.files.place import BatchPath

KB, MB, GB = 10**3, 10**6, 10**9
DATABASE_SCHEMES = ("sqlite", "postgresql")
REDIS_SCHEMES = ("redis", "rediss", "unix")
BUCKET_SETTINGS = ("aws_endpoint_url", "aws_region", "aws_access_key_id", "aws_secret_access_key", "aws_session_token")
SECRET = frozenset(
    {
        "database_url",
        "redis_url",
        "ray_redis_url",
        "openai_api_key",
        "anthropic_api_key",
        "vllm_api_key",
        "otel_exporter_otlp_headers",
        *BUCKET_SETTINGS[2:],
    }
)
DEFAULT_TRACES = "http://localhost:4318/v1/traces"  # OpenTelemetry's

HowOften = Annotated[str, Field(pattern=r"^(off|[1-9]\d{0,8}/(second|minute|hour|day))$")]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat = Literal["text", "json"]


class Settings(BaseSettings):
    """What the service is told by whoever runs it.

    Attributes:
        batches: where the files of batches lie: a folder, or s3://BUCKET/PREFIX; empty for STATE_DIR/batches.
        batches_shared: that folder is one on all nodes of a cluster.
        aws_…: AWS's own names; what else there is of them its client reads by itself.
        redis_url: empty means that a Redis or Valkey is started for this service.
        ray_redis_url: where the head of a cluster keeps its state, so that it may end and come back.
        llm: `offline`, `openai:NAME` for any OpenAI-compatible endpoint, `anthropic:NAME`, `vllm:NAME`, or a chain of
            them by commas.
        model_patience_s: how long a task asks a model again that cannot be reached or fails on its side.
        model_switch_s: how long so where `llm` names another model to go on with.
        model_silence_s: how long a model may give no sign of life. model_time_s: how long a task waits for all of them.
        llm_python: of the environment with vLLM, for `up --llm tiny`; `.venv-llm` of the project if None.
        connections_per_address: how many one client's address may have open at a time; HAProxy's part.
        oidc_issuer: whose access tokens are let in besides keys; empty for nobody's.
        oidc_roles: what the issuer calls our roles: `NAME=ROLE, …`.
        workers: agent replicas at least; each runs `tasks_per_worker` tasks at a time.
        max_workers: agent replicas at most, as many as the backlog asks for; by default one a processor, but for one.
        otel_…: OpenTelemetry's own names; what else there is of them its library reads by itself.
        lease_s: how long a worker's claim on a task holds unless it is renewed.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    state_dir: Path = Field(default_factory=lambda: user_state_path("debt-optimizer"))
    database_url: str = Field(default="", repr=False)
    redis_url: str | None = Field(default=None, repr=False)
    ray_redis_url: str | None = Field(default=None, repr=False)
    batches: str = ""
    batches_shared: bool = False
    aws_endpoint_url: str | None = None
    aws_region: str | None = None
    aws_access_key_id: str | None = Field(default=None, repr=False)
    aws_secret_access_key: SecretStr | None = None
    aws_session_token: SecretStr | None = None
    llm: str = "offline"
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str | None = None
    vllm_base_url: str | None = None
    vllm_api_key: SecretStr | None = None
    model_patience_s: float = Field(default=300.0, ge=0, le=86_400)
    model_switch_s: float = Field(default=20.0, ge=0, le=86_400)
    model_silence_s: float = Field(default=60.0, gt=0, le=86_400)
    model_time_s: float = Field(default=300.0, gt=0, le=86_400)
    llm_python: Path | None = None
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_organisation_claim: str | None = None
    oidc_role_claim: str | None = None
    oidc_roles: str = ""
    oidc_default_role: Literal["none"] | Role = "none"
    ray_address: str | None = None
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8000, ge=1, le=65535)
    dashboard_port: int = Field(default=8501, ge=1, le=65535)
    connections_per_address: int = Field(default=2000, ge=1, le=1_000_000)
    workers: int = Field(default=1, ge=1, le=1000)
    max_workers: int | None = Field(default=None, ge=1, le=1000)
    tasks_per_worker: int = Field(default=16, ge=1, le=1000)
    lease_s: float = Field(default=15.0, ge=2, le=600)
    json_limit_bytes: int = Field(default=1 * MB, ge=1 * KB, le=100 * MB)
    upload_limit_bytes: int = Field(default=50 * MB, ge=1 * KB, le=1 * GB)
    batch_limit_bytes: int = Field(default=10 * GB, ge=1 * KB)
    rate_limit: HowOften = "30000/minute"
    rate_limit_organisation: HowOften = "60000/minute"
    wrong_keys_limit: HowOften = "30/minute"
    queue_limit: int = Field(default=100_000, ge=1)
    queue_limit_organisation: int = Field(default=10_000, ge=1)
    body_timeout_s: float = Field(default=30.0, gt=0, le=3600)
    body_bytes_per_s: int = Field(default=10 * KB, ge=1)
    send_timeout_s: float = Field(default=60.0, gt=0, le=3600)
    streams_per_key: int = Field(default=1000, ge=1)
    streams_per_address: int = Field(default=2000, ge=1)
    stream_limit_s: float = Field(default=6 * 3600.0, gt=0)
    rejects_listed: int = Field(default=1000, ge=1)
    import_memory_mb: int = Field(default=1500, ge=100)
    import_time_s: int = Field(default=120, ge=1, le=3600)
    log_level: LogLevel = "INFO"
    log_format: LogFormat = "text"
    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_traces_endpoint: str | None = None
    otel_exporter_otlp_headers: SecretStr | None = None
    otel_traces_exporter: Literal["otlp", "none"] | None = None
    otel_service_name: str = "debt-optimizer"
    otel_sdk_disabled: bool = False

    @field_validator("state_dir")
    @classmethod
    def _absolute(cls, folder: Path) -> Path:
        return folder.expanduser().absolute()

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, level: Any) -> Any:
        return level.upper() if isinstance(level, str) else level

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: str | None) -> str | None:
        if url is not None and url.partition("://")[0] not in REDIS_SCHEMES:
            raise ValueError("it must begin with redis://, rediss:// or unix://")
        return url

    @field_validator("ray_redis_url")
    @classmethod
    def _is_rays_redis(cls, url: str | None) -> str | None:
        if url is not None and url.partition("://")[0] not in ("redis", "rediss"):
            raise ValueError("it must begin with redis:// or rediss://")
        return url

    @model_validator(mode="before")
    @classmethod
    def _database_in_state_dir(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("database_url"):
            return values
        folder = Path(values.get("state_dir") or user_state_path("debt-optimizer")).expanduser().absolute()
        return {**values, "database_url": f"sqlite:///{folder / 'debt-optimizer.db'}"}

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, url: str) -> str:
        if url.partition("://")[0].partition("+")[0] not in DATABASE_SCHEMES:
            raise ValueError("it must begin with sqlite:/// or postgresql://")
        return url

    @field_validator("batches")
    @classmethod
    def _is_place(cls, place: str) -> str:
        if "://" not in place:
            return str(Path(place).expanduser().absolute()) if place else ""
        bucket_path(place)
        return place

    @field_validator("oidc_issuer")
    @classmethod
    def _is_issuer(cls, issuer: str | None) -> str | None:
        if issuer is not None and not is_private_way(issuer):
            raise ValueError("it must begin with https:// (http:// only on this machine)")
        return issuer

    @field_validator("oidc_roles")
    @classmethod
    def _are_roles(cls, roles: str) -> str:
        parse_roles(roles)
        return roles

    @field_validator("oidc_audience")
    @classmethod
    def _names_somebody(cls, audience: str | None) -> str | None:
        return audience if audience is None or audience.strip(" ,") else None

    @property
    def redis_dir(self) -> Path:
        """Where a Redis started for this service keeps its append-only file."""
        return self.state_dir / "redis"

    @property
    def batches_dir(self) -> BatchPath:
        """Where the files of batches lie, each in a folder named by its id."""
        if not self.batches.startswith(SCHEME):
            return Path(self.batches) if self.batches else self.state_dir / "batches"
        secret, token = self.aws_secret_access_key, self.aws_session_token
        return bucket_path(
            self.batches,
            endpoint=self.aws_endpoint_url,
            region=self.aws_region,
            key_id=self.aws_access_key_id,
            secret=secret.get_secret_value() if secret else None,
            token=token.get_secret_value() if token else None,
        )

    @property
    def batches_variables(self) -> dict[str, str]:
        """The settings of that place as variables, for processes that do not read `.env`."""
        values = {name: getattr(self, name) for name in ("batches", *BUCKET_SETTINGS)}
        plain = {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in values.items()
        }
        return {name.upper(): value for name, value in plain.items() if value}

    @property
    def logs_dir(self) -> Path:
        """Where the parts of the service write their logs."""
        return self.state_dir / "logs"

    @property
    def traces_endpoint(self) -> str | None:
        """Where spans go, by OpenTelemetry's rules; None where nobody asks for any."""
        base = self.otel_exporter_otlp_endpoint
        if self.otel_exporter_otlp_traces_endpoint or base:
            endpoint = self.otel_exporter_otlp_traces_endpoint or f"{str(base).rstrip('/')}/v1/traces"
        else:
            endpoint = DEFAULT_TRACES if self.otel_traces_exporter == "otlp" else None
        return None if self.otel_sdk_disabled or self.otel_traces_exporter == "none" else endpoint

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """The settings of this process.

        Raises:
            BadSetting: naming every variable whose value cannot work.
        """
        try:
            return cls(**overrides)
        except ValidationError as error:
            raise BadSetting("; ".join(_sentence(item) for item in error.errors())) from None


def parse_roles(text: str) -> dict[str, Role]:
    """What an identity provider calls our roles, from `Debt admins=admin, Debt staff=analyst`.

    Raises:
        ValueError: a part says no role.
    """
    pairs = [part.rpartition("=") for part in text.split(",") if part.strip()]
    wrong = [role for name, _, role in pairs if not name.strip() or role.strip() not in set(Role)]
    if wrong:
        raise ValueError(f"write NAME=ROLE with commas between; roles are {', '.join(Role)}")
    return {name.strip(): Role(role.strip()) for name, _, role in pairs}


def is_private_way(url: str) -> bool:
    """True where nobody on the way can change what comes: TLS, or within this machine."""
    parts = urlsplit(url)
    is_here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_here))


def processors() -> int:
    """How many processors this machine has, at least one."""
    return os.cpu_count() or 1


def _sentence(error: ErrorDetails) -> str:
    name = str(error["loc"][0]) if error["loc"] else "settings"
    message = error["msg"].removeprefix("Value error, ")
    # A secret's value is never shown.
    value = "" if name in SECRET else f' ("{error["input"]}")'
    return f"{name.upper()}{value}: {message}; mend it in the environment or in .env"
