"""Language models beside a laptop's service: their host as a process of its own, in an environment of its own."""

import json
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from secrets import token_urlsafe
from time import monotonic, sleep
from uuid import uuid4

from data.errors import OperatorError
from serve.machine.own_ray.closed import closed_variables
from serve.machine.own_ray.proxy import PortRange, proxy_variables
from serve.machine.parts import is_ok
from serve.machine.ports import free_port
from serve.machine.private import private_folder
from serve.machine.processes import end, find, known, last_words, marked, start

HOST = "127.0.0.1"
PORTS = PortRange(30_000, 32_000, replicas=16)
CONNECTIONS = 2000
ANSWER_S = 20.0  # one word of a tiny model takes its time on a machine that is busy
GRACE_S = 30.0
TICK_S = 0.2
# Read as Ray is imported: HAProxy in front, and each request straight to the engine's own server.
DIRECT = {
    "RAY_SERVE_ENABLE_HA_PROXY": "1",
    "RAY_SERVE_LLM_ENABLE_DIRECT_STREAMING": "1",
    "RAY_SERVE_INGRESS_REQUEST_ROUTER_FORWARD_BODY": "1",  # adapters and beginnings are told by the body
    "VLLM_NO_USAGE_STATS": "1",
}
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class ModelHost:
    """Models of one's own on this machine: how their host is started, where they answer, and what they ask for."""

    kinds: tuple[str, ...]
    port: int
    key: str = field(repr=False)
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(repr=False)

    @property
    def base_url(self) -> str:
        """Where they answer, with `{model}` for the model's name."""
        return f"http://{HOST}:{self.port}/{{model}}/v1"

    def is_ready(self) -> bool:
        """Ask each for one word: their lists and their health are told before a request finds its way to them."""
        return self.is_alive() and all(self._says_a_word(kind) for kind in self.kinds)

    def is_alive(self) -> bool:
        """Ask each whether its engine lives, which costs it nothing."""
        return all(is_ok(HOST, self.port, f"/{kind}/health") for kind in self.kinds)

    def _says_a_word(self, kind: str) -> bool:
        asked = {"model": kind, "max_tokens": 1, "messages": [{"role": "user", "content": "Which debt first?"}]}
        connection = HTTPConnection(HOST, self.port, timeout=ANSWER_S)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", f"/{kind}/v1/chat/completions", json.dumps(asked), headers)
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def model_host(models: Mapping[str, Path], folder: Path, python: Path) -> ModelHost:
    """What hosts tiny models by their kinds, from their folders; nothing is started yet.

    Args:
        models: the folder of each kind's checkpoint.
        folder: where the host keeps its files; short, for it holds sockets.
        python: that of the environment with vLLM.
    """
    port, key = free_port(), token_urlsafe(24)
    asked = [f"{kind}={place}" for kind, place in models.items()]
    # -P: modules of the folder it is started in must not stand in for ours.
    command = [str(python), "-P", "-m", "serve.machine.models.host", "--own", str(folder), "--port", str(port)]
    return ModelHost(tuple(models), port, key, (*command, "--tiny", *asked), _variables(private_folder(folder), key))


@dataclass(frozen=True)
class HostedModels:
    """Models that answer on this machine."""

    host: ModelHost
    process: "subprocess.Popen[bytes]"

    @property
    def base_url(self) -> str:
        """Where they answer, with `{model}` for the model's name."""
        return self.host.base_url

    @property
    def key(self) -> str:
        """What they ask for."""
        return self.host.key


@contextmanager
def hosted(
    models: Mapping[str, Path], folder: Path, python: Path, *, within_s: float = 600.0
) -> Generator[HostedModels]:
    """Tiny models by their kinds, from their folders, until the end of the block.

    Args:
        models: the folder of each kind's checkpoint.
        folder: where the host keeps its files; short, for it holds sockets.
        python: that of the environment with vLLM.
        within_s: so long they may take until they answer.

    Raises:
        OperatorError: they did not come up; the message names the log.
    """
    host, log, mark = model_host(models, folder, python), folder / "models.log", f"models:{uuid4().hex[:8]}"
    # Its standard input closes when this process goes, and the host goes with it.
    process = start(host.command, mark=mark, log=log, changes=host.variables, stdin=subprocess.PIPE)
    try:
        _wait(host, process, log, within_s)
        yield HostedModels(host, process)
    finally:
        found = find(known("models", process.pid))
        end([found] if found else [], grace_s=GRACE_S)
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
        # What a host that had to be killed has left behind.
        end(marked(mark), grace_s=2)


def _wait(host: ModelHost, process: "subprocess.Popen[bytes]", log: Path, within_s: float) -> None:
    deadline = monotonic() + within_s
    while not host.is_ready():
        if process.poll() is not None:
            raise OperatorError(f"the models' host ended while it was starting{last_words(log)}")
        if monotonic() > deadline:
            raise OperatorError(f"the models did not answer within {within_s:.0f} s{last_words(log)}")
        sleep(TICK_S)


def _variables(folder: Path, key: str) -> dict[str, str]:
    """What the host is told: Ray's files, ports and token apart from those of any other Ray on this machine."""
    proxy = proxy_variables(folder, connections_per_address=CONNECTIONS, ports=PORTS, is_all_paths=False)
    if not proxy:
        raise OperatorError("models are hosted behind HAProxy, which Ray brings for Linux only")
    return {
        **closed_variables(folder),
        **proxy,
        **DIRECT,
        "PYTHONPATH": str(ROOT),
        "VLLM_API_KEY": key,
    }
