"""HAProxy on one machine: apart from every other Ray's, and closed to other machines."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from data.errors import OperatorError
from serve.machine.ports import free_port, lock_of
from serve.machine.proxy import BLOCK, FIRST_PORT, SCRIPT, proxy_variables

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Ray brings HAProxy for Linux only")
CONFIG = """\
frontend prometheus
    bind :9101
    mode http
    no log
frontend http_frontend
    bind *:8000
listen stats
  bind *:8404
"""


def test_no_port_is_one_that_every_ray_of_the_machine_uses(tmp_path):
    ports = {name: int(value) for name, value in proxy_variables(tmp_path).items() if name.endswith("_PORT")}
    assert {name.removeprefix("RAY_SERVE_") for name in ports} == {
        "DIRECT_INGRESS_MIN_HTTP_PORT",
        "DIRECT_INGRESS_MAX_HTTP_PORT",
        "FALLBACK_PROXY_HTTP_PORT",
        "FALLBACK_PROXY_GRPC_PORT",
        "HAPROXY_STATS_PORT",
        "HAPROXY_METRICS_PORT",
    }
    first = ports["RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT"]
    assert (first - FIRST_PORT) % BLOCK == 0
    assert all(first <= port < first + BLOCK for port in ports.values())


def test_its_statistics_and_metrics_are_sockets_in_its_own_folder(tmp_path):
    config = tmp_path / "haproxy.cfg"
    config.write_text(CONFIG)
    environment = {"DEBT_OPTIMIZER_HAPROXY": "/bin/echo", "PATH": "/usr/bin:/bin"}
    words = [str(SCRIPT), "-db", "-f", str(config)]
    told = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout == f"-db -f {config}\n"
    binds = [line.strip() for line in config.read_text().splitlines() if "bind" in line]
    assert binds == [f"bind unix@{tmp_path}/p mode 600", "bind *:8000", f"bind unix@{tmp_path}/s mode 600"]


def test_two_runs_that_start_at_once_have_blocks_of_their_own(tmp_path, monkeypatch):
    taken = int(proxy_variables(tmp_path)["RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT"])
    monkeypatch.setattr("serve.machine.proxy.FIRST_PORT", taken)
    monkeypatch.setattr("serve.machine.proxy.LAST_PORT", taken + BLOCK)
    with pytest.raises(OperatorError, match="no 50 free ports"):
        proxy_variables(tmp_path)


def test_an_endpoints_port_is_taken_before_anybody_listens_there(tmp_path):
    port = free_port()
    with lock_of(port).acquire(timeout=0):
        environment = {**os.environ, "STATE_DIR": str(tmp_path), "API_PORT": str(port)}
        words = [Path(sys.executable).with_name("debt-optimizer"), "up"]
        told = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 1
    assert told.stderr.startswith(f"port {port}, which the HTTP endpoint needs, is taken by another DebtOptimizer")
    assert len(told.stderr.splitlines()) == 1
