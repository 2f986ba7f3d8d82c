"""Reading a CSV or Excel file of debts; nothing is stored.

`data/files/import_file.py` reads the file.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import IO, Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import StreamingResponse

from data.errors import BadInput, FieldError
from data.files.import_process import AskedOfFile, answered
from data.files.sheets.file_kind import kind_of
from data.wire.import_result import ImportResult
from data.wording.sentence import say
from serve.http.auth import CurrentCaller
from serve.http.bodies import UploadRoute, services_of
from serve.http.bounds.apart import pieces, read_apart
from serve.http.plan_questions import this_month
from serve.http.upload import file_name, room_in, tidy_name

router = APIRouter(prefix="/v1/portfolios", tags=["portfolios"], route_class=UploadRoute)

UNNAMED = "portfolio"
MOST_AT_ONCE = 1 << 16  # bytes that are read in this process
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE = {"schema": {"type": "string", "format": "binary", "description": "A CSV or Excel file of debts."}}
FORM = {"schema": {"type": "object", "required": ["file"], "properties": {"file": FILE["schema"]}}}
BODY = {
    "required": True,
    "content": {
        "text/csv": FILE,
        XLSX: FILE,
        "multipart/form-data": FORM,
    },
}
REJECTS = {"schema": {"type": "string"}}
LanguageOfReasons = Annotated[Literal["en", "zh"], Query(description="Of the reasons in a CSV of bad rows.")]
FileName = Annotated[str | None, Query(max_length=255, description="The file's name, if the body does not tell it.")]


@router.post(
    "/import",
    summary="Read a file of debts",
    response_model=ImportResult,
    responses={200: {"content": {CSV: REJECTS}}},
    openapi_extra={"requestBody": BODY},
)
async def import_portfolios(
    caller: CurrentCaller, request: Request, name: FileName = None, language: LanguageOfReasons = "en"
) -> Response:
    """The portfolios in a CSV or Excel file, every bad row with its column and reason, and what was read with doubt.

    Of many bad rows, and of many warnings, the first are listed and `rejects_total` and `warnings_total` count all.
    With `Accept: text/csv` the answer is instead a CSV of every bad row.
    """
    with tempfile.SpooledTemporaryFile(MOST_AT_ONCE) as file:
        told = await _receive(request, file)
        return await _answer(file, tidy_name(name or told) or UNNAMED, language, caller, request)


async def _answer(
    file: IO[bytes], file_name: str, language: Literal["en", "zh"], caller: CurrentCaller, request: Request
) -> Response:
    services = services_of(request)
    settings, form = services.settings, "csv" if _wants_rejects(request) else "json"
    asked = AskedOfFile(
        file_name=file_name,
        this_month=this_month(request),
        form=form,
        language=language,
        most=settings.rejects_listed,
        memory_mb=settings.import_memory_mb,
        time_s=settings.import_time_s,
    )
    media_type = CSV if form == "csv" else "application/json"
    # A small text is read sooner than a process has started; an Excel file may be more than it looks.
    if _size(file) <= MOST_AT_ONCE and kind_of(content := _content(file)) != "excel":
        answer = await services.quick.threaded(lambda: b"".join(answered(content, asked)), caller.organisation_id)
        return Response(answer, media_type=media_type)
    async with services.imports.taken(caller.organisation_id):
        read = await read_apart(file, asked)
    length = str(_size(read))
    return StreamingResponse(pieces(read), media_type=media_type, headers={"Content-Length": length})


def _wants_rejects(request: Request) -> bool:
    return CSV in request.headers.get("accept", "")


def _size(file: IO[bytes]) -> int:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def _content(file: IO[bytes]) -> bytes:
    content = file.read()
    file.seek(0)
    return content


async def _receive(request: Request, file: IO[bytes]) -> str:
    """Write what was sent to the file; tells its name."""
    with room_in(Path(tempfile.gettempdir())):
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await _from_form(request, file)
        async for piece in request.stream():
            await run_in_threadpool(file.write, piece)
    return _told_name(request)


async def _from_form(request: Request, file: IO[bytes]) -> str:
    async with request.form(max_files=1, max_fields=10) as form:
        for part in form.values():
            if isinstance(part, UploadFile):
                await run_in_threadpool(shutil.copyfileobj, part.file, file)
                return part.filename or ""
    missing = FieldError("file", say("file_field_needed"))
    raise BadInput(say("form_without_file"), [missing])


def _told_name(request: Request) -> str:
    # A header is bytes; latin-1 keeps each as it is for the parser.
    return file_name(request.headers.get("content-disposition", "").encode("latin-1"))
