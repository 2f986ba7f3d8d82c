"""Every error as an RFC 9457 `application/problem+json` answer; the one table from error to HTTP status.

What went wrong inside is logged by the server and never told to the caller.
"""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from data.errors import (
    BadInput,
    BadSetting,
    CallerError,
    Conflict,
    DebtOptimizerError,
    DiskFull,
    FieldError,
    InvalidPortfolio,
    LostClaim,
    ModelError,
    ModelMisbehaved,
    ModelUnavailable,
    NotAuthenticated,
    NotFound,
    NotMigrated,
    OperatorError,
    ServiceUnavailable,
    UnreadableFile,
)
from data.portfolio.errors_of_fields import field_errors_of
from data.wire.import_result import Code, Params
from data.wording.described import Described
from data.wording.sentence import AS_SAID, Sentence, as_it_is, say
from serve.http.edge import mark

STATUS: dict[type[DebtOptimizerError], int] = {
    BadInput: 422,
    InvalidPortfolio: 422,
    UnreadableFile: 422,
    CallerError: 400,
    NotAuthenticated: 401,
    NotFound: 404,
    Conflict: 409,
    ModelError: 502,
    ModelUnavailable: 503,
    ModelMisbehaved: 502,
    OperatorError: 500,
    BadSetting: 500,
    ServiceUnavailable: 503,
    DiskFull: 507,
    NotMigrated: 503,
    LostClaim: 500,
    DebtOptimizerError: 500,
}
LOG = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
SHOWN = 3  # wrong fields that the sentence names; `errors` has them all
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}


class ProblemField(Described, BaseModel):
    """One wrong field: where it is in the body, what to do, the value as it came; `detail` is the message again.

    `code` and `params` say the same for a program, or in another language.

    Attributes:
        path: where it stands in the body, as in `portfolio.debts.0.apr`.
        message: what is wrong, and what to do, in English.
        value: the value as it came.
        code: what the message says.
        params: the values in the message.
        detail: the message again.
    """

    path: str
    message: str
    value: Any = None
    code: Code
    params: Params
    detail: str


class Problem(Described, BaseModel):
    """What every error answers (RFC 9457).

    Attributes:
        type: a name of the kind of problem, as a URN.
        title: the kind of problem in a few words.
        status: the HTTP status.
        detail: what is wrong, and what to do, in English.
        code: what the detail says; null where `errors` say it.
        params: the values in the detail.
        errors: every field that is wrong.
        trace_id: what to report it by; it is also in the log.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:debt-optimizer:problem:invalid-request",
                "title": "Invalid request",
                "status": 422,
                "detail": "1 field is wrong",
                "errors": [
                    FieldError("portfolio.debts.0.apr", say("rate_too_large", limit=10), 2499).on_wire(),
                ],
                "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            }
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: Code | None = None
    params: Params = {}
    errors: list[ProblemField] = []
    trace_id: str


class Refusal(HTTPException):
    """A request refused for a reason of HTTP's own (a body too large, a missing header), with the wrong fields."""

    def __init__(
        self,
        status: int,
        said: Sentence,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, str(said), headers)
        self.said = said
        self.errors = list(errors)


def status_of(error: type[DebtOptimizerError]) -> int:
    """The HTTP status of an error, its own or that of its nearest ancestor."""
    return next(STATUS[ancestor] for ancestor in error.__mro__ if ancestor in STATUS)


def install_problems(app: FastAPI) -> None:
    """Make every error of the application a problem document."""
    app.add_exception_handler(DebtOptimizerError, _application_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


class ProblemResponse(JSONResponse):
    """A problem document; halves of characters, which callers may have sent and no encoding can carry, become `?`."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """The document as it is sent."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def problem(request: Request, status: int, title: str, said: Sentence, errors: Sequence[FieldError] = ()) -> Response:
    """A problem document; its `type` names the title, its `trace_id` is also in the log."""
    body = {
        "type": f"urn:debt-optimizer:problem:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": str(said),
        **({} if errors else code_of(said)),
        "errors": [error.on_wire() for error in errors],
        "trace_id": str(getattr(request.state, "trace_id", "")),
    }
    return ProblemResponse(body, status)


def code_of(said: Sentence) -> dict[str, Any]:
    """The code and values of what is said, for a document without wrong fields; none of what has no code."""
    return {} if said.code == AS_SAID else {"code": said.code, "params": said.params}


def problem_of(request: Request, error: DebtOptimizerError) -> Response:
    """The problem document of an error of ours; one of the operator's or our own tells no inside."""
    status = status_of(type(error))
    # What went wrong inside is for the log: the caller gets the general sentence of the class.
    is_inside = status == HTTPStatus.INTERNAL_SERVER_ERROR or isinstance(error, ServiceUnavailable)
    if is_inside:
        LOG.warning("%s: %s (trace %s)", type(error).__name__, error.message, getattr(request.state, "trace_id", ""))
    said = _told_outside(error) if is_inside else error.said
    errors = error.errors if isinstance(error, BadInput) else []
    answer = problem(request, status, _title(type(error).__name__), said, errors)
    answer.headers.update(HEADERS.get(status, {}))
    return answer


def _told_outside(error: DebtOptimizerError) -> Sentence:
    """What the caller is told of an error inside."""
    if isinstance(error, NotMigrated):
        return error.said  # names revisions, and no place
    return say("disk_is_full") if isinstance(error, DiskFull) else as_it_is(type(error).__doc__ or "")


def _title(class_name: str) -> str:
    words = re.findall(r"[A-Z][a-z]*", class_name)
    return " ".join(words).capitalize()


async def _application_error(request: Request, error: Exception) -> Response:
    return problem_of(request, cast("DebtOptimizerError", error))


async def _invalid_request(request: Request, error: Exception) -> Response:
    errors = field_errors_of(_in_body(entry) for entry in cast("RequestValidationError", error).errors())
    code = "field_wrong" if len(errors) == 1 else "fields_wrong" if len(errors) <= SHOWN else "many_fields_wrong"
    shown = [say("at_field", path=entry.path or "body", said=entry.said) for entry in errors[:SHOWN]]
    return problem(request, 422, "Invalid request", say(code, count=len(errors), fields=shown), errors)


def _in_body(entry: Any) -> Any:
    """The entry with its path from the body on, and its value only where that is one plain value."""
    value = entry.get("input")
    # An object or a list may hold much; its path says enough.
    shown = float(value) if isinstance(value, Decimal) else None if isinstance(value, dict | list) else value
    return {**entry, "loc": tuple(entry["loc"])[1:], "input": shown}


async def _http_error(request: Request, error: Exception) -> Response:
    return refusal_of(request, cast("HTTPException", error))


def refusal_of(request: Request, refused: HTTPException) -> Response:
    """The problem document of a refusal, with its headers."""
    errors = refused.errors if isinstance(refused, Refusal) else []
    title = HTTPStatus(refused.status_code).phrase.capitalize()
    headers = dict(refused.headers or {})
    if refused.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request)
    answer = problem(request, refused.status_code, title, _said_of(request, refused), errors)
    answer.headers.update(headers)
    return answer


def _allowed(request: Request) -> str:
    """Every method of the address; the router names those of the first route that it found."""
    app: FastAPI = request.app
    methods: set[str] = set()
    for path, operations in app.openapi()["paths"].items():
        if compile_path(path)[0].fullmatch(request.url.path):
            methods |= {method.upper() for method in operations}
    # What the description leaves out, such as the description itself, may be read.
    return ", ".join(sorted(methods or {"GET", "HEAD"}))


def _said_of(request: Request, refused: HTTPException) -> Sentence:
    if isinstance(refused, Refusal):
        return refused.said
    if refused.status_code == HTTPStatus.NOT_FOUND:
        return say("no_such_address", path=request.url.path)
    if refused.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return say("no_such_method", method=request.method, allowed=_allowed(request))
    return as_it_is(refused.detail)


async def _unexpected(request: Request, error: Exception) -> Response:
    answer = problem(request, 500, "Internal error", say("our_fault"))
    # Made outside the edge, which would have marked it.
    mark(answer.headers, str(getattr(request.state, "trace_id", "")))
    return answer
