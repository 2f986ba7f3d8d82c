"""Keeps Ray's head running on its machine: `ray start` with the words given, and again whenever it has ended.

`python -m serve.machine.cluster.keeper ray start --head …` returns once Ray runs, or says why it does not; `--stop`
ends it. Ray's autoscaler replaces other machines, and nobody the head: its metadata server ends when it is killed, and
when its Redis is away for longer than some seconds. Knows of Ray's Redis what RAY_REDIS_URL says, and nothing of Serve.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import unquote, urlsplit

import psutil

from data.errors import BadSetting, DebtOptimizerError, OperatorError
from serve.machine.private import folder_mark
from serve.machine.processes import GONE, end, marked, start
from serve.settings import Settings

KEEP, STOP = "--keep", "--stop"
LOG = Path.home() / ".ray" / "head.log"
MARK = f"ray-head-{folder_mark(LOG.parent)}"
STARTED = "Ray runtime started."
START_S = 120.0  # it waits some 20 s for its Redis
GRACE_S = 10.0
LOOK_S = 0.2
AGAIN_S = 1.0
REDIS_PORT = 6379


def main(words: Sequence[str]) -> None:
    """Begin, stop, or (as the process that stays) keep."""
    if words[:1] == [KEEP]:
        keep(words[1:])
    elif words == [STOP]:
        stop()
    else:
        settings = Settings.load()
        begin(words, *redis_words(settings.ray_redis_url, settings.redis_url))


def begin(command: Sequence[str], variables: dict[str, str], more: Sequence[str]) -> None:
    """Start what keeps Ray running, in place of what did so before, and wait until Ray runs.

    Raises:
        OperatorError: Ray does not start, with the end of what it says.
    """
    stop()
    LOG.parent.mkdir(mode=0o700, exist_ok=True)
    LOG.write_bytes(b"")
    kept = [sys.executable, "-m", "serve.machine.cluster.keeper", KEEP, *command, *more]
    keeper = start(kept, mark=MARK, log=LOG, changes=variables)
    ends = monotonic() + START_S
    while STARTED not in _said():
        if keeper.poll() is not None or monotonic() > ends:
            stop()
            raise OperatorError(f"Ray does not start: {_said()[-1500:].strip()} (the whole log: {LOG})")
        sleep(LOOK_S)


def stop() -> None:
    """End Ray's head here and what keeps it."""
    # The keeper first, or it would start Ray again.
    end([one for one in marked(MARK) if _keeps(one)], grace_s=0)
    end(marked(MARK), grace_s=GRACE_S)


def keep(command: Sequence[str]) -> None:
    """Run it for ever, or until it cannot even begin; what it leaves behind when it ends is ended too."""
    while True:
        code = subprocess.run([*command, "--block"], check=False).returncode
        if STARTED not in _said():
            raise SystemExit(1)
        end(marked(MARK), grace_s=GRACE_S)
        sys.stdout.write(f"Ray has ended ({code}) and is started again\n")
        sys.stdout.flush()
        sleep(AGAIN_S)


def redis_words(url: str | None, queue_url: str | None) -> tuple[dict[str, str], list[str]]:
    """What `ray start` must be told of its Redis: variables and words; nothing where it has none.

    Raises:
        BadSetting: the queue lies in the same database of it: Ray always takes the first, 0.
    """
    if not url:
        return {}, []
    parts, queue = urlsplit(url), urlsplit(queue_url or "")
    address = f"{parts.hostname}:{parts.port or REDIS_PORT}"
    if address == f"{queue.hostname}:{queue.port or REDIS_PORT}" and queue.path.strip("/") in ("", "0"):
        raise BadSetting(
            f"Ray keeps its head's state in database 0 of {address}, where REDIS_URL has the queue: "
            "end REDIS_URL in /1, or name a Redis of Ray's own in RAY_REDIS_URL"
        )
    scheme = "rediss://" if parts.scheme == "rediss" else ""
    given = {"--redis-username": parts.username, "--redis-password": parts.password}
    words = [f"{name}={unquote(value)}" for name, value in given.items() if value]
    return {"RAY_REDIS_ADDRESS": f"{scheme}{address}"}, words


def _keeps(process: psutil.Process) -> bool:
    try:
        return KEEP in process.cmdline()
    except GONE:
        return False


def _said() -> str:
    return LOG.read_text(errors="replace") if LOG.exists() else ""


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except DebtOptimizerError as error:
        raise SystemExit(error.message) from None
