"""HAProxy with the configuration that Ray writes, as our script changes it, in front of a server of the test's own."""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import httpx
import psutil
import pytest
from ray.serve._private.haproxy import BackendConfig, HAProxyApi, HAProxyConfig, ServerConfig
from ray.serve.config import HTTPOptions

from serve.machine.own_ray.proxy import SCRIPT, proxy_variables
from serve.machine.ports import free_port
from tests.journeys.house import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Ray brings HAProxy for Linux only")
REQUEST_S = 1
MOST = 5
SILENCE_S = 1
HEARD_OF = 6
UNKNOWN = "http-request return status 404 content-type text/plain"


class Upstream(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/stream":
            self.send_response(200)
            self.end_headers()
            for _ in range(HEARD_OF):
                sleep(SILENCE_S / 2)
                self.wfile.write(b".")
        else:
            self._answer(b"here")

    def do_POST(self):
        self._answer(str(len(self.rfile.read(int(self.headers["Content-Length"])))).encode())

    def _answer(self, body: bytes):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@dataclass
class Proxy:
    port: int
    folder: Path
    upstream: ThreadingHTTPServer

    def call(self, sent: bytes = b"") -> socket.socket:
        caller = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        caller.sendall(sent)
        return caller

    def answer(self, sent: bytes) -> tuple[int, dict[str, str], bytes]:
        """What comes until the connection ends."""
        with self.call(sent) as caller:
            told = b"".join(iter(lambda: caller.recv(65536), b""))
        head, _, body = told.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return int(first.split()[1]), headers, body


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    variables = proxy_variables(tmp_path, connections_per_address=MOST) | {"DEBT_OPTIMIZER_REQUEST_S": str(REQUEST_S)}
    node, port = tmp_path / "h" / "node", free_port()
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    Thread(target=upstream.serve_forever, args=(0.05,), daemon=True).start()
    config = HAProxyConfig(
        socket_path=str(node / "a"),
        server_state_base=str(node),
        server_state_file=str(node / "state"),
        stats_port=free_port(),
        metrics_port=free_port(),
        metrics_enabled=False,
        timeout_client_s=SILENCE_S,
        timeout_server_s=SILENCE_S,
        bufsize=int(variables["RAY_SERVE_HAPROXY_TUNE_BUFSIZE"]),
        has_received_routes=True,
        http_options=HTTPOptions(host="127.0.0.1", port=port),
    )
    server = ServerConfig(name="upstream", host="127.0.0.1", port=upstream.server_port)
    backend = BackendConfig(name="http-app", path_prefix="/", servers=[server], app_name="app")
    file = node / "haproxy.cfg"
    HAProxyApi(config, {"http-app": backend}, config_file_path=str(file))._generate_config_file_internal()
    words, log = [str(SCRIPT), "-db", "-f", str(file)], tmp_path / "log"
    with (
        log.open("wb") as told,
        subprocess.Popen(words, env=os.environ | variables, stdout=told, stderr=told) as process,
    ):
        made = Proxy(port, node, upstream)
        try:
            until(lambda: is_up(made) or process.poll() is not None)
            assert process.poll() is None, log.read_text()
            yield made
        finally:
            process.kill()
            upstream.shutdown()
            upstream.server_close()


def is_up(proxy: Proxy) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{proxy.port}/", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def is_problem(answer: tuple[int, dict[str, str], bytes], status: int, code: str) -> bool:
    told, headers, body = answer
    problem = json.loads(body)
    return (
        (told, problem["status"], problem["code"]) == (status, status, code)
        and headers["content-type"] == "application/problem+json"
        and int(headers["content-length"]) == len(body)
    )


def test_nothing_listens_but_the_endpoint_and_sockets_of_this_user(proxy):
    process = psutil.Process(int((proxy.folder / "pid").read_text()))
    listening = [each.laddr.port for each in process.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
    assert set(listening) == {proxy.port}
    assert {stat.S_IMODE((proxy.folder / name).stat().st_mode) for name in ("p", "s")} == {0o600}


def test_a_head_that_never_ends_is_ended(proxy):
    began = monotonic()
    # HAProxy's own words: there is no request yet that a rule could answer
    assert proxy.answer(b"GET / HTTP/1.1\r\nHost: here\r\nX-Slow: ")[0] == 408
    assert monotonic() - began >= REQUEST_S


def test_a_body_that_never_comes_is_ended(proxy):
    head = b"POST /v1/plans HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{"
    assert is_problem(proxy.answer(head), 408, "request_too_slow")


def test_a_body_of_any_size_passes(proxy):
    body = b"x" * 3_000_000
    assert httpx.post(f"http://127.0.0.1:{proxy.port}/", content=body, trust_env=False).text == "3000000"


def test_a_stream_that_is_heard_of_lasts_longer_than_any_silence_may(proxy):
    assert max(SILENCE_S, REQUEST_S) < HEARD_OF * SILENCE_S / 2
    assert httpx.get(f"http://127.0.0.1:{proxy.port}/stream", timeout=30, trust_env=False).text == "." * HEARD_OF


def test_a_head_that_is_too_large_is_answered_as_everything_else_is(proxy):
    head = b"GET / HTTP/1.1\r\nHost: here\r\nX-Large: " + b"x" * 60_000 + b"\r\n\r\n"
    assert is_problem(proxy.answer(head), 431, "head_too_large")


def test_one_address_has_only_so_many_connections(proxy):
    open_ones = [proxy.call() for _ in range(MOST)]
    assert not is_up(proxy)
    for one in open_ones:
        one.close()
    until(lambda: is_up(proxy))


def test_a_server_that_is_gone_is_told_as_such(proxy):
    proxy.upstream.shutdown()
    proxy.upstream.server_close()
    answer = proxy.answer(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
    assert is_problem(answer, 503, "starting_anew")
    assert answer[1]["retry-after"] == "2"


def test_while_no_application_is_known_nothing_is_said_to_be_missing(proxy):
    parts = (proxy.folder / "haproxy.cfg").read_text().split("\nbackend ")
    (default,) = [part for part in parts if part.startswith("default_backend")]
    assert "deny deny_status 503" in default
    assert "404" not in default


def test_where_each_application_has_a_path_of_its_own_one_that_is_not_known_is_missing(tmp_path):
    variables = proxy_variables(tmp_path, connections_per_address=MOST, is_all_paths=False)
    config, program = tmp_path / "haproxy.cfg", tmp_path / "haproxy"
    config.write_text(f"defaults\nbackend default_backend\n    {UNKNOWN}\nbackend http_app\n")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    changes = {**os.environ, **variables, "DEBT_OPTIMIZER_HAPROXY": str(program)}
    subprocess.run([SCRIPT, "-f", str(config)], env=changes, check=True)
    assert UNKNOWN in config.read_text()
