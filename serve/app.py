"""The composition root: from settings to the Ray application.

`serve deploy` and `serve run serve.app:build` begin here, as does `serve/machine/ray.py`. The parts themselves are made
on the replicas, by `serve/*_parts.py`; whoever only deploys need not load them.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ray.serve import Application

from serve.deployments import AgentWorker, Api, BatchWorker
from serve.settings import Settings, processors

APPLICATION = "debt-optimizer"
UPSCALE_DELAY_S = 2.0
DOWNSCALE_DELAY_S = 60.0  # a worker takes seconds to start: one is not given up for a moment's rest
LOOK_BACK_S = 15.0


class Arguments(BaseModel):
    """What a Serve config may say under `args`; all else comes from the settings."""

    model_config = ConfigDict(extra="forbid")

    workers: int | None = Field(default=None, ge=1, le=1000)
    max_workers: int | None = Field(default=None, ge=1, le=1000)


def build(args: dict[str, Any]) -> Application:
    """The endpoint and its workers as one application."""
    said, settings = Arguments.model_validate(args), Settings.load()
    fewest = said.workers or settings.workers
    # One processor is the endpoint's and Redis's: on two, a second worker answers no task sooner.
    most = max(said.max_workers or settings.max_workers or processors() - 1, fewest)
    # Only handles are bound here; each part is made on its own replica.
    return Api.bind([AgentWorker.options(**as_many_as_needed(fewest, most)).bind(), BatchWorker.bind()])


def as_many_as_needed(fewest: int, most: int) -> dict[str, Any]:
    """The workers' options: a fixed number, or as many between the two as the backlog asks for."""
    if fewest == most:
        return {"num_replicas": fewest}
    scaling = {
        "min_replicas": fewest,
        "initial_replicas": fewest,
        "max_replicas": most,
        "upscale_delay_s": UPSCALE_DELAY_S,
        "downscale_delay_s": DOWNSCALE_DELAY_S,
        "look_back_period_s": LOOK_BACK_S,
        "policy": {"policy_function": "serve.watching.scaling:workers_for_backlog"},
    }
    return {"num_replicas": None, "autoscaling_config": scaling}
