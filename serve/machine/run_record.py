"""What a run of `up` leaves in the state folder, so that `down`, `status` and the next `up` recognise it."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from serve.machine.private import write_private
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
    model: dict[str, str] = field(default_factory=dict[str, str])  # settings of the one that this run hosts, if any

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
