"""What is seen of Ray's processes from outside, with others in their place."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pytest

from serve.machine.own_ray import watch as ray_watch
from serve.machine.own_ray.watch import MOST_REVIVALS, REFUSALS, RayWatch
from serve.machine.parts import has_workers
from tests.journeys.house import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Ray brings HAProxy for Linux only")


@pytest.fixture
def service(tmp_path: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A process with two children that have the names of Ray's."""
    sleep = shutil.which("sleep")
    for name in ("gcs_server", "raylet"):
        (tmp_path / name).symlink_to(sleep)
    process = subprocess.Popen(["/bin/sh", "-c", "./gcs_server 60 & ./raylet 60 & wait; sleep 60"], cwd=tmp_path)
    children = psutil.Process(process.pid).children
    until(lambda: {child.name() for child in children()} == {"gcs_server", "raylet"})
    yield process
    for child in [*children(), process]:
        child.kill()
    process.wait()


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RayWatch]:
    """A watch whose HAProxy is a program that notes what it is told, and stays."""
    script = tmp_path / "haproxy.sh"
    script.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/told\nexec sleep 60\n')
    script.chmod(0o755)
    monkeypatch.setattr(ray_watch, "SCRIPT", script)
    watch = RayWatch(tmp_path / "h", tmp_path / "log", "test:1:service", {})
    yield watch
    if watch._stand_in is not None:
        watch._stand_in.kill()
        watch._stand_in.wait()


def listener(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.fspath(path))
    server.listen()
    return server


@pytest.mark.parametrize("name", ["gcs_server", "raylet"])
def test_a_vital_process_that_has_ended_is_named(service, watch, name):
    assert watch.look(service.pid) is None
    (child,) = [child for child in psutil.Process(service.pid).children() if child.name() == name]
    child.send_signal(signal.SIGKILL)
    until(lambda: watch.look(service.pid) == f"Ray's {name} has ended")


def test_nothing_is_missed_before_it_has_started(watch):
    with subprocess.Popen(["sleep", "60"]) as starting:
        assert watch.look(starting.pid) is None
        starting.kill()


def test_haproxy_is_started_anew_from_its_own_configuration(service, watch, tmp_path):
    node = tmp_path / "h" / "node"
    node.mkdir(parents=True)
    (node / "haproxy.cfg").write_text("")
    # not before it has answered once: it is only starting
    assert [watch.look(service.pid) for _ in range(2 * REFUSALS)] == [None] * (2 * REFUSALS)
    server = listener(node / "a")
    assert watch.look(service.pid) is None
    server.close()
    assert [watch.look(service.pid) for _ in range(REFUSALS)] == [None] * REFUSALS
    until((tmp_path / "told").exists)
    assert (tmp_path / "told").read_text() == f"-db -f {node}/haproxy.cfg -dR\n"


def test_haproxy_that_ends_again_and_again_is_not_started_for_ever(service, watch, tmp_path):
    node = tmp_path / "h" / "node"
    node.mkdir(parents=True)
    (node / "haproxy.cfg").write_text("")
    said = []
    for _ in range(MOST_REVIVALS + 1):
        (node / "a").unlink(missing_ok=True)
        server = listener(node / "a")
        watch.look(service.pid)
        server.close()
        said += [watch.look(service.pid) for _ in range(REFUSALS)]
    assert said == [None] * ((MOST_REVIVALS + 1) * REFUSALS - 1) + ["HAProxy ends again and again"]


@pytest.mark.parametrize(
    ("status", "parts", "has"),
    [
        (200, {"database": "ready", "queue": "ready", "workers": "ready"}, True),
        (503, {"database": "not_ready", "queue": "not_ready", "workers": "ready"}, True),
        (503, {"database": "ready", "queue": "ready", "workers": "not_ready"}, False),
        (500, None, False),
    ],
)
def test_a_service_is_silent_without_workers_but_not_for_others_faults(status, parts, has):
    class Readiness(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps({"parts": parts}).encode())

        def log_message(self, *words):
            pass

    with HTTPServer(("127.0.0.1", 0), Readiness) as server:
        Thread(target=server.handle_request, daemon=True).start()
        assert has_workers("127.0.0.1", server.server_port) is has
