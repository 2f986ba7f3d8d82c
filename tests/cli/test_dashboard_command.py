"""The dashboard alone, as it is started beside a cluster."""

import os
import subprocess

from serve.machine.parts import is_ok
from serve.machine.ports import free_port
from tests.journeys.house import COMMAND, until


def test_the_dashboard_is_shown_alone_and_ends_when_told():
    port = free_port()
    environment = {**os.environ, "API_URL": "http://127.0.0.1:9", "API_KEY": "do_x"}
    shown = subprocess.Popen([COMMAND, "dashboard", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL)
    try:
        until(lambda: shown.poll() is not None or is_ok("127.0.0.1", port, "/_stcore/health"), within_s=100)
        assert shown.poll() is None
        shown.terminate()
        shown.wait(60)
    finally:
        shown.kill()
    assert not is_ok("127.0.0.1", port, "/_stcore/health")
