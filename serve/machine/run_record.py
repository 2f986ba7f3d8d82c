"""What a run of `up` leaves in the state folder, so that `down`, `status` and the next `up` recognise it."""

import json
import os
import stat
import tempfile
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from data.errors import OperatorError
from serve.machine.processes import KnownProcess, find


@dataclass(frozen=True)
class RunRecord:
    """One run: its mark, who supervises it, the parts it started, and where they answer."""

    mark: str
    supervisor: KnownProcess
    api_url: str
    dashboard_url: str | None
    parts: list[KnownProcess] = field(default_factory=list[KnownProcess])
    is_ready: bool = False

    @property
    def is_supervised(self) -> bool:
        """True while the `up` that wrote this is alive."""
        return find(self.supervisor) is not None


def record_file(state_dir: Path) -> Path:
    """Where the record of the last run stands."""
    return state_dir / "run.json"


def write_record(state_dir: Path, record: RunRecord) -> None:
    """Replace the record, at once and whole."""
    write_private(record_file(state_dir), json.dumps(asdict(record), indent=1))


def read_record(state_dir: Path) -> RunRecord | None:
    """The record of the last run; None where it was stopped properly or there was none."""
    try:
        fields = json.loads(record_file(state_dir).read_text("utf-8"))
        supervisor, parts = (
            KnownProcess(**fields.pop("supervisor")),
            [KnownProcess(**part) for part in fields.pop("parts")],
        )
        return RunRecord(supervisor=supervisor, parts=parts, **fields)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def forget(state_dir: Path) -> None:
    """Take the record away: nothing of that run is left."""
    record_file(state_dir).unlink(missing_ok=True)


def write_private(file: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    # mkstemp makes the file private from the start.
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as output:
        output.write(text)
    Path(name).replace(file)


def private_folder(folder: Path) -> Path:
    """The folder, made if need be, that only this user may enter.

    Raises:
        OperatorError: it cannot be made, or belongs to somebody else.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # `lstat`: a link that somebody else has put there is not our folder.
        found = folder.lstat()
    except OSError as error:
        raise OperatorError(f"{folder} cannot be made ({error.strerror}): set STATE_DIR to a folder of yours") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise OperatorError(f"{folder} belongs to somebody else: remove it, or set STATE_DIR to another folder")
    return folder


def folder_mark(state_dir: Path) -> str:
    """The mark of every process that belongs to this state folder, whichever run started it."""
    return sha256(str(state_dir).encode()).hexdigest()[:12]


def ray_folder(state_dir: Path) -> Path:
    """Where Ray keeps its sockets and logs: a short path, because a socket's may have 107 characters at most."""
    short = Path("/tmp") if Path("/tmp").is_dir() else Path(tempfile.gettempdir())
    return short / f"debt-optimizer-{os.getuid()}-{folder_mark(state_dir)}"
