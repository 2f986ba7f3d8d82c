"""Ends a process in order: when it is told to, and when whoever started it has gone.

Knows nothing of the rest of the product: the host of models, whose environment lacks it, uses it too.
"""

import os
import signal
import sys
from threading import Thread
from types import FrameType


def end_when_told() -> None:
    """Let SIGTERM and SIGINT raise SystemExit, once; called after Ray has started, which sets handlers of its own."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)


def end_when_alone() -> None:
    """End this process once its standard input closes: whoever started it holds the other end."""
    Thread(target=_leave_when_alone, daemon=True).start()


def _leave(number: int, frame: FrameType | None) -> None:
    # A second signal must not break into the clean-up.
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(0)


def _leave_when_alone() -> None:
    sys.stdin.read()
    # To the main thread, which alone can end Ray in order.
    os.kill(os.getpid(), signal.SIGTERM)
