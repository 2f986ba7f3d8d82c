"""A worker's side of one run, kept in lists: events, checkpoints, progress; it can die after any save."""

from typing import Any

from data.wire.agent_run import AgentRun, Step
from data.wire.event import EventType
from data.wire.task import NewTask


class Killed(BaseException):
    """The process dies here: nothing of ours may catch it."""


class Recorder:
    """What left a run, attempt after attempt."""

    def __init__(self, *, dies_after_saves: int | None = None) -> None:
        self.events: list[tuple[EventType, dict[str, Any]]] = []
        self.checkpoints: list[bytes] = []
        self.steps: list[Step] = []
        self.progress: list[tuple[int, str]] = []
        self.dies_after_saves = dies_after_saves

    def run(self, request: NewTask, checkpoint: bytes | None = None) -> AgentRun:
        return AgentRun(
            task_id="task",
            attempt=1 if checkpoint is None else 2,
            request=request,
            checkpoint=checkpoint,
            emit=self._emit,
            save=self._save,
            progress=self._progress,
        )

    def of(self, *types: EventType) -> list[dict[str, Any]]:
        return [payload for type_, payload in self.events if type_ in types]

    @property
    def text(self) -> str:
        """As a reader holds it, who drops it at a restart."""
        text = ""
        for type_, payload in self.events:
            text = "" if type_ is EventType.RESTART else text + payload["text"] if type_ is EventType.CHUNK else text
        return text

    async def _emit(self, type_: EventType, payload: dict[str, Any]) -> None:
        self.events.append((type_, payload))

    async def _save(self, checkpoint: bytes, steps: list[Step]) -> None:
        self.checkpoints.append(checkpoint)
        self.steps += steps
        if len(self.checkpoints) == self.dies_after_saves:
            raise Killed

    async def _progress(self, percent: int, stage: str) -> None:
        self.progress.append((percent, stage))


def task(portfolio: dict[str, Any] | None = None, **changes: Any) -> NewTask:
    return NewTask.model_validate({"type": "repayment_plan", "portfolio": portfolio, **changes})
