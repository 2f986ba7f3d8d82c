"""How long each process of the service takes to come back after `kill -9`: until it is ready and a task completes.

`python -m tests.benchmarks.bench_recovery` prints a line for each; run alone on the machine.
"""

import signal
import sys
import tempfile
from pathlib import Path
from time import monotonic, sleep

import httpx
import psutil

from serve.machine.parts import is_ok
from tests.journeys.house import Reading, Service, begin

PARTS = {
    "raylet": "raylet",
    "metadata server (gcs_server)": "gcs_server",
    "HAProxy": "haproxy",
    "HAProxy's manager": "HAProxyManager",
    "service process": "serve.machine.ray",
    "ServeController": "ServeController",
    "Api replica": ":Api",
    "AgentWorker replica": ":AgentWorker",
    "BatchWorker replica": ":BatchWorker",
    "fallback proxy": "ray::ProxyActor",
    "Redis": "redis-server",
    "dashboard": "streamlit",
}
WITHIN_S = 200.0


def processes(service: Service, name: str) -> list[psutil.Process]:
    """Those of the service whose first words hold the name."""
    found = []
    for process in service.processes():
        words = process.info["cmdline"]
        if any(name in word for word in words[:4]):
            found.append(process)
    return found


def is_back(service: Service) -> bool:
    if not is_ok("127.0.0.1", service.api_port, "/readyz"):
        return False
    try:
        reading = begin(service)
        with service.client as client:
            for _ in range(600):
                status = client.get(f"/v1/tasks/{reading.task_id}").json()["status"]
                if status in ("completed", "failed"):
                    return status == "completed"
                sleep(0.05)
    except (httpx.HTTPError, AssertionError, KeyError, ValueError):
        return False
    return False


def seconds_down(service: Service, name: str) -> tuple[float, float]:
    """Until `/readyz` first says ready after the kill, and until a task that is posted then has completed."""
    (victim, *_) = processes(service, name)
    victim.send_signal(signal.SIGKILL)
    began = monotonic()
    ready_s = 0.0
    sleep(0.3)
    while monotonic() - began < WITHIN_S:
        ready_s = monotonic() - began
        if is_back(service):
            return ready_s, monotonic() - began
        sleep(0.1)
    return ready_s, float("inf")


def main() -> None:
    wanted = sys.argv[1:] or list(PARTS)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        service = Service(Path(folder) / "state")
        service.up()
        try:
            Reading(service, begin(service).task_id).follow()
            for part in wanted:
                load = Path("/proc/loadavg").read_text().split()[0]
                ready_s, done_s = seconds_down(service, PARTS[part])
                sys.stdout.write(f"{part:32} ready {ready_s:6.1f} s   task done {done_s:6.1f} s   load {load}\n")
                sys.stdout.flush()
                sleep(5)
        finally:
            service.down()
            sys.stdout.write((service.state_dir.with_suffix(".log")).read_text())


if __name__ == "__main__":
    main()
