"""Reading a CSV or Excel file of debts; nothing is stored.

`data/files/import_file.py` reads the file.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import StreamingResponse

from data.errors import BadInput, FieldError
from data.files.import_file import import_file, pieces_of
from data.wire.import_result import ImportResult
from data.wording.sentence import say
from serve.http.bodies import UploadRoute
from serve.http.plan_questions import this_month
from serve.http.upload import file_name, tidy_name

router = APIRouter(prefix="/v1/portfolios", tags=["portfolios"], route_class=UploadRoute)

UNNAMED = "portfolio"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE = {"schema": {"type": "string", "format": "binary"}}
FORM = {"schema": {"type": "object", "required": ["file"], "properties": {"file": FILE["schema"]}}}
BODY = {
    "required": True,
    "content": {
        "text/csv": FILE,
        XLSX: FILE,
        "multipart/form-data": FORM,
    },
}
FileName = Annotated[str | None, Query(max_length=255, description="The file's name, if the body does not tell it.")]


@router.post(
    "/import", summary="Read a file of debts", response_model=ImportResult, openapi_extra={"requestBody": BODY}
)
async def import_portfolios(request: Request, name: FileName = None) -> StreamingResponse:
    """The portfolios in a CSV or Excel file, every bad row with its column and reason, and what was read with doubt."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        content, told = await _from_form(request)
    else:
        content, told = await request.body(), _told_name(request)
    file = tidy_name(name or told or "") or UNNAMED
    answer = await run_in_threadpool(import_file, content, file, this_month(request))
    return StreamingResponse(pieces_of(answer), media_type="application/json")


async def _from_form(request: Request) -> tuple[bytes, str | None]:
    async with request.form(max_files=1, max_fields=10) as form:
        for part in form.values():
            if isinstance(part, UploadFile):
                return await part.read(), part.filename
    missing = FieldError("file", say("file_field_needed"))
    raise BadInput(say("form_without_file"), [missing])


def _told_name(request: Request) -> str:
    # A header is bytes; latin-1 keeps each as it is for the parser.
    return file_name(request.headers.get("content-disposition", "").encode("latin-1"))
