"""A file of a batch as an answer: from disk, or from the store in pieces as its reader takes them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool
from typing_extensions import override

from serve.batches.files.bucket import BucketPath
from serve.batches.files.place import BatchPath, reading


async def stored_file(path: BatchPath, media_type: str, filename: str) -> FileResponse:
    """The file, under a name of its own.

    Raises:
        FileNotFoundError: the store has it not. FilesAway: the store does not answer.
    """
    if isinstance(path, Path):
        return FileResponse(path, media_type=media_type, filename=filename)
    told = await run_in_threadpool(path.stat)
    answer = _StoredFile(path.name, media_type=media_type, filename=filename, stat_result=told)
    answer.stored = path
    return answer


class _StoredFile(FileResponse):
    """A file response that reads from the store."""

    stored: BucketPath

    @asynccontextmanager
    @override
    async def _open_file(self) -> AsyncGenerator[Any]:
        file = await run_in_threadpool(reading, self.stored)
        yield anyio.wrap_file(file)
