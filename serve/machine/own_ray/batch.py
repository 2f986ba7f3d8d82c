"""A Ray of the command line's own, for as long as one batch runs."""

import logging
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from secrets import token_hex

import ray

from serve.machine.own_ray.node import few_processes
from serve.machine.private import short_folder

OBJECT_STORE_BYTES = 100_000_000


@contextmanager
def ray_at_hand() -> Generator[None]:
    """Ray for as long as a batch runs: the one there is, or one of this process's own, which nobody else can reach."""
    if ray.is_initialized():
        yield
        return
    with _token_of_ours(), tempfile.TemporaryDirectory(prefix="do-", dir=short_folder()) as folder, few_processes():
        ray.init(
            # Local: a Ray that happens to run on this machine is somebody else's.
            address="local",
            include_dashboard=False,
            object_store_memory=OBJECT_STORE_BYTES,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _node_ip_address="127.0.0.1",
            # Ray opens the folder that it makes; the one around it is closed.
            _temp_dir=str(Path(folder) / "r"),
        )
        try:
            yield
        finally:
            ray.shutdown()


@contextmanager
def _token_of_ours() -> Generator[None]:
    """A token of this process's own; without one Ray would write its own into the home folder, for all to read."""
    before = os.environ.get("RAY_AUTH_TOKEN")  # noqa: TID251 (where Ray looks for it)
    os.environ["RAY_AUTH_TOKEN"] = _token()  # noqa: TID251
    try:
        yield
    finally:
        if before is None:
            del os.environ["RAY_AUTH_TOKEN"]  # noqa: TID251
        else:
            os.environ["RAY_AUTH_TOKEN"] = before  # noqa: TID251


@cache
def _token() -> str:
    """One for as long as this process lives: Ray reads it once."""
    return token_hex(32)
