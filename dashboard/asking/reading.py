"""What a reader has seen of a running task: events in, the text so far out, each event once.

The stored result, not this, is the final answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from data.wire.task_result import Json

FINAL = frozenset({"complete", "failed", "cancelled"})
LEAST_PATIENCE_S, MOST_PATIENCE_S = 0.3, 4.0


@dataclass
class ToolStep:
    """A tool that the agent called, and how that went (None while it runs)."""

    call_id: str
    name: str
    is_ok: bool | None = None


@dataclass
class TaskReading:
    """The state of one reader of one task.

    Attributes:
        last_id: the last event seen; the next read asks for what came after it.
        patience_s: how long to wait for an answer; grows while the service is slow.
        quiet_reads: reads in a row that brought nothing.
    """

    last_id: str | None = None
    text: str = ""
    steps: list[ToolStep] = field(default_factory=list[ToolStep])
    percent: int = 0
    stage: str = ""
    attempt: int = 0
    is_over: bool = False
    patience_s: float = LEAST_PATIENCE_S
    quiet_reads: int = 0

    def take(self, event: Json) -> None:
        """Take in one event; one that was seen before changes nothing."""
        event_id = str(event.get("id") or "")
        # After a reconnect events may come again.
        if event_id and self.last_id and _place(event_id) <= _place(self.last_id):
            return
        self.last_id = event_id or self.last_id
        handler = _HANDLERS.get(str(event.get("type")))
        if handler is not None:
            handler(self, event)
        self.is_over = self.is_over or event.get("type") in FINAL

    def answered(self, *, brought: int) -> None:
        """The service answered a read with so many events."""
        self.patience_s = LEAST_PATIENCE_S
        self.quiet_reads = 0 if brought else self.quiet_reads + 1

    def kept_waiting(self) -> None:
        """The service did not answer in time: wait longer next time."""
        self.patience_s = min(self.patience_s * 2, MOST_PATIENCE_S)
        self.quiet_reads += 1


def _place(event_id: str) -> tuple[int, int]:
    milliseconds, _, number = event_id.partition("-")
    return (int(milliseconds), int(number)) if milliseconds.isdigit() and number.isdigit() else (0, 0)


def _chunk(reading: TaskReading, event: Json) -> None:
    reading.text += str(event.get("text", ""))


def _reset(reading: TaskReading, event: Json) -> None:
    reading.text = str(event.get("text", ""))


def _restart(reading: TaskReading, event: Json) -> None:
    reading.text = ""
    reading.attempt = int(event.get("attempt", reading.attempt + 1))
    # A call that was under way when the attempt ended never gets its result.
    reading.steps = [step for step in reading.steps if step.is_ok is not None]


def _progress(reading: TaskReading, event: Json) -> None:
    reading.percent = int(event.get("percent", reading.percent))
    reading.stage = str(event.get("stage", reading.stage))


def _tool_call(reading: TaskReading, event: Json) -> None:
    reading.steps.append(ToolStep(str(event.get("call_id", "")), str(event.get("name", ""))))


def _tool_result(reading: TaskReading, event: Json) -> None:
    for step in reversed(reading.steps):
        if step.call_id == str(event.get("call_id", "")):
            step.is_ok = bool(event.get("ok", True))
            return


_HANDLERS = {
    "chunk": _chunk,
    "reset": _reset,
    "restart": _restart,
    "progress": _progress,
    "tool_call": _tool_call,
    "tool_result": _tool_result,
}
