"""Who hears a model's text where it is read, before the layers that keep it."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

Hear = Callable[[str], Awaitable[None]]
LISTENER: ContextVar[Hear | None] = ContextVar("listener", default=None)


@contextmanager
def listening(hear: Hear) -> Generator[None]:
    """Within it, whatever a model says is told as it is read, and once."""
    before = LISTENER.set(hear)
    try:
        yield
    finally:
        LISTENER.reset(before)
