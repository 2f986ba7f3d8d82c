"""Reading a file in a process of its own, with little memory, bounded time, and below everybody else's questions.

The file and its answer pass through files without a name: nothing of a client's stays on the disk, however it ends.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool

from data.errors import UnreadableFile
from data.files.import_process import REFUSED, AskedOfFile, refusal_told
from data.wording.sentence import say

CHILD = "import sys; from data.files.import_process import main; main(sys.argv[1])"
ROOT = Path(__file__).resolve().parents[3]
OUT_OF_TIME = -24  # ended by SIGXCPU
CLOCKS = 4  # on a busy machine processor time is long in coming
PIECE_BYTES = 1 << 18


async def read_apart(file: IO[bytes], asked: AskedOfFile) -> IO[bytes]:
    """The answer to an import as a file, read from its beginning on.

    Raises:
        UnreadableFile: it is no table, or takes too much memory or time. InvalidPortfolio: it is JSON to mend.
        RuntimeError: the process ended otherwise.
    """
    with ExitStack() as undo:
        answer: IO[bytes] = undo.enter_context(await run_in_threadpool(tempfile.TemporaryFile))
        status = await _status(file, answer, asked)
        await run_in_threadpool(answer.seek, 0)
        if status == REFUSED:
            raise refusal_told(await run_in_threadpool(answer.read))
        _refuse_too_much(status, asked)
        if status:
            raise RuntimeError(f"the process that reads a file ended with {status}")
        undo.pop_all()
    return answer


def _refuse_too_much(status: int | None, asked: AskedOfFile) -> None:
    if status is None or status == OUT_OF_TIME:
        raise UnreadableFile(say("import_too_slow", seconds=asked.time_s))
    # Libraries end their process where no memory is left, and so does the system.
    if status < 0:
        raise UnreadableFile(say("import_too_large", megabytes=asked.memory_mb))


async def _status(file: IO[bytes], answer: IO[bytes], asked: AskedOfFile) -> int | None:
    """How the process ended; None where it had to be ended."""
    await run_in_threadpool(file.seek, 0)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CHILD,
        asked.as_argument(),
        cwd=ROOT,
        stdin=file,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        # A group of its own: the process that parses an Excel file ends with it.
        start_new_session=True,
    )
    try:
        return await asyncio.wait_for(process.wait(), asked.time_s * CLOCKS)
    except TimeoutError:
        return None
    finally:
        # Also where the caller has left.
        if process.returncode is None:
            _end(process)
            await process.wait()


def _end(process: asyncio.subprocess.Process) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError):  # Windows knows no groups
        process.kill()


async def pieces(answer: IO[bytes]) -> AsyncGenerator[bytes]:
    """The answer piece by piece; it is closed at the end."""
    with answer:
        while piece := await run_in_threadpool(answer.read, PIECE_BYTES):
            yield piece
