"""What the process that reads a file does: the file on its standard input, the answer on its standard output.

It begins with what is asked, as one JSON argument. A hostile file may take all the memory and time that this process is
given: its parent only learns that it did. It ends with 0 after an answer, with `REFUSED` after a refusal as JSON.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from data.errors import BadInput, FieldError, InvalidPortfolio, UnreadableFile
from data.files.import_file import LEAST_PLAIN_BYTES, import_file, pieces_of, rejects_csv
from data.files.sheets.process_limits import allow_memory, limit_time
from data.wording.sentence import say, sentence_told

REFUSED = 3
KINDNESS = 10  # callers who ask for less go first


@dataclass(frozen=True)
class AskedOfFile:
    """What is asked of a file.

    Attributes:
        form: the answer whole, or every reject as CSV.
        most: how many rejects, and how many warnings, the answer lists.
        memory_mb, time_s: what the reading may take; the time is that of a processor.
    """

    file_name: str
    this_month: str
    form: Literal["json", "csv"] = "json"
    language: Literal["en", "zh"] = "en"
    most: int | None = None
    memory_mb: int = 1000
    time_s: int = 60

    def as_argument(self) -> str:
        """It as the process is given it."""
        return json.dumps(asdict(self))


def answered(content: bytes, asked: AskedOfFile) -> Iterator[bytes]:
    """The answer in pieces.

    Raises:
        UnreadableFile: the file is no table and no JSON. InvalidPortfolio: it is JSON with fields to mend.
    """
    answer = import_file(content, asked.file_name, asked.this_month)
    return pieces_of(answer, most=asked.most) if asked.form == "json" else rejects_csv(answer, asked.language)


def main(argument: str) -> None:
    """Read standard input, write the answer, and end."""
    asked = AskedOfFile(**json.loads(argument))
    if hasattr(os, "nice"):
        os.nice(KINDNESS)
    held = [sys.stdin.buffer.read()]
    # Loaded before memory is bounded: what libraries set aside for themselves is not the file's.
    if len(held[0]) >= LEAST_PLAIN_BYTES:
        import data.files.plain.plain_import  # noqa: F401, PLC0415 # pyright: ignore[reportUnusedImport]
        from data.files.plain.arrow import begin  # noqa: PLC0415

        begin()
    allow_memory(asked.memory_mb)
    limit_time(asked.time_s)
    # Only whoever reads it holds it: where memory is short it goes.
    sys.exit(_answered(held.pop(), asked))


def _answered(content: bytes, asked: AskedOfFile) -> int:
    out = sys.stdout.buffer
    try:
        out.writelines(answered(content, asked))
    except BadInput as error:
        return _refused(error)
    # Written in C, libraries may fail there without saying why.
    except (MemoryError, SystemError):
        # Nothing of what filled the memory is needed any more; what is under way goes with this block's end.
        del content
    else:
        out.flush()
        return 0
    return _refused(UnreadableFile(say("import_too_large", megabytes=asked.memory_mb)))


def _refused(error: BadInput) -> int:
    told = {
        "is_portfolio": isinstance(error, InvalidPortfolio),
        "code": error.said.code,
        "params": error.said.params,
        "message": error.message,
        "errors": error.details(),
    }
    # Pieces of an answer may have been written before.
    sys.stdout.buffer.flush()
    sys.stdout.buffer.seek(0)
    sys.stdout.buffer.truncate()
    sys.stdout.buffer.write(json.dumps(told).encode())
    sys.stdout.buffer.flush()
    return REFUSED


def refusal_told(told: bytes) -> BadInput:
    """The refusal that such a process wrote."""
    value = json.loads(told)
    errors = [
        FieldError(entry["path"], sentence_told(entry["code"], entry["params"], entry["message"]), entry["value"])
        for entry in value["errors"]
    ]
    kind = InvalidPortfolio if value["is_portfolio"] else UnreadableFile
    return kind(sentence_told(value["code"], value["params"], value["message"]), errors)
