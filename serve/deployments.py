"""The Ray classes: the HTTP endpoint, and the workers of tasks and of batches, each a few lines around a plain one.

Each makes its parts on its replica, and loads only there what they are made of. Knows nothing of settings.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import ray.serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle

from data.errors import ServiceUnavailable
from serve.loading import loaded

if TYPE_CHECKING:
    from fastapi import FastAPI

    from serve.tasks.worker_host import WorkerHost

MOST_OPEN_REQUESTS = 5_000  # open event streams count among them; at the limit even /healthz would wait
HEALTH_CHECK_PERIOD_S = 2
HEALTH_CHECK_TIMEOUT_S = 15
DRAIN_S = 10
# Readiness must answer soon, also where a replica hangs.
PATIENCE_S = 2.0


DEPLOYMENT: dict[str, Any] = {
    "health_check_period_s": HEALTH_CHECK_PERIOD_S,
    "health_check_timeout_s": HEALTH_CHECK_TIMEOUT_S,
    "graceful_shutdown_wait_loop_s": 0.2,
    "graceful_shutdown_timeout_s": DRAIN_S,
    "ray_actor_options": {"num_cpus": 0},  # all wait for networks, databases and others' work
}


def _need_shared_places() -> None:
    """Refuse to start where nodes would each have records or files of their own."""
    alive = [node for node in ray.nodes() if node["Alive"]]
    loaded("serve.composition.shared_places").need_shared_places(len(alive))


@ray.serve.deployment(max_ongoing_requests=MOST_OPEN_REQUESTS, **DEPLOYMENT)
@ray.serve.ingress()  # pyright: ignore[reportUntypedClassDecorator]
class Api:
    """The HTTP endpoint; it hands work to the queue and asks the workers only whether they are well."""

    async def __init__(self, workers: Sequence[DeploymentHandle[Any]]) -> None:
        """Make the parts on this replica."""
        _need_shared_places()
        # Imported here, on the replica: whoever deploys need not load the whole endpoint.
        make_services = loaded("serve.composition.api_parts").make_services

        async def are_workers_ready() -> bool:
            try:
                answers = [asyncio.wait_for(worker.is_ready.remote(), PATIENCE_S) for worker in workers]
                return all(await asyncio.gather(*answers))
            # A replica that is being replaced counts as not ready.
            except (RayError, RayServeException, TimeoutError):
                return False

        self._used = (time.monotonic(), time.process_time())
        self._services = make_services(are_workers_ready)
        self._pinning = asyncio.create_task(self._services.figures.pin_forever())

    async def record_autoscaling_stats(self) -> dict[str, float]:
        """The share of a processor that this replica uses, for `serve/watching/scaling.py`; the name is Ray Serve's."""
        before, self._used = self._used, (time.monotonic(), time.process_time())
        return {"busy": (self._used[1] - before[1]) / max(self._used[0] - before[0], 0.001)}

    def __serve_build_asgi_app__(self) -> "FastAPI":
        """The application that this replica serves; the name is Ray Serve's."""
        return loaded("serve.api").build_api(self._services)

    async def __del__(self) -> None:
        """Let go of connections; Ray waits for open requests before."""
        self._pinning.cancel()
        await self._services.close()


class _Hosted:
    """A worker on a replica of its own."""

    parts: ClassVar[str]  # the function that makes it, as `module:name`

    async def __init__(self) -> None:
        """Make the parts on this replica and begin."""
        _need_shared_places()
        module, _, name = self.parts.partition(":")
        # The same for all that began together, and that die together when Ray does.
        session = ray.get_runtime_context().get_session_name()
        self._host: WorkerHost = getattr(loaded(module), name)(session)
        self._host.begin()

    async def is_ready(self) -> bool:
        """True while it takes work."""
        return self._host.is_alive

    async def record_autoscaling_stats(self) -> dict[str, float]:
        """How many replicas the work at hand needs, for `serve/watching/scaling.py`; the name is Ray Serve's."""
        return {"wanted": float(await self._host.replicas_wanted())}

    async def check_health(self) -> None:
        """Raise when a loop has ended: Ray then replaces this replica."""
        if not self._host.is_alive:
            raise ServiceUnavailable("a loop of the worker has ended")

    async def __del__(self) -> None:
        """Hand back what is in hand, and let go of connections."""
        await self._host.end()


@ray.serve.deployment(**DEPLOYMENT)
class AgentWorker(_Hosted):
    """Takes tasks from the queue and runs agents; several replicas share the queue."""

    parts = "serve.composition.agent_parts:make_agent_host"


@ray.serve.deployment(**DEPLOYMENT)
class BatchWorker(_Hosted):
    """Takes batches one at a time and spreads each over the cluster."""

    parts = "serve.composition.batch_parts:make_batch_host"
