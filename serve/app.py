"""The composition root: from settings to the Ray application.

`serve deploy` and `serve run serve.app:build` begin here, as does `serve/machine/ray.py`. The parts themselves are made
on the replicas, by `serve/*_parts.py`; whoever only deploys need not load them.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ray.serve import Application

from serve.deployments import AgentWorker, Api, BatchWorker
from serve.settings import Settings

APPLICATION = "debt-optimizer"


class Arguments(BaseModel):
    """What a Serve config may say under `args`; all else comes from the settings."""

    model_config = ConfigDict(extra="forbid")

    workers: int | None = Field(default=None, ge=1, le=1000)


def build(args: dict[str, Any]) -> Application:
    """The endpoint and its workers as one application."""
    workers = Arguments.model_validate(args).workers or Settings.load().workers
    # Only handles are bound here; each part is made on its own replica.
    return Api.bind([AgentWorker.options(num_replicas=workers).bind(), BatchWorker.bind()])
