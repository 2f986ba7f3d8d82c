"""A CSV on its way to disk or to a store: a raw body or a form, written as it arrives, whole or not at all."""

import errno
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from data.errors import BadInput, FieldError
from data.wording.sentence import say
from serve.batches.files.bucket import BucketPath, BucketUpload
from serve.batches.files.place import BatchPath
from serve.http.problems import Refusal

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
MAX_NAME = 200
MAX_FIELD_BYTES = 10_000
MAX_FIELDS = 20
FILE_NAME_STAR = re.compile(r"""filename\*=(?:utf-8|UTF-8)''([^;\s"]+)""")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
SENT_BYTES = 1 << 20

Settle = Callable[[], Awaitable[None]]
"""Waits until what was written is on its way."""


@dataclass
class Upload:
    """What arrived: the file's name as the sender has it, its size, and the form's other fields."""

    file_name: str = ""
    size: int = 0
    fields: dict[str, str] = field(default_factory=dict[str, str])


class Sink(Protocol):
    """Where the bytes of a file go as they arrive."""

    def write(self, data: bytes | memoryview, /) -> int:
        """Take some bytes."""
        ...


async def receive(request: Request, target: BatchPath) -> Upload:
    """Write the file of the request's body to `target`, safe when this returns; on an error nothing stays.

    Raises:
        Refusal: 507 when the disk is full, 413 from the request itself when the body is over its limit.
        BadInput: no file, more than one, or no form that can be read. FilesAway: the store does not answer.
    """
    if isinstance(target, Path):
        upload = await _to_disk(request, target)
    else:
        upload = await _to_store(request, target)
    if upload.size == 0:
        await run_in_threadpool(target.unlink, missing_ok=True)
        raise BadInput(say("file_empty"), [FieldError("file", say("csv_needed"))])
    return upload


async def _to_disk(request: Request, target: Path) -> Upload:
    with _whole_or_gone(target):
        _refuse_if_it_cannot_fit(request, target.parent)
        with target.open("wb") as file:
            upload = await _write(request, file)
            # On the disk before the batch is accepted: what was accepted is never lost.
            await run_in_threadpool(_settle, file)
    return upload


async def _to_store(request: Request, target: BucketPath) -> Upload:
    waiting, gone = _Waiting(), target.upload()
    try:
        upload = await _write(request, waiting, lambda: waiting.send(gone, SENT_BYTES))
        await waiting.send(gone, 1)
        # In the store before the batch is accepted: what was accepted is never lost.
        await run_in_threadpool(gone.finish)
    finally:
        gone.abandon()
    return upload


class _Waiting(bytearray):
    """What has arrived and is not on its way to the store yet."""

    def write(self, data: bytes | memoryview, /) -> int:
        self += data
        return len(data)

    async def send(self, upload: BucketUpload, least: int) -> None:
        """Send it on where it is so much; whoever sends the file waits as long as the store takes."""
        if len(self) >= least:
            data = bytes(self)
            self.clear()
            await run_in_threadpool(upload.write, data)


@contextmanager
def _whole_or_gone(target: Path) -> Generator[None]:
    done = False
    try:
        with room_in(target.parent):
            yield
        done = True
    finally:
        if not done:
            target.unlink(missing_ok=True)


@contextmanager
def room_in(folder: Path) -> Generator[None]:
    """Where the folder's disk is full, say so.

    Raises:
        Refusal: 507.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise disk_full(folder) from error


def disk_full(folder: Path) -> Refusal:
    """The refusal of a file for which there is no room."""
    free = shutil.disk_usage(folder).free
    return Refusal(507, say("disk_full", free=free >> 20))


def _refuse_if_it_cannot_fit(request: Request, folder: Path) -> None:
    # Refused before it is sent, where its length is known.
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > shutil.disk_usage(folder).free:
        raise disk_full(folder)


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


async def _nothing() -> None:
    """A disk takes what is written at once."""


async def _write(request: Request, file: Sink, settle: Settle = _nothing) -> Upload:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    pieces = request.stream()
    if kind == b"multipart/form-data":
        return await _write_form(pieces, file, options.get(b"boundary", b""), settle)
    upload = Upload(file_name(request.headers.get("content-disposition", "").encode("latin-1")))
    async for piece in pieces:
        upload.size += file.write(piece)
        await settle()
    return upload


def file_name(disposition: bytes) -> str:
    """The file's own name in a Content-Disposition header, without its folders; "" where there is none."""
    text = disposition.decode("utf-8", errors="replace")
    # `filename*` holds UTF-8 (RFC 5987) and wins over the plain name.
    starred = FILE_NAME_STAR.search(text)
    given = parse_options_header(disposition)[1].get(b"filename", b"").decode("utf-8", errors="replace")
    name = unquote(starred[1]) if starred else given
    return tidy_name(name)


def tidy_name(name: str) -> str:
    """The last part of a path, without control characters, not too long."""
    return UNPRINTABLE.sub("", re.split(r"[/\\]", name)[-1]).strip()[:MAX_NAME]


async def _write_form(pieces: AsyncIterator[bytes], file: Sink, boundary: bytes, settle: Settle) -> Upload:
    form = _Form(file)
    try:
        parser = MultipartParser(boundary, form.callbacks())  # pyright: ignore[reportArgumentType]
        async for piece in pieces:
            parser.write(piece)
            await settle()
        parser.finalize()
    except MultipartParseError as error:
        raise BadInput(say("form_unreadable", said=str(error)), [FieldError("", say("form_needed"))]) from None
    # A form that was cut off has no end: its file may be cut off too.
    if form.files != 1 or not form.is_complete:
        raise BadInput(say("send_one_file"), [FieldError("file", say("one_file_needed"), form.files)])
    return form.upload


class _Form:
    """Takes the parts of a form as they arrive: the one with a file name to disk, the others as fields."""

    def __init__(self, file: Sink) -> None:
        self.upload = Upload()
        self.files = 0
        self.is_complete = False
        self._file = file
        self._header = self._disposition = b""
        self._field: str | None = None
        self._value = b""

    def callbacks(self) -> dict[str, Callable[..., None]]:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_begin": self._begin_header,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._disposition = b""

    def _begin_header(self) -> None:
        self._header = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition += data[start:end]

    def _open(self) -> None:
        options = parse_options_header(self._disposition)[1]
        self._value = b""
        if b"filename" in options or b"filename*" in self._disposition:
            self.files += 1
            self._field = None
            self.upload.file_name = file_name(self._disposition)
        else:
            self._field = options.get(b"name", b"").decode("utf-8", errors="replace")
        if self.files > 1 or len(self.upload.fields) > MAX_FIELDS:
            raise BadInput(say("send_one_file"), [FieldError("file", say("one_file_a_batch"))])

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            # A view, so that no piece of a large file is copied.
            self.upload.size += self._file.write(memoryview(data)[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > MAX_FIELD_BYTES:
            raise BadInput(say("form_field_too_long"), [FieldError(self._field, say("too_long"))])

    def _end(self) -> None:
        if self._field is not None:
            self.upload.fields[self._field] = self._value.decode("utf-8", errors="replace")

    def _finish(self) -> None:
        self.is_complete = True
