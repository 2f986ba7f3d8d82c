"""The Ray classes: the HTTP endpoint and the agents' worker, each a few lines around a plain one.

Each makes its parts on its replica, and loads only there what they are made of. Knows nothing of settings.
"""

import asyncio
from typing import TYPE_CHECKING, Any

import ray.serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle

from data.errors import ServiceUnavailable

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_OPEN_REQUESTS = 5_000  # open event streams count among them; at the limit even /healthz would wait
HEALTH_CHECK_PERIOD_S = 2
HEALTH_CHECK_TIMEOUT_S = 15
DRAIN_S = 10
PATIENCE_S = 2.0
NO_CPU = {"num_cpus": 0}  # both wait for networks and databases; processors are for batches and models


@ray.serve.deployment(
    max_ongoing_requests=MOST_OPEN_REQUESTS,
    health_check_period_s=HEALTH_CHECK_PERIOD_S,
    health_check_timeout_s=HEALTH_CHECK_TIMEOUT_S,
    graceful_shutdown_wait_loop_s=0.2,
    graceful_shutdown_timeout_s=DRAIN_S,
    ray_actor_options=NO_CPU,
)
@ray.serve.ingress()  # pyright: ignore[reportUntypedClassDecorator]
class Api:
    """The HTTP endpoint; it hands tasks to the queue and asks the workers only whether they are well."""

    async def __init__(self, workers: DeploymentHandle[Any]) -> None:
        """Make the parts on this replica."""
        from serve.api_parts import make_services  # noqa: PLC0415 (two seconds that whoever only deploys need not wait)

        async def are_workers_ready() -> bool:
            try:
                return bool(await asyncio.wait_for(workers.is_ready.remote(), PATIENCE_S))
            except (RayError, RayServeException, TimeoutError):
                return False

        self._services = make_services(are_workers_ready)

    def __serve_build_asgi_app__(self) -> "FastAPI":
        """The application that this replica serves; the name is Ray Serve's."""
        from serve.api import build_api  # noqa: PLC0415 (as above)

        return build_api(self._services)

    async def __del__(self) -> None:
        """Let go of connections; Ray waits for open requests before."""
        await self._services.close()


@ray.serve.deployment(
    max_ongoing_requests=100,
    health_check_period_s=HEALTH_CHECK_PERIOD_S,
    health_check_timeout_s=HEALTH_CHECK_TIMEOUT_S,
    graceful_shutdown_wait_loop_s=0.2,
    graceful_shutdown_timeout_s=DRAIN_S,
    ray_actor_options=NO_CPU,
)
class AgentWorker:
    """Takes tasks from the queue and runs agents; several replicas share the queue."""

    async def __init__(self) -> None:
        """Make the parts on this replica and begin."""
        from serve.worker_parts import make_worker_host  # noqa: PLC0415 (as above)

        self._host = make_worker_host()
        self._host.begin()

    async def is_ready(self) -> bool:
        """True while it takes tasks."""
        return self._host.is_alive

    async def check_health(self) -> None:
        """Raise when the loop has ended: Ray then replaces this replica."""
        if not self._host.is_alive:
            raise ServiceUnavailable("the worker's loop has ended")

    async def __del__(self) -> None:
        """Hand back what is in hand, and let go of connections."""
        await self._host.end()
