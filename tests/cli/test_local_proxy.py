"""HAProxy on one machine: apart from every other Ray's, and closed to other machines."""

import socket
import subprocess
import sys

import pytest

from serve.machine.ports import free_port, is_free, reserve
from serve.machine.proxy import BLOCK, FIRST_PORT, SCRIPT, proxy_variables

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Ray brings HAProxy for Linux only")
CONFIG = """\
frontend prometheus
    bind :9101
frontend http_frontend
    bind 127.0.0.1:8000
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


def test_its_statistics_and_metrics_are_kept_on_this_machine(tmp_path):
    config = tmp_path / "haproxy.cfg"
    config.write_text(CONFIG)
    environment = {"DEBT_OPTIMIZER_HAPROXY": "/bin/echo", "PATH": "/usr/bin:/bin"}
    words = [str(SCRIPT), "-db", "-f", str(config)]
    told = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout == f"-db -f {config}\n"
    binds = [line.strip() for line in config.read_text().splitlines() if "bind" in line]
    assert binds == ["bind 127.0.0.1:9101", "bind 127.0.0.1:8000", "bind 127.0.0.1:8404"]


def test_a_reserved_port_is_taken_for_a_second_service_while_the_first_may_listen_there():
    port = free_port()
    reserve("127.0.0.1", port)
    assert not is_free("127.0.0.1", port)
    with socket.socket() as server:
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):  # as HAProxy does
            server.setsockopt(socket.SOL_SOCKET, option, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                server.accept()[0].close()
    assert not is_free("127.0.0.1", port)


def test_two_runs_that_start_at_once_have_blocks_of_their_own(tmp_path):
    proxy_variables(tmp_path)
    block = int(proxy_variables(tmp_path)["RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT"])
    assert not is_free("127.0.0.1", block + BLOCK - 1)
