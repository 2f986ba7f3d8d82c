"""Ray on one machine with what Serve needs and no more: its metadata server, its raylet, its workers.

Ray starts five helpers beside them: a dashboard, an autoscaler, a reader of logs, and on each node an agent that
reports metrics and one that prepares environments. The first four have no work here, take a sixth of the memory and
seconds of every start, and answer any user of this machine. Ray has no switch for them, so this knows Ray's inner
parts: its version is pinned, and a test looks whether they are gone.
"""

import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ray._private.node
from ray._private import services
from ray._private.parameter import RayParams
from typing_extensions import override

AGENT = Path(__file__).resolve().parents[2] / "config" / "ray_agent.sh"


@contextmanager
def few_processes(workers: int | None = None) -> Generator[None]:
    """While this lasts, `ray.init` starts a small node; `workers` begin to load at once, else one a processor."""
    whole = ray._private.node.Node
    ray._private.node.Node = type("Node", (SmallNode,), {"workers": workers})
    try:
        yield
    finally:
        ray._private.node.Node = whole


class SmallNode(ray._private.node.Node):
    """A node without dashboard, autoscaler, reader of logs and agent of metrics."""

    workers: int | None = None

    def __init__(self, ray_params: RayParams, **options: Any) -> None:
        """Start it, as Ray does."""
        ray_params.update(no_monitor=True, include_log_monitor=False)
        super().__init__(ray_params, **options)

    @override
    def start_api_server(self, **options: Any) -> None:
        """Nothing: it would only count use."""

    @override
    def start_raylet(self, *words: Any, **options: Any) -> None:
        """Start it with an agent that does nothing, and with the workers that are wanted."""
        start = services.start_ray_process

        def start_small(command: Sequence[str], *words: Any, **options: Any) -> Any:
            return start([self._changed(word) for word in command], *words, **options)

        services.start_ray_process = start_small
        try:
            super().start_raylet(*words, **options)
        finally:
            services.start_ray_process = start

    def _changed(self, word: str) -> str:
        name = word.partition("=")[0]
        if name == "--dashboard_agent_command":
            agent = ["/bin/sh", str(AGENT), self._session_dir, str(self._node_id)]
            return f"{name}={subprocess.list2cmdline(agent)}"
        if self.workers and name in ("--num_prestart_python_workers", "--maximum_startup_concurrency"):
            return f"{name}={self.workers}"
        return word
