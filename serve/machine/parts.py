"""The parts of the service on one machine: how each is started, and how one sees that it answers."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from data.channels.redis_connection import answers
from serve.machine import redis_server
from serve.machine.own_ray.closed import closed_variables
from serve.machine.own_ray.proxy import proxy_variables
from serve.machine.own_ray.watch import RayWatch
from serve.machine.private import run_folder
from serve.machine.processes import start
from serve.machine.redis_server import RedisServer
from serve.settings import Settings

DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # an address to listen on -> the one to ask at
CHECK_TIMEOUT_S = 2.0
READY_TIMEOUT_S = 5.0  # the endpoint waits two seconds for each of its parts


@dataclass(frozen=True)
class Part:
    """One part.

    Attributes:
        begin: starts it; it may be started again after it ended.
        is_ready: asks it once whether it can do all its work.
        is_alive: asks it once whether it does its work, whatever others must do for it.
        grace_s: how long it may take to end in order.
        look: looks at what its process has started, many times a second; says what has gone for good.
        start_s: how long it may take to be ready.
        silent_checks: so many times in a row it may not be alive; then it is started anew.
    """

    name: str
    begin: Callable[[], "subprocess.Popen[bytes]"]
    is_ready: Callable[[], bool]
    is_alive: Callable[[], bool]
    log: Path
    grace_s: float
    look: Callable[[int], str | None] = lambda _: None
    start_s: float = 180.0
    silent_checks: int = 6


def redis_part(settings: Settings) -> tuple[Part, RedisServer]:
    """A Redis or Valkey of our own, started; begun again it keeps its port and finds its data."""
    server = redis_server.start(settings.state_dir)
    port = urlsplit(server.url).port

    def begin() -> "subprocess.Popen[bytes]":
        return redis_server.start(settings.state_dir, port).process

    def is_alive() -> bool:
        return answers(server.url)

    return Part("redis", begin, is_alive, is_alive, settings.redis_dir / "redis.log", grace_s=10), server


def service_part(settings: Settings, mark: str, changes: Mapping[str, str]) -> Part:
    """Ray with the HTTP endpoint and the agents; it deploys them once it reads a line on standard input."""
    log = settings.logs_dir / "service.log"
    # -P: modules of the folder it is started in must not stand in for ours.
    command = [sys.executable, "-P", "-m", "serve.machine.ray"]
    variables = {**changes, **_ray_variables(settings)}
    proxy_folder = run_folder(settings.state_dir) / "h"
    watch = RayWatch(proxy_folder, log, f"{mark}:service", variables)

    def begin() -> "subprocess.Popen[bytes]":
        # Sockets of an earlier Ray would be taken for this one's.
        shutil.rmtree(proxy_folder, ignore_errors=True)
        return start(command, mark=f"{mark}:service", log=log, changes=variables, stdin=subprocess.PIPE)

    host, port = ANYWHERE.get(settings.api_host, settings.api_host), settings.api_port
    return Part(
        "service",
        begin,
        is_ready=lambda: is_ok(host, port, "/readyz"),
        is_alive=lambda: has_workers(host, port),
        log=log,
        grace_s=30,
        look=watch.look if not settings.ray_address else lambda _: None,
    )


def dashboard_part(settings: Settings, mark: str, changes: Mapping[str, str]) -> Part:
    """The dashboard, on this machine only."""
    log = settings.logs_dir / "dashboard.log"
    command = dashboard_command("127.0.0.1", settings.dashboard_port)

    def begin() -> "subprocess.Popen[bytes]":
        return start(command, mark=f"{mark}:dashboard", log=log, changes=changes)

    def is_alive() -> bool:
        return is_ok("127.0.0.1", settings.dashboard_port, "/_stcore/health")

    return Part("dashboard", begin, is_alive, is_alive, log, grace_s=5)


def dashboard_command(host: str, port: int) -> list[str]:
    """What starts the dashboard; it reads API_URL and API_KEY."""
    options = {
        "server.port": str(port),
        "server.address": host,
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-P", "-m", "streamlit", "run", str(DASHBOARD), *flags]


def is_ok(host: str, port: int, path: str) -> bool:
    """True where an HTTP server answers 200."""
    connection = HTTPConnection(host, port, timeout=CHECK_TIMEOUT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def has_workers(host: str, port: int) -> bool:
    """True where the endpoint answers and its workers take tasks, whether or not database and Redis answer them."""
    connection = HTTPConnection(host, port, timeout=READY_TIMEOUT_S)
    try:
        connection.request("GET", "/readyz")
        parts = json.loads(connection.getresponse().read())["parts"]
        return parts["workers"] != "not_ready"
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return False
    finally:
        connection.close()


def _ray_variables(settings: Settings) -> dict[str, str]:
    """What a Ray of our own is told; nothing where one is joined."""
    if settings.ray_address:
        return {}
    return {
        **closed_variables(settings.state_dir),
        # A heap for each thread is never given back: streams whose readers come and go cost 4 kB each for good.
        "MALLOC_ARENA_MAX": "2",
        # A thread of its own for our code passes every request and every event of a stream between two loops; nothing
        # of ours holds a loop up.
        "RAY_SERVE_RUN_USER_CODE_IN_SEPARATE_THREAD": "0",
        # Ray's 15 lets any other program of the machine go before whoever waits for an answer.
        "RAY_worker_niceness": "0",
        "RAY_preload_python_modules": "serve.machine.own_ray.lean_serve",
        **proxy_variables(run_folder(settings.state_dir), connections_per_address=settings.connections_per_address),
    }
