"""Ray on this machine, in a process of its own: starts it, deploys the application, and ends both when told to.

Started by `serve/machine/local.py` as `python -m serve.machine.ray`. It deploys once a line arrives on standard input,
when the records are ready; when standard input closes, whoever started it is gone, and it ends.
"""

import signal
import sys

import serve.machine.own_ray.lean_serve  # isort: skip  # noqa: F401  # pyright: ignore[reportUnusedImport] (decides how Serve is loaded)
import ray
import ray.serve

from serve.app import APPLICATION, build
from serve.composition.shared_places import need_shared_places
from serve.machine.lone import end_when_alone, end_when_told
from serve.machine.own_ray.node import few_processes
from serve.machine.private import run_folder
from serve.settings import Settings

SERVES = 6  # the processes that Serve begins with: a controller, two proxies, three replicas
OBJECT_STORE_BYTES = 300_000_000  # holds the blocks of a batch in flight; a laptop needs no more


def main() -> None:
    """Run until SIGTERM, or until standard input closes."""
    settings = Settings.load()
    _start_ray(settings)
    # One that is joined may have several nodes: said here, and not by replicas that do not start.
    need_shared_places(len([node for node in ray.nodes() if node["Alive"]]), settings)
    end_when_told()
    try:
        http = {"host": settings.api_host, "port": settings.api_port}
        ray.serve.start(http_options=http)
        if sys.stdin.readline():
            end_when_alone()
            ray.serve.run(build({}), name=APPLICATION, route_prefix="/")
            signal.pause()
    finally:
        _stop(settings)


def _start_ray(settings: Settings) -> None:
    if settings.ray_address:
        ray.init(address=settings.ray_address, log_to_driver=False)
        return
    with few_processes(SERVES):
        ray.init(
            address="local",
            include_dashboard=False,
            object_store_memory=OBJECT_STORE_BYTES,
            log_to_driver=False,
            _node_ip_address="127.0.0.1",
            _temp_dir=str(run_folder(settings.state_dir) / "r"),
        )


def _stop(settings: Settings) -> None:
    """Let replicas drain; end Ray with them where it is ours."""
    if settings.ray_address:
        ray.serve.delete(APPLICATION)
    else:
        ray.serve.shutdown()
    ray.shutdown()


if __name__ == "__main__":
    main()
