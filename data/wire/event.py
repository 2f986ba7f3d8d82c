"""What a reader of a task sees while it runs: one vocabulary for SSE, WebSocket and the dashboard.

How events travel is in `data/channels/token_stream/stream.py`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from data.wording.described import Described


class EventType(StrEnum):
    """The kinds of event; the payload of each stands beside it."""

    MESSAGE = "message"  # {content}: a user's
    THINKING = "thinking"  # {}
    TYPING = "typing"  # {on}
    TOOL_CALL = "tool_call"  # {call_id, name, arguments}
    TOOL_RESULT = "tool_result"  # {call_id, name, ok, summary}
    CHUNK = "chunk"  # {text}
    PROGRESS = "progress"  # {percent, stage}
    RESTART = "restart"  # {attempt}: drop the partial text
    COMPLETE = "complete"  # {result}
    FAILED = "failed"  # {error}
    CANCELLED = "cancelled"  # {}
    RESET = "reset"  # {text}: what was asked for has been trimmed; the text so far


FINAL = frozenset({EventType.COMPLETE, EventType.FAILED, EventType.CANCELLED})


class NewEvent(Described, BaseModel):
    """An event as its writer knows it: the stream gives it its id.

    Attributes:
        type: the kind of event.
        task_id: the id of the task or batch.
        attempt: the attempt that it is of.
        at: when it was made, in UTC.
        payload: what else it tells, by its kind.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: EventType
    task_id: str
    attempt: int
    at: datetime
    payload: dict[str, Any] = {}


class Event(NewEvent):
    """An event with its place in the stream, `id`, which a reader sends back to resume after it.

    Attributes:
        id: its place in the stream, which a reader sends back to go on after it.
    """

    id: str

    def wire(self) -> dict[str, Any]:
        """The event as one flat JSON object: id, type, task_id, attempt, at, and its payload's fields."""
        head = {"id": self.id, "type": self.type.value, "task_id": self.task_id, "attempt": self.attempt}
        return {**head, "at": self.at.isoformat().replace("+00:00", "Z"), **self.payload}
