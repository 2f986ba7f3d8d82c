"""Starting, stopping, dying and starting again: nothing is left running, and nothing is lost."""

import json
import signal
import sys

import psutil
import pytest

from serve.machine.parts import is_ok
from serve.machine.private import run_folder
from serve.machine.processes import is_alive
from tests.journeys.house import Service, begin, record_of, until

pytestmark = pytest.mark.timeout(240)  # each of them starts the service anew


def test_down_leaves_no_process_and_a_second_up_finds_the_data(service: Service):
    reading = begin(service)
    reading.follow()
    was, token = record_of(reading), (service.state_dir / "ray_token").read_text()
    started = service.processes()
    assert len(started) > 7
    assert service.down().returncode == 0
    assert service.processes() == []
    assert [process for process in started if is_alive(process)] == []
    assert service.run("status").returncode == 1
    assert not run_folder(service.state_dir).exists()
    service.up()
    assert record_of(reading) == was
    assert (service.state_dir / "ray_token").read_text() not in ("", token)


def test_what_a_killed_up_leaves_is_named_and_cleaned_by_the_next(service: Service):
    assert service.process is not None
    service.process.send_signal(signal.SIGKILL)
    service.process.wait()
    left = service.pid_of("redis")
    until(lambda: not is_ok("127.0.0.1", service.api_port, "/healthz"))
    assert json.loads(service.run("status", "--json").stdout)["state"] == "half_stopped"
    checks = {check["name"]: check for check in json.loads(service.run("doctor", "--json").stdout)["checks"]}
    assert str(left) in checks["earlier run"]["found"]
    assert "down" in checks["earlier run"]["mend"]
    service.up()
    assert not psutil.pid_exists(left)


def test_a_second_up_on_the_same_folder_names_the_first(service: Service):
    second = service.run("up")
    assert second.returncode == 1
    assert len(second.stderr.splitlines()) == 1
    assert "runs already" in second.stderr
    assert f"http://127.0.0.1:{service.dashboard_port}" in second.stderr


def test_status_names_what_runs_and_where(service: Service):
    status = json.loads(service.run("status", "--json").stdout)
    assert (status["state"], status["is_ready"]) == ("running", True)
    assert status["api_url"] == service.url
    assert {part["name"] for part in status["parts"] if part["is_running"]} == {"redis", "service", "dashboard"}
    assert "ready" in service.run("status").stdout


def test_the_dashboard_is_started_anew_when_it_dies(service: Service):
    before = service.pid_of("dashboard")
    psutil.Process(before).send_signal(signal.SIGKILL)
    until(lambda: service.pid_of("dashboard") != before)
    until(lambda: is_ok("127.0.0.1", service.dashboard_port, "/_stcore/health"))


def proxies(service: Service) -> list[psutil.Process]:
    return [process for process in service.processes() if process.info["cmdline"][0].endswith("haproxy")]


@pytest.mark.skipif(sys.platform != "linux", reason="Ray brings HAProxy for Linux only")
def test_haproxy_is_back_at_once_and_follows_what_ray_changes_later(service: Service):
    for process in proxies(service):
        process.send_signal(signal.SIGKILL)
    until(lambda: is_ok("127.0.0.1", service.api_port, "/readyz"), within_s=15)  # a third of a second at rest
    until(lambda: [process.parent().cmdline()[0][:10] for process in proxies(service)] == ["ray::HAPro"])
    psutil.Process(service.replica(":Api")).send_signal(signal.SIGKILL)
    until(lambda: not is_ok("127.0.0.1", service.api_port, "/readyz"))
    until(lambda: is_ok("127.0.0.1", service.api_port, "/readyz"))


def test_a_dead_raylet_is_noticed_and_everything_is_started_anew(service: Service):
    before = service.processes()
    (raylet,) = [process for process in before if process.name() == "raylet"]
    worker = service.replica(":AgentWorker")
    raylet.send_signal(signal.SIGKILL)
    until(lambda: not is_ok("127.0.0.1", service.api_port, "/readyz"), within_s=15)
    until(lambda: is_ok("127.0.0.1", service.api_port, "/readyz"), within_s=120)
    assert not psutil.pid_exists(worker)
    reading = begin(service)
    reading.follow()
    assert record_of(reading)["status"] == "completed"


def test_ray_starts_none_of_its_helpers_but_one(service: Service):
    below = psutil.Process(service.pid_of("service")).children(recursive=True)
    words = " ".join(word for process in below for word in process.cmdline()[:6])
    assert "ray::ServeController" in words
    assert "ray::RuntimeEnvAgent" in words
    assert [name for name in ("DashboardAgent", "dashboard.py", "monitor.py") if name in words] == []


def test_everything_listens_on_this_machine_only(service: Service):
    open_to_all = {
        (process.info["cmdline"][0], connection.laddr.ip)
        for process in service.processes()
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
        and connection.laddr.ip not in ("127.0.0.1", "::1", "::ffff:127.0.0.1")
    }
    # a Serve replica opens one port of its own; Ray's token guards it, and nothing can move it
    assert {name for name, _ in open_to_all if "ServeReplica" not in name} == set()
