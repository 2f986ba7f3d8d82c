"""A real Redis or Valkey without root: found, started, kept private, stopped."""

import shutil
import stat
from pathlib import Path

import psutil
import pytest
import redis

from data.channels.redis_connection import answers
from data.errors import OperatorError
from serve.machine import redis_server


def test_what_was_written_is_there_after_a_restart(tmp_path: Path):
    server = redis_server.start(tmp_path)
    with redis.Redis.from_url(server.url) as client:
        client.set("a", "1")
    server.stop()
    assert not answers(server.url)
    again = redis_server.start(tmp_path, int(server.address.split(":")[1]))
    with redis.Redis.from_url(server.url) as client:
        assert client.get("a") == b"1"
    again.stop()


def test_it_listens_only_here_and_asks_for_the_password(tmp_path: Path):
    server = redis_server.start(tmp_path)
    listening = [link.laddr.ip for link in psutil.Process(server.pid).net_connections() if link.status == "LISTEN"]
    assert listening == ["127.0.0.1"]
    assert not answers(f"redis://{server.address}/0")
    assert not answers(f"redis://:wrong@{server.address}/0")
    server.stop()


def test_the_password_is_in_no_process_list_and_readable_by_its_owner_only(tmp_path: Path):
    server = redis_server.start(tmp_path)
    password = (tmp_path / "redis" / "password").read_text()
    assert len(password) >= 32
    assert password not in " ".join(psutil.Process(server.pid).cmdline())
    assert password not in server.address
    for name in ("password", "redis.conf"):
        assert stat.S_IMODE((tmp_path / "redis" / name).stat().st_mode) == 0o600
    server.stop()


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path):
    server = redis_server.start(tmp_path / "first")
    with pytest.raises(OperatorError, match=r"did not start.*\d"):
        redis_server.start(tmp_path / "second", int(server.address.split(":")[1]))
    server.stop()


def test_a_server_on_the_path_comes_before_the_bundled_one(tmp_path: Path):
    bundled = redis_server.find_server(str(tmp_path))
    assert bundled is not None
    shutil.copy(bundled, tmp_path / "valkey-server")
    assert redis_server.find_server(str(tmp_path)) == tmp_path / "valkey-server"


def test_without_any_server_the_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(redis_server, "find_server", lambda: None)
    with pytest.raises(OperatorError, match="REDIS_URL"):
        redis_server.start(tmp_path)
