"""The whole service on one machine: `up` starts it, `down` stops it, and neither touches what is not its own.

How the parts are kept running is in `serve/machine/run.py`.
"""

import os
import shutil
from importlib import import_module
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from data.channels.redis_connection import answers, place
from data.errors import OperatorError
from serve.machine.models.tiny import need_llm_environment
from serve.machine.ports import lock_of as lock_of_port
from serve.machine.ports import need_free
from serve.machine.private import close_own, database_files, folder_mark, private_folder, run_folder, state_folder
from serve.machine.processes import end, family, find
from serve.machine.run import Run, Say
from serve.machine.run_record import forget, read_record
from serve.settings import Settings

OFFLINE = "offline"
LONGEST_LOG_BYTES = 10_000_000
ONLY_OURS = 0o077  # the umask of everything that is started: nobody else reads what it writes


def up(settings: Settings, *, with_dashboard: bool, with_tiny_model: bool = False, say: Say) -> None:
    """Start everything, say where it answers, and keep it running until told to stop.

    With a tiny model, one is hosted beside the service and answers its tasks.

    Raises:
        OperatorError: it runs already, a port is taken, or a part does not start; everything is stopped again.
    """
    before = os.umask(ONLY_OURS)
    try:
        _up(settings, with_dashboard=with_dashboard, with_tiny_model=with_tiny_model, say=say)
    finally:
        os.umask(before)


def _up(settings: Settings, *, with_dashboard: bool, with_tiny_model: bool, say: Say) -> None:
    if with_tiny_model:
        need_llm_environment(settings)
    state_folder(settings.state_dir)
    for file in database_files(settings.database_url):
        close_own(file)
    # The lock decides, not the record: it goes with the process, however that ends.
    lock = lock_of(settings.state_dir)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise OperatorError(_runs_already(settings.state_dir)) from None
    with lock, _endpoint_port(settings.api_port):
        # Under the lock whatever is left belongs to a run that is over.
        end_leftovers(settings.state_dir, say)
        _need_endpoints(settings)
        _need_ports(settings, with_dashboard=with_dashboard)
        folder = private_folder(run_folder(settings.state_dir))
        _tidy(settings)
        Run(settings, with_dashboard=with_dashboard, with_tiny_model=with_tiny_model, say=say).until_stopped()
        # Not where a part has failed: Ray's logs, which say why, lie there.
        shutil.rmtree(folder, ignore_errors=True)


def down(settings: Settings, say: Say) -> bool:
    """Stop what `up` started, from another terminal; False where nothing ran."""
    record = read_record(settings.state_dir)
    supervisor = find(record.supervisor) if record else None
    if supervisor is not None:
        say(f"stopping DebtOptimizer (process {supervisor.pid})")
        # Long, because it drains the service and ends every part in turn.
        end([supervisor], grace_s=90)
    return end_leftovers(settings.state_dir, say) or supervisor is not None


def lock_of(state_dir: Path) -> FileLock:
    """The lock that one `up` holds on a state folder; the system lets go of it when that process ends, however."""
    return FileLock(state_dir / "lock")


def leftovers(state_dir: Path) -> list[psutil.Process]:
    """The living processes of a run of this state folder."""
    record = read_record(state_dir)
    return family(record.parts if record else [], folder_mark(state_dir))


def end_leftovers(state_dir: Path, say: Say) -> bool:
    """End what an earlier run left behind, if anything; True where there was something."""
    left = leftovers(state_dir)
    if left:
        count = "1 process" if len(left) == 1 else f"{len(left)} processes"
        say(f"an earlier run did not end properly; ending the {count} that it left")
        end(left, grace_s=10)
    forget(state_dir)
    return bool(left)


def need_model(settings: Settings) -> None:
    """Make sure that the model is set up.

    Raises:
        BadSetting: it is not, and why.
    """
    if settings.llm != OFFLINE:
        # loads for a second, which offline need not
        import_module("serve.composition.endpoints").model_source(settings)


def _tidy(settings: Settings) -> None:
    """Take away what earlier Rays left on disk, and begin long logs anew, keeping the one before."""
    for left in run_folder(settings.state_dir).iterdir():
        shutil.rmtree(left, ignore_errors=True)
    for log in settings.logs_dir.glob("*.log"):
        if log.stat().st_size > LONGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


def _need_endpoints(settings: Settings) -> None:
    """Make sure, before anything is started, that the model is set up and that a Redis of others answers.

    Raises:
        BadSetting: no model can be made of LLM and what belongs to it. OperatorError: Redis does not answer.
    """
    need_model(settings)
    if settings.redis_url and not answers(settings.redis_url):
        raise OperatorError(
            f"Redis at {place(settings.redis_url)} does not answer: start it, mend REDIS_URL, "
            "or leave REDIS_URL out and one is started for you"
        )


def _runs_already(state_dir: Path) -> str:
    record = read_record(state_dir)
    if record is None:
        return f"DebtOptimizer is just starting or stopping in {state_dir}: wait a moment, then try again"
    where = record.dashboard_url or record.api_url
    return (
        f"DebtOptimizer runs already (process {record.supervisor.pid}): open {where}, "
        "or stop it with `debt-optimizer down`"
    )


def _endpoint_port(port: int) -> FileLock:
    lock = lock_of_port(port)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise OperatorError(
            f"port {port}, which the HTTP endpoint needs, is taken by another DebtOptimizer: stop it, or "
            + _other_port("API_PORT", port)
        ) from None
    return lock


def _need_ports(settings: Settings, *, with_dashboard: bool) -> None:
    need_free(
        settings.api_host, settings.api_port, what="HTTP endpoint", mend=_other_port("API_PORT", settings.api_port)
    )
    if with_dashboard:
        port = settings.dashboard_port
        need_free("127.0.0.1", port, what="dashboard", mend=_other_port("DASHBOARD_PORT", port))


def _other_port(variable: str, port: int) -> str:
    return f"choose another with {variable}={port + 10} in the environment or in .env"
