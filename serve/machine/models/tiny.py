"""The tiny Llama of `debt-optimizer up --llm tiny`: made once, and hosted beside the service as one of its parts."""

import shutil
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from threading import Event
from uuid import uuid4

from data.errors import OperatorError
from serve.machine.models.hosted import GRACE_S, ROOT, ModelHost, model_host
from serve.machine.own_ray.watch import RayWatch
from serve.machine.parts import Part
from serve.machine.private import private_folder, run_folder
from serve.machine.processes import end, find, known, last_words, start
from serve.settings import Settings

KIND = "llama"
MAKER = Path(__file__).with_name("tiny_model.py")
START_S = 600.0
SILENT_CHECKS = 60  # Ray replaces an engine that has died by itself, in less than a minute
TICK_S = 0.1


def need_llm_environment(settings: Settings) -> Path:
    """The Python of the environment with vLLM.

    Raises:
        OperatorError: there is none.
    """
    python = settings.llm_python or ROOT / ".venv-llm" / "bin" / "python"
    if not python.exists():
        raise OperatorError(
            f"--llm tiny needs vLLM in an environment of its own, and {python} is not there: "
            "`make setup-llm` makes it (4 GB), or name the Python of another in LLM_PYTHON"
        )
    return python.absolute()


def checkpoint_folder(state_dir: Path) -> Path:
    """Where the tiny model is kept; another version of its maker makes another one."""
    return state_dir / "models" / f"{KIND}-{sha256(MAKER.read_bytes()).hexdigest()[:12]}"


def tiny_checkpoint(settings: Settings, mark: str, say: Callable[[str], None], stopping: Event) -> Path | None:
    """The folder of the tiny model, made now if it never was; None where the run is told to stop meanwhile.

    Raises:
        OperatorError: it could not be made; the message names the log.
    """
    place = checkpoint_folder(settings.state_dir)
    if place.is_dir():
        return place
    say(f"making the tiny model, once, which takes some minutes (in {place.parent})")
    made, log = private_folder(place.parent) / f".{uuid4().hex[:8]}", settings.logs_dir / "models.log"
    command = [str(need_llm_environment(settings)), "-P", str(MAKER), KIND, str(made)]
    process = start(command, mark=f"{mark}:model", log=log, changes={})
    try:
        while process.poll() is None and not stopping.wait(TICK_S):
            pass
        if stopping.is_set():
            return None
        if process.returncode:
            raise OperatorError(f"the tiny model could not be made{last_words(log)}")
        return made.rename(place)
    finally:
        _end(process)
        shutil.rmtree(made, ignore_errors=True)


def tiny_model_part(settings: Settings, mark: str, checkpoint: Path) -> tuple[Part, dict[str, str]]:
    """The host of the tiny model, and the settings by which the service finds it."""
    folder, log = run_folder(settings.state_dir) / "m", settings.logs_dir / "models.log"
    host = model_host({KIND: checkpoint}, folder, need_llm_environment(settings))
    watch = RayWatch(folder / "h", log, f"{mark}:model", dict(host.variables))

    def begin() -> "subprocess.Popen[bytes]":
        # Sockets of an earlier Ray would be taken for this one's.
        shutil.rmtree(folder / "h", ignore_errors=True)
        return start(host.command, mark=f"{mark}:model", log=log, changes=host.variables, stdin=subprocess.PIPE)

    part = Part(
        "model",
        begin,
        host.is_ready,
        host.is_alive,
        log,
        grace_s=GRACE_S,
        look=watch.look,
        start_s=START_S,
        silent_checks=SILENT_CHECKS,
    )
    return part, _settings_of(host)


def _settings_of(host: ModelHost) -> dict[str, str]:
    return {"LLM": f"vllm:{KIND}", "VLLM_BASE_URL": host.base_url, "VLLM_API_KEY": host.key}


def _end(process: "subprocess.Popen[bytes]") -> None:
    found = find(known("models", process.pid))
    end([found] if found else [], grace_s=0)
    process.wait()
