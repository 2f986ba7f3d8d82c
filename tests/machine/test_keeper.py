"""Ray's head is kept running: begun once, started again whenever it has ended, and ended with all that it left."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from data.errors import BadSetting
from serve.machine.cluster.keeper import redis_words
from tests.journeys.house import until

# As `ray start --block` does: says that it runs, leaves a process behind, and stays.
RAY = """\
#!/bin/sh
echo "$$ $* at $RAY_REDIS_ADDRESS" >>"$HOME/starts"
[ -e "$HOME/broken" ] && { echo "no Redis answers"; exit 1; }
sleep 1000 &
echo $! >>"$HOME/left"
echo "Ray runtime started."
wait
"""


class Machine:
    """A home with such a Ray."""

    def __init__(self, home: Path) -> None:
        self.home, self.ray = home, home / "ray"
        self.ray.write_text(RAY)
        self.ray.chmod(0o700)

    def keeper(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "serve.machine.cluster.keeper", *words]
        # Files in place of pipes, which what stays behind would hold open.
        with (self.home / "said").open("w+") as said:
            environment = {**os.environ, "HOME": str(self.home), "REDIS_URL": "", **settings}
            done = subprocess.run(command, stdout=said, stderr=said, env=environment, cwd=self.home, timeout=150)
            said.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, said.read())

    @property
    def starts(self) -> list[str]:
        return (self.home / "starts").read_text().splitlines()

    @property
    def left(self) -> list[int]:
        pids = [int(line) for line in (self.home / "left").read_text().split()]
        return [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def machine(tmp_path: Path):
    machine = Machine(tmp_path)
    yield machine
    machine.keeper("--stop")


def test_a_head_that_ends_is_started_again_without_what_it_left(machine: Machine):
    begun = machine.keeper(str(machine.ray), "start", "--head", RAY_REDIS_URL="redis://:a%40b@somewhere/0")
    assert begun.returncode == 0, begun.stdout
    (first,) = machine.starts
    assert first.partition(" ")[2] == "start --head --redis-password=a@b --block at somewhere:6379"
    assert len(machine.left) == 1
    psutil.Process(int(first.split()[0])).kill()
    until(lambda: len(machine.starts) == 2 and len(machine.left) == 1)
    # Begun anew it takes the place of the one before.
    assert machine.keeper(str(machine.ray), "start", "--head").returncode == 0
    assert len(machine.starts) == 3
    assert len(machine.left) == 1
    machine.keeper("--stop")
    assert machine.left == []


def test_a_head_that_cannot_begin_says_why(machine: Machine):
    (machine.home / "broken").touch()
    told = machine.keeper(str(machine.ray), "start", "--head")
    assert told.returncode == 1
    assert "no Redis answers" in told.stdout
    assert len(machine.starts) == 1


def test_a_head_that_ran_once_waits_for_its_redis(machine: Machine):
    machine.keeper(str(machine.ray), "start", "--head")
    (machine.home / "broken").touch()
    psutil.Process(int(machine.starts[0].split()[0])).kill()
    until(lambda: len(machine.starts) >= 3)
    (machine.home / "broken").unlink()
    until(lambda: len((machine.home / "left").read_text().split()) == 2)


def test_ray_and_the_queue_have_databases_of_their_own():
    with pytest.raises(BadSetting, match="/1"):
        redis_words("redis://:secret@host:6379", "redis://:secret@host")
    with pytest.raises(BadSetting):
        redis_words("redis://host/0", "redis://host:6379/0")
    assert redis_words("redis://host", "redis://host/1") == ({"RAY_REDIS_ADDRESS": "host:6379"}, [])
    assert redis_words("rediss://u:p@host:7000", "redis://host") == (
        {"RAY_REDIS_ADDRESS": "rediss://host:7000"},
        ["--redis-username=u", "--redis-password=p"],
    )
    assert redis_words(None, "redis://host") == ({}, [])
