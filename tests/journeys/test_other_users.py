"""What another user of the same machine can list, read, write or connect to: nothing of ours without a key."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from serve.machine.private import run_folder
from tests.journeys.house import SHELL_TOKEN, Service

pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="only root can run a program as another user"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks for sockets where Linux shows them"),
]
NOBODY = 65534
# It knows every path and port: what it must not need to guess. It says what it got at.
PROBE = """
import json, os, socket, sys, urllib.error, urllib.request
told, got = json.load(sys.stdin), []

def attempt(what, act):
    try:
        act()
    except OSError:
        return
    got.append(what)

def connect(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)

for path in told["paths"]:
    attempt(f"list {path}", lambda: os.listdir(path))
    attempt(f"read {path}", lambda: open(path).close())
    attempt(f"write {path}", lambda: open(path, "a").close())
    attempt(f"put into {path}", lambda: open(path + "/theirs", "w").close())
    attempt(f"take away {path}", lambda: os.rename(path, path + ".theirs"))
    attempt(f"connect to {path}", lambda: connect(path))

for name in told["abstract"]:
    attempt(f"connect to {name}", lambda: connect(name))

answers = {}
for port in told["ports"]:
    for path in ("/", "/metrics", "/stats", "/v1/tasks"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=3) as answer:
                answers.setdefault(str(port), {})[path] = answer.status
        except urllib.error.HTTPError as error:
            answers.setdefault(str(port), {})[path] = error.code
        except Exception:
            pass
    with socket.create_connection(("127.0.0.1", port), timeout=3) as client:
        client.sendall(b"PING\\r\\n")
        try:
            if b"PONG" in client.recv(100):
                got.append(f"Redis at {port} without a password")
        except OSError:
            pass
print(json.dumps({"got": got, "answers": answers}))
"""


def as_nobody(told: dict) -> dict:
    python = shutil.which("python3", path="/usr/bin:/bin:/usr/local/bin")
    if python is None:
        pytest.skip("there is no Python that another user could run")
    done = subprocess.run(
        [python, "-c", PROBE],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=False,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        env={},
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def listeners(service: Service) -> dict[int, str]:
    """Every TCP port that something of ours listens on, and what; Ray's agent hides its environment."""
    below = psutil.Process(service.pid_of("service")).children(recursive=True)
    return {
        connection.laddr.port: process.cmdline()[0]
        for process in {*service.processes(), *below}
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }


@pytest.fixture
def in_the_open(service: Service):
    """The folders above the state folder open to everybody, so that only our own modes guard what is in it."""
    above = [folder for folder in service.state_dir.parents if folder.is_relative_to("/tmp") and folder != Path("/tmp")]
    before = {folder: folder.stat().st_mode for folder in above}
    for folder in above:
        folder.chmod(0o755)
    yield service
    for folder, mode in before.items():
        folder.chmod(mode)


def test_another_user_gets_at_nothing_of_ours(in_the_open):
    service = in_the_open
    folders = [service.state_dir, run_folder(service.state_dir)]
    paths = [path for folder in folders for path in [folder, *folder.rglob("*")]]
    assert [path.name for path in paths if path.name in ("ray_token", "debt-optimizer.db", "plasma_store")]
    sockets = {connection.laddr for process in service.processes() for connection in process.net_connections("unix")}
    abstract = [str(name) for name in sockets if str(name).startswith(("@", "\0"))]
    ports = listeners(service)
    assert [name for name in ports.values() if name.startswith("ray::RuntimeEnvAgent")]
    told = {"paths": [str(path) for path in paths], "abstract": abstract, "ports": sorted(ports)}
    found = as_nobody(told)
    assert found["got"] == []
    # the dashboard asks for no key: docs/security.md says so
    assert {int(port) for port, answers in found["answers"].items() if 200 in answers.values()} == {
        service.dashboard_port
    }


ASK_RAY = """
import sys
from ray._raylet import GcsClient
print(GcsClient(address=sys.argv[1]).internal_kv_keys(b"", b"session") is not None)
"""


@pytest.mark.parametrize("token", ["ours", "theirs", "none"])
def test_ray_answers_only_to_the_token_of_this_run(service: Service, token):
    (port,) = [port for port, name in listeners(service).items() if name.endswith("gcs_server")]
    ours = (service.state_dir / "ray_token").read_text()
    environment = {"HOME": "/nowhere", "RAY_AUTH_MODE": "disabled" if token == "none" else "token"}
    environment |= {"RAY_AUTH_TOKEN": ours if token == "ours" else SHELL_TOKEN}
    asked = subprocess.run(
        [sys.executable, "-c", ASK_RAY, f"127.0.0.1:{port}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert (asked.stdout == "True\n") == (token == "ours"), asked.stderr
    assert ("auth" in asked.stderr.lower()) == (token != "ours")
