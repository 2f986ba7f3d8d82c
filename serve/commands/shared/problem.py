"""How the command line says that something went wrong: one line, or a problem document; never a stack trace.

Whoever sits at the command line runs the service too, so an operator's error is told whole, unlike over HTTP.
"""

import json
import re
import sys
from contextlib import suppress
from errno import EDQUOT, EIO, ENOSPC
from traceback import format_exception
from types import TracebackType
from typing import Any
from uuid import uuid4

from data.errors import BadInput, DebtOptimizerError
from data.files.cells.text import visible_text
from data.wording.sentence import Sentence, as_it_is
from serve.http.problems import code_of, status_of
from serve.settings import Settings

SHOWN_FIELDS = 40


def tell(error: DebtOptimizerError | OSError, *, as_json: bool) -> None:
    """Say it: with `as_json` on standard output, else in one line on standard error."""
    # A full disk cannot take a document either: then one line on standard error.
    if as_json and not _is_full(error):
        with suppress(OSError):  # where standard output takes nothing, standard error may
            sys.stdout.write(json.dumps(problem(error), ensure_ascii=False) + "\n")
            sys.stdout.flush()
            return
    sys.stderr.write(sentence(error) + "\n")


def _is_full(error: DebtOptimizerError | OSError) -> bool:
    """True where it may be standard output itself that takes no more: what was written to it failed."""
    return isinstance(error, OSError) and error.errno in {ENOSPC, EIO, EDQUOT} and error.filename is None


def problem(error: DebtOptimizerError | OSError) -> dict[str, Any]:
    """The error as an RFC 9457 problem document."""
    if isinstance(error, OSError):
        return _document("Unreadable file", 422, as_it_is(sentence(error)))
    title = " ".join(re.findall(r"[A-Z][a-z]*", type(error).__name__)).capitalize()
    errors = error.details() if isinstance(error, BadInput) else []
    return _document(title, status_of(type(error)), error.said, errors)


def sentence(error: DebtOptimizerError | OSError) -> str:
    """The error in one line: what is wrong, with its fields, and what to do."""
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    line = error.message
    if isinstance(error, BadInput) and error.errors:
        fields = [f"{field.path}: {field.message}" if field.path else field.message for field in error.errors]
        fields = [field for field in fields if field not in line]
        rest = (
            [f"and {len(fields) - SHOWN_FIELDS} more, all of which --json names"] if len(fields) > SHOWN_FIELDS else []
        )
        line = "; ".join([line.rstrip("."), *fields[:SHOWN_FIELDS], *rest])
    return visible_text(" ".join(line.split()))  # a terminal obeys control characters


def tell_unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None, *, as_json: bool
) -> None:
    """An error nobody foresaw: one line that names the log in which the whole of it stands."""
    log = Settings.load().logs_dir / "command-line.log"
    for folder in (log.parents[1], log.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    log.touch(mode=0o600)
    trace_id = uuid4().hex
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{trace_id}\n" + "".join(format_exception(kind, error, trace)))
    detail = f"something went wrong on our side ({kind.__name__}); {log} tells the whole of it, under {trace_id}"
    if as_json:
        sys.stdout.write(json.dumps(_document("Internal error", 500, as_it_is(detail), trace_id=trace_id)) + "\n")
    else:
        sys.stderr.write(detail + "\n")


def _document(
    title: str, status: int, said: Sentence, errors: list[dict[str, Any]] | None = None, *, trace_id: str = ""
) -> dict[str, Any]:
    return {
        "type": f"urn:debt-optimizer:problem:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": str(said),
        **({} if errors else code_of(said)),
        "errors": errors or [],
        "trace_id": trace_id or uuid4().hex,
    }
