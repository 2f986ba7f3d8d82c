"""What the service's processes write about themselves: text for a terminal, or one JSON object a line.

No log holds a client's names, amounts or questions. An exception is told by its kind and its place: its message may
hold what a client has written.
"""

import logging
import traceback
from types import TracebackType

from pythonjsonlogger.json import JsonFormatter
from typing_extensions import override

from serve.settings import LogFormat

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
OURS = ("data", "agents", "serve")
FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s %(process)d"
NAMES = {"asctime": "time", "levelname": "level", "name": "logger"}


class _WithoutMessages(logging.Formatter):
    @override
    def formatException(self, ei: ExcInfo) -> str:
        return place_of(ei[1])


class _TextFormatter(_WithoutMessages):
    """A line for a terminal."""


class _JsonFormatter(_WithoutMessages, JsonFormatter):
    """An object a line."""


def place_of(error: BaseException | None) -> str:
    """Where an error happened, and its kind, without its message."""
    if error is None:
        return ""
    kinds = f"{type(error).__module__}.{type(error).__qualname__}"
    return f"{''.join(traceback.format_tb(error.__traceback__))}{kinds}"


def set_up_logs(level: str, log_format: LogFormat) -> None:
    """Write the logs of this process so from now on."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonFormatter(FIELDS, rename_fields=NAMES) if log_format == "json" else _TextFormatter(TEXT))
    # Of libraries warnings only: below, they tell what passes through them, addresses and statements' values too.
    logging.basicConfig(
        level=max(logging.getLevelNamesMapping()[level], logging.WARNING), handlers=[handler], force=True
    )
    for ours in OURS:
        logging.getLogger(ours).setLevel(level)
