"""HAProxy on one machine: apart from every other Ray's, and closed to other machines."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from data.errors import OperatorError
from serve.machine.own_ray.proxy import SCRIPT, SERVICE, proxy_variables
from serve.machine.ports import free_port, lock_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Ray brings HAProxy for Linux only")


def test_no_port_is_one_that_every_ray_of_the_machine_uses(tmp_path):
    ports = {
        name: int(value)
        for name, value in proxy_variables(tmp_path, connections_per_address=9).items()
        if name.endswith("_PORT")
    }
    assert {name.removeprefix("RAY_SERVE_") for name in ports} == {
        "DIRECT_INGRESS_MIN_HTTP_PORT",
        "DIRECT_INGRESS_MAX_HTTP_PORT",
        "FALLBACK_PROXY_HTTP_PORT",
        "FALLBACK_PROXY_GRPC_PORT",
        "HAPROXY_STATS_PORT",
        "HAPROXY_METRICS_PORT",
    }
    first = ports["RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT"]
    assert (first - SERVICE.first) % SERVICE.block == 0
    assert all(first <= port < first + SERVICE.block for port in ports.values())


def test_one_that_ray_does_not_know_of_hands_over(tmp_path):
    config, program = tmp_path / "haproxy.cfg", tmp_path / "haproxy"
    config.write_text("defaults\n")
    program.write_text('#!/bin/sh\necho "$@"\nread line\n')
    program.chmod(0o755)
    environment = {"DEBT_OPTIMIZER_HAPROXY": str(program), "PATH": "/usr/bin:/bin"}
    words = [str(SCRIPT), "-db", "-f", str(config)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, env=environment, **pipes) as before:
        assert before.stdout.readline() == f"-db -f {config}\n"
        told = subprocess.run(words, env=environment, input="", capture_output=True, text=True, check=False)
        assert told.stdout == f"-db -f {config} -sf {before.pid} -x {tmp_path}/a\n"
        before.communicate("end\n")
    told = subprocess.run(words, env=environment, input="", capture_output=True, text=True, check=False)
    assert told.stdout == f"-db -f {config}\n"


def test_two_runs_that_start_at_once_have_blocks_of_their_own(tmp_path):
    taken = int(proxy_variables(tmp_path, connections_per_address=9)["RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT"])
    that_block = replace(SERVICE, first=taken, last=taken + SERVICE.block)
    with pytest.raises(OperatorError, match="no 50 free ports"):
        proxy_variables(tmp_path, connections_per_address=9, ports=that_block)


def test_an_endpoints_port_is_taken_before_anybody_listens_there(tmp_path):
    port = free_port()
    with lock_of(port).acquire(timeout=0):
        environment = {**os.environ, "STATE_DIR": str(tmp_path), "API_PORT": str(port)}
        words = [Path(sys.executable).with_name("debt-optimizer"), "up"]
        told = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 1
    assert told.stderr.startswith(f"port {port}, which the HTTP endpoint needs, is taken by another DebtOptimizer")
    assert len(told.stderr.splitlines()) == 1
