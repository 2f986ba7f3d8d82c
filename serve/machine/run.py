"""One run of the service on this machine: its parts started together, kept running, and stopped in order.

A part that ends, or stops answering, is started anew; one that keeps ending stops the run with a message that names its
log.
"""

import asyncio
import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from threading import Event
from time import monotonic
from types import FrameType
from uuid import uuid4

from data.errors import OperatorError
from serve.machine.models.tiny import tiny_checkpoint, tiny_model_part
from serve.machine.parts import ANYWHERE, Part, dashboard_part, redis_part, service_part
from serve.machine.private import folder_mark
from serve.machine.processes import KnownProcess, end, family, is_alive, known, last_words, marked
from serve.machine.records import key_file, prepare
from serve.machine.run_record import RunRecord, forget, write_record
from serve.settings import Settings

TICK_S = 0.1
CHECK_EVERY_S = 5.0
SLOWER_START = 3  # a start may take so many times as long as the first one
LEAST_START_S = 30.0
MOST_RESTARTS = 5  # in RESTARTS_WITHIN_S; then the run gives up
RESTARTS_WITHIN_S = 300.0
Say = Callable[[str], None]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Running:
    """A part that was started, and how it has fared."""

    part: Part
    process: "subprocess.Popen[bytes]"
    known: KnownProcess
    silent_checks: int = 0
    restarts: deque[float] = field(default_factory=lambda: deque[float](maxlen=MOST_RESTARTS))


class Run:
    """From the first part's start to the last one's end."""

    def __init__(self, settings: Settings, *, with_dashboard: bool, with_tiny_model: bool, say: Say) -> None:
        """Prepare; nothing is started yet."""
        self._settings = settings
        self._with_tiny_model = with_tiny_model
        self._model: dict[str, str] = {}
        self._with_dashboard = with_dashboard
        self._say = say
        self._mark = f"{folder_mark(settings.state_dir)}:{uuid4().hex[:8]}"
        self._running: dict[str, Running] = {}
        self._is_ready = False
        self._start_s = 0.0
        self._stopping = Event()
        host = ANYWHERE.get(settings.api_host, settings.api_host)
        self._api_url = f"http://{host}:{settings.api_port}"
        self._dashboard_url = f"http://127.0.0.1:{settings.dashboard_port}" if with_dashboard else None

    def until_stopped(self) -> None:
        """Start everything, keep it running until a signal, then stop everything.

        Raises:
            OperatorError: a part does not start or keeps ending; everything is stopped by then.
        """
        before = {number: signal.signal(number, self._told_to_stop) for number in SIGNALS}
        try:
            checkpoint = self._tiny_checkpoint()
            began = monotonic()
            if not self._stopping.is_set():
                self._start(checkpoint)
                self._wait_until_ready(began)
            if not self._stopping.is_set():
                self._start_s = max(SLOWER_START * (monotonic() - began), LEAST_START_S)
                self._greet(monotonic() - began)
                self._keep_running()
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()

    def _tiny_checkpoint(self) -> Path | None:
        if not self._with_tiny_model:
            return None
        return tiny_checkpoint(self._settings, self._mark, self._say, self._stopping)

    def _start(self, checkpoint: Path | None) -> None:
        """Everything at once, but what needs another's address after that one."""
        self._say("starting Redis, Ray and the dashboard" if self._with_dashboard else "starting Redis and Ray")
        changes = self._variables()
        if checkpoint is not None:
            part, self._model = tiny_model_part(self._settings, self._mark, checkpoint)
            self._begin(part)
            changes |= self._model
        # Redis first: the others are told its address.
        if not self._settings.redis_url:
            part, server = redis_part(self._settings)
            self._note(part, server.process)
            changes["REDIS_URL"] = server.url
        # Ray takes the longest, so it starts before the records are ready; it deploys once it is told to.
        self._begin(service_part(self._settings, self._mark, changes))
        api_key = asyncio.run(prepare(self._settings))
        _deploy(self._running["service"].process)
        if self._with_dashboard:
            for_dashboard = changes | {"API_URL": self._api_url, "API_KEY": api_key}
            self._begin(dashboard_part(self._settings, self._mark, for_dashboard))

    def _variables(self) -> dict[str, str]:
        """The settings that the parts must share, whatever their own environment says."""
        settings = self._settings
        return {
            "STATE_DIR": str(settings.state_dir),
            "DATABASE_URL": settings.database_url,
            "API_HOST": settings.api_host,
            "API_PORT": str(settings.api_port),
            "DASHBOARD_PORT": str(settings.dashboard_port),
            "LLM": settings.llm,
            **settings.batches_variables,
        }

    def _begin(self, part: Part) -> None:
        self._note(part, part.begin())

    def _note(self, part: Part, process: "subprocess.Popen[bytes]") -> None:
        self._running[part.name] = Running(part, process, known(part.name, process.pid))
        self._record()

    def _record(self) -> None:
        record = RunRecord(
            mark=self._mark,
            supervisor=known("supervisor", os.getpid()),
            api_url=self._api_url,
            dashboard_url=self._dashboard_url,
            parts=[running.known for running in self._running.values()],
            is_ready=self._is_ready,
            model=self._model,
        )
        write_record(self._settings.state_dir, record)

    def _wait_until_ready(self, began: float) -> None:
        waiting = dict(self._running)
        while waiting and not self._stopping.wait(TICK_S):
            for name, running in list(waiting.items()):
                if running.process.poll() is not None:
                    raise OperatorError(f"the {name} ended while it was starting{last_words(running.part.log)}")
                if running.part.is_ready():
                    del waiting[name]
                    self._say(f"  {name:<10} {monotonic() - began:5.1f} s")
            late = [name for name, running in waiting.items() if monotonic() - began > running.part.start_s]
            if late:
                part = waiting[late[0]].part
                names = " and the ".join(late)
                raise OperatorError(f"the {names} did not answer within {part.start_s:.0f} s; see {part.log}")
        self._is_ready = not waiting
        self._record()

    def _greet(self, took_s: float) -> None:
        self._say(f"\nDebtOptimizer is ready ({took_s:.0f} s).")
        if self._dashboard_url:
            self._say(f"  Dashboard      {self._dashboard_url}")
        self._say(f"  HTTP endpoint  {self._api_url}  (pages at {self._api_url}/docs)")
        self._say(f"  Its key        in {key_file(self._settings.state_dir)}")
        if self._model:
            self._say(
                f"  Model          {self._model['LLM']}, a tiny one: it calls the tools, and knows nothing of debts"
            )
        self._say("Ctrl-C stops it, as does `debt-optimizer down` in another terminal.")

    def _keep_running(self) -> None:
        next_check = monotonic() + CHECK_EVERY_S
        while not self._stopping.wait(TICK_S):
            is_check_due = monotonic() >= next_check
            for running in list(self._running.values()):
                if running.process.poll() is not None:
                    self._restart(running, f"the {running.part.name} ended by itself")
                elif (gone := running.part.look(running.process.pid)) is not None:
                    self._restart(running, gone)
                elif is_check_due and self._is_silent(running):
                    self._restart(running, f"the {running.part.name} does not answer")
            if is_check_due:
                next_check = monotonic() + CHECK_EVERY_S

    def _is_silent(self, running: Running) -> bool:
        running.silent_checks = 0 if running.part.is_alive() else running.silent_checks + 1
        return running.silent_checks >= running.part.silent_checks

    def _restart(self, running: Running, why: str) -> None:
        name, now = running.part.name, monotonic()
        if len(running.restarts) == MOST_RESTARTS and now - running.restarts[0] < RESTARTS_WITHIN_S:
            raise OperatorError(f"{why} again and again; it is not started any more{last_words(running.part.log)}")
        self._say(f"{why}; starting it anew")
        # At once, for it is past serving anybody; what it has started may still hold its port.
        self._end(running, grace_s=0)
        running.restarts.append(now)
        running.process = running.part.begin()
        running.known = known(name, running.process.pid)
        # Below 0: room for a slow start before silence counts.
        running.silent_checks = running.part.silent_checks - ceil(self._start_s / CHECK_EVERY_S)
        self._record()
        if name == "service":
            _deploy(running.process)

    def _stop(self) -> None:
        """The dashboard and the service first, for the service still asks models and writes to Redis as it drains."""
        if self._running:
            self._say("stopping")
        for name in ("dashboard", "service", "model", "redis"):
            if name in self._running:
                self._end(self._running[name], grace_s=self._running[name].part.grace_s)
        # Strays of this folder, whichever run they are of.
        end(marked(folder_mark(self._settings.state_dir)), grace_s=2)
        forget(self._settings.state_dir)

    def _end(self, running: Running, *, grace_s: float) -> None:
        """Ask the part to end in order; after `grace_s` end it and what it has left behind."""
        below = family([running.known], f"{self._mark}:{running.part.name}")
        end([process for process in below if process.pid == running.process.pid], grace_s=grace_s)
        # Collected, or it would stay as a zombie.
        running.process.wait()
        left = [process for process in below if is_alive(process)]
        end([*left, *marked(f"{self._mark}:{running.part.name}")], grace_s=min(grace_s, 2))


def _deploy(process: "subprocess.Popen[bytes]") -> None:
    """Tell the service that the records are ready."""
    if process.stdin is not None:
        try:
            process.stdin.write(b"records are ready\n")
            process.stdin.flush()
        except BrokenPipeError:
            return  # it has ended; the next look at it says so
