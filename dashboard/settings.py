"""The dashboard's settings; the only reader of the environment in this package."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where the API is and with which key the dashboard calls it.

    Attributes:
        api_url: the address without `/v1`, e.g. http://127.0.0.1:8000.
        api_key: an API key of the organisation whose data the dashboard shows.
        api_timeout_s: how long an ordinary call may take; uploads may take ten times as long.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    api_url: str = "http://127.0.0.1:8000"
    api_key: SecretStr | None = Field(default=None, repr=False)
    api_timeout_s: float = Field(default=20.0, gt=0, le=600)
