"""One run of an agent, as the worker hands it to the agents: what was asked, and the ways out.

Knows neither models nor queues: `agents/running/loop.py` is a RunAgent, `serve/tasks/worker.py` calls one.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from data.wire.event import EventType
from data.wire.task import NewTask
from data.wire.task_result import TaskResult

Emit = Callable[[EventType, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Step:
    """One finished step: a model's turn, a tool's call, or a switch to the next model; `content` is plain JSON."""

    kind: Literal["model", "tool", "switch"]
    name: str
    content: dict[str, Any]


@dataclass(frozen=True)
class AgentRun:
    """One attempt at a task.

    Attributes:
        checkpoint: what the last `save` of an earlier attempt kept; None at the very beginning.
        emit: sends an event to the readers; chunks are gathered on their way, in order.
        save: keeps the messages so far, and the steps finished since the last save.
        progress: percent (0 to 100) and stage, into the record and to the readers.
        traceparent: where in a trace the task was asked for; None outside of any.

    Each of the three raises LostClaim when this attempt has ended: let it pass.
    """

    task_id: str
    attempt: int
    request: NewTask
    checkpoint: bytes | None
    emit: Emit
    save: Callable[[bytes, list[Step]], Awaitable[None]]
    progress: Callable[[int, str], Awaitable[None]]
    traceparent: str | None = None


RunAgent = Callable[[AgentRun], Awaitable[TaskResult | dict[str, Any]]]
"""What runs an agent to its result; one of another make may give it as plain JSON."""
