"""One service for all journeys, on ports and a folder of its own; each test leaves it running, whatever it kills."""

import signal
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from tests.journeys.house import Service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("house") / "state")
    service.up()
    try:
        yield service
    finally:
        service.down()
        for process in service.processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
