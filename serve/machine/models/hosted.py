"""Language models beside a laptop's service: their host as a process of its own, in an environment of its own."""

import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from data.errors import OperatorError
from serve.machine.ports import free_block, free_port
from serve.machine.private import private_folder

FIRST_PORT, LAST_PORT, BLOCK = 30_000, 32_000, 20
REPLICAS = 12  # ports of the block for replicas
# Read as Ray is imported: HAProxy in front, and each request straight to the engine's own server.
DIRECT = {
    "RAY_SERVE_ENABLE_HA_PROXY": "1",
    "RAY_SERVE_LLM_ENABLE_DIRECT_STREAMING": "1",
    "RAY_SERVE_INGRESS_REQUEST_ROUTER_FORWARD_BODY": "1",  # adapters and beginnings are told by the body
    "RAY_USAGE_STATS_ENABLED": "0",
    "VLLM_NO_USAGE_STATS": "1",
}
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class HostedModels:
    """Models that answer on this machine: where, and what they ask for."""

    base_url: str  # with `{model}` for the model's name
    key: str
    process: subprocess.Popen[str]


@contextmanager
def hosted(models: Mapping[str, Path], folder: Path, python: Path) -> Generator[HostedModels]:
    """Tiny models by their kinds, from their folders, until the end of the block.

    Args:
        models: the folder of each kind's checkpoint.
        folder: where the host keeps its files; short, for it holds sockets.
        python: that of the environment with vLLM.

    Raises:
        OperatorError: they did not come up; the message names the log.
    """
    port, key = free_port(), token_urlsafe(24)
    asked = [f"{kind}={place}" for kind, place in models.items()]
    command = [python, "-m", "serve.machine.models.host", "--own", folder, "--port", str(port), "--tiny", *asked]
    log = folder / "models.log"
    with log.open("w") as written:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(folder, key),
            stdin=subprocess.PIPE,  # closes when this process goes, and the host with it
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        )
    try:
        assert process.stdout is not None
        # vLLM greets on standard output too.
        if not any(line.strip() == "ready" for line in process.stdout):
            raise OperatorError(f"the models did not come up; see {log}")
        yield HostedModels(f"http://127.0.0.1:{port}/{{model}}/v1", key, process)
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in filter(None, (process.stdin, process.stdout)):
            pipe.close()


def _environment(folder: Path, key: str) -> dict[str, str]:
    """That of the host: Ray's files and ports apart from those of any other Ray on this machine."""
    place, first = private_folder(folder / "h"), free_block(FIRST_PORT, LAST_PORT, BLOCK)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "DEBT_OPTIMIZER_"))}  # noqa: TID251 (handed on)
    return {
        **kept,
        **DIRECT,
        "PYTHONPATH": str(ROOT),
        "VLLM_API_KEY": key,
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(place / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(place),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(place / "state"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(place / "a"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(place / "m"),
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(first),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(first + REPLICAS),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(first + REPLICAS),
        "RAY_SERVE_FALLBACK_PROXY_GRPC_PORT": str(first + REPLICAS + 1),
        "RAY_SERVE_HAPROXY_STATS_PORT": str(first + REPLICAS + 2),
        "RAY_SERVE_HAPROXY_METRICS_PORT": str(first + REPLICAS + 3),
    }
