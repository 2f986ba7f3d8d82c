"""Every HTTP call of the dashboard: wire shapes in and out, and one typed error for whatever goes wrong.

Knows nothing of Streamlit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal, TypeVar
from uuid import uuid4

import httpx
from httpx_sse import connect_sse
from pydantic import BaseModel, ValidationError

from data.answers.health import Health
from data.answers.plan import Comparison, Plan
from data.portfolio.portfolio import Portfolio
from data.wire.batch import BatchView
from data.wire.import_result import ImportResult
from data.wire.issuer import IssuerView
from data.wire.model import ModelView
from data.wire.saved_portfolio import PortfolioView
from data.wire.task import TaskState, TaskView
from data.wire.task_result import Json
from data.wording.sentence import Sentence, sentence_told

ErrorKind = Literal["unreachable", "timeout", "refused", "conflict", "missing", "server", "key", "forbidden"]
Shape = TypeVar("Shape", bound=BaseModel)
UPLOAD_FACTOR = 10  # an upload may take this many times an ordinary call's time
MOST_SEARCH_S = 5.0  # for the optimal plan; most are found in some hundredths of a second


@dataclass(frozen=True)
class WrongField:
    """One field the API refuses: its path as in `debts.0.apr`, why, and its value."""

    path: str
    said: Sentence
    value: Any = None


@dataclass
class ApiError(Exception):
    """A call that did not succeed: of which kind, what the API said, and the id under which its log has it.

    `said` is what the API said by its code, where it gave one.
    """

    kind: ErrorKind
    detail: str
    status: int | None = None
    fields: list[WrongField] = field(default_factory=list[WrongField])
    trace_id: str | None = None
    said: Sentence | None = None

    def in_language(self, language: str) -> str:
        """What the API said, in a language; in its own words where it gave no code."""
        return self.detail if self.said is None else self.said.in_language(language)

    def __str__(self) -> str:
        """The kind and what the API said."""
        return f"{self.kind}: {self.detail}"

    @property
    def is_outage(self) -> bool:
        """True where the service, not the request, is at fault: the same call may succeed later."""
        return self.kind in {"unreachable", "timeout", "server"}


def key() -> str:
    """A new idempotency key: the same key sent again never makes a second thing."""
    return uuid4().hex


class Client:
    """The HTTP API as methods; safe to share between threads."""

    def __init__(self, base_url: str, api_key: str | None, *, timeout_s: float = 20.0) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        # No proxies of the environment: the API is on this machine or named in full.
        self._http = httpx.Client(base_url=base_url.rstrip("/"), headers=headers, timeout=timeout_s, trust_env=False)
        # The search must end well before the call's own time is up.
        self._search_s = min(MOST_SEARCH_S, timeout_s / 2)
        self._upload_timeout = httpx.Timeout(timeout_s * UPLOAD_FACTOR, connect=timeout_s)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    # The service

    def is_ready(self, *, timeout_s: float = 2.0) -> bool:
        """True when database, queue and replicas answer."""
        try:
            return self._http.get("/readyz", timeout=timeout_s).is_success
        except httpx.HTTPError:
            return False

    def models(self) -> list[ModelView]:
        """What models are configured and answering."""
        return self._list("/v1/models", ModelView)

    def issuers(self) -> list[IssuerView]:
        """How card issuers compute the minimum payment."""
        return self._list("/v1/issuers", IssuerView)

    # Portfolios and plans

    def import_file(self, content: bytes, file_name: str) -> ImportResult:
        """What a CSV or Excel file of debts says; nothing is stored."""
        files = {"file": (file_name, content, "application/octet-stream")}
        return _read(ImportResult, self._call("POST", "/v1/portfolios/import", files=files))

    def import_rejects(self, content: bytes, file_name: str, language: str) -> bytes:
        """Every bad row of a file as CSV, the reasons in a language."""
        files = {"file": (file_name, content)}
        accept, params = {"Accept": "text/csv"}, {"language": language}
        return self._call("POST", "/v1/portfolios/import", files=files, headers=accept, params=params).content

    def health(self, portfolio: Json) -> Health:
        """The portfolio's measures and warnings."""
        return _read(Health, self._call("POST", "/v1/plans/health", json={"portfolio": portfolio}))

    def compare(self, portfolio: Json) -> Comparison:
        """The portfolio under every strategy; the optimal plan, which is sought once, with its schedule."""
        body = {"portfolio": portfolio, "schedules": ["optimal"], "time_limit_s": self._search_s}
        return _read(Comparison, self._call("POST", "/v1/plans/compare", json=body))

    def plan(self, portfolio: Json, strategy: str) -> Plan:
        """The portfolio under one strategy, with its schedule."""
        body = {"portfolio": portfolio, "strategy": strategy}
        return _read(Plan, self._call("POST", "/v1/plans", json=body))

    def saved(self) -> list[PortfolioView]:
        """The portfolios the API keeps, newest first."""
        return self._list("/v1/portfolios", PortfolioView)

    def saved_one(self, portfolio_id: str) -> PortfolioView:
        """One of them, with its content."""
        return _read(PortfolioView, self._call("GET", f"/v1/portfolios/{portfolio_id}"))

    def save(self, title: str, portfolio: Portfolio, *, idempotency_key: str) -> PortfolioView:
        """Keep a new portfolio."""
        headers = {"Idempotency-Key": idempotency_key}
        body = {"title": title, "portfolio": portfolio.model_dump(mode="json")}
        return _read(PortfolioView, self._call("POST", "/v1/portfolios", json=body, headers=headers))

    def replace(self, portfolio_id: str, version: int, title: str, portfolio: Portfolio) -> PortfolioView:
        """Keep a new version of a portfolio; a conflict if it is no longer at `version`."""
        headers = {"If-Match": f'"{version}"'}
        body = {"title": title, "portfolio": portfolio.model_dump(mode="json")}
        answer = self._call("PUT", f"/v1/portfolios/{portfolio_id}", json=body, headers=headers)
        return _read(PortfolioView, answer)

    def delete(self, portfolio_id: str) -> None:
        """Delete a saved portfolio."""
        self._call("DELETE", f"/v1/portfolios/{portfolio_id}")

    # Tasks

    def start_task(self, new: Json, *, idempotency_key: str) -> str:
        """Put a question to an agent; its id."""
        answer = self._call("POST", "/v1/tasks", json=new, headers={"Idempotency-Key": idempotency_key})
        return str(answer.json()["id"])

    def tasks(self, limit: int = 20) -> list[TaskView]:
        """The latest tasks, newest first."""
        return self._list("/v1/tasks", TaskView, limit=limit)

    def task(self, task_id: str) -> TaskView:
        """The whole record of a task."""
        return _read(TaskView, self._call("GET", f"/v1/tasks/{task_id}"))

    def task_state(self, task_id: str) -> TaskState:
        """Where a task stands."""
        return _read(TaskState, self._call("GET", f"/v1/tasks/{task_id}/status"))

    def cancel_task(self, task_id: str) -> None:
        """Ask a task to stop."""
        self._call("POST", f"/v1/tasks/{task_id}/cancel")

    def retry_task(self, task_id: str) -> None:
        """Run a failed or cancelled task again."""
        self._call("POST", f"/v1/tasks/{task_id}/retry")

    def events(self, task_id: str, after: str | None, *, quiet_s: float, most_s: float) -> Iterator[Json]:
        """The task's events after `after`, until none comes for `quiet_s` or `most_s` have passed.

        Raises:
            ApiError: of kind timeout where not even the answer's head came within `quiet_s`.
        """
        ends = time.monotonic() + most_s
        timeout = httpx.Timeout(5.0, read=quiet_s)
        params = {"after": after} if after else None
        has_begun = False
        try:
            with connect_sse(
                self._http, "GET", f"/v1/tasks/{task_id}/events", params=params, timeout=timeout
            ) as source:
                if not source.response.is_success:
                    source.response.read()
                    raise _problem(source.response)
                has_begun = True
                for event in source.iter_sse():
                    yield {"id": event.id, "type": event.event, **event.json()}
                    if time.monotonic() > ends:
                        return
        except httpx.ReadTimeout as error:
            # Silence after the answer's head is normal; before it, the API does not answer.
            if not has_begun:
                raise ApiError("timeout", str(error)) from error
        except httpx.HTTPError as error:
            raise ApiError("unreachable", str(error)) from error

    # Batches

    def start_batch(self, file_name: str, content: BinaryIO, *, idempotency_key: str) -> str:
        """Send a CSV of many portfolios, streamed; the batch's id."""
        answer = self._call(
            "POST",
            "/v1/batches",
            files={"file": (file_name, content, "text/csv")},
            headers={"Idempotency-Key": idempotency_key},
        )
        return str(answer.json()["id"])

    def batches(self, limit: int = 20) -> list[BatchView]:
        """The latest batches, newest first."""
        return self._list("/v1/batches", BatchView, limit=limit)

    def batch(self, batch_id: str) -> BatchView:
        """Where a batch stands."""
        return _read(BatchView, self._call("GET", f"/v1/batches/{batch_id}"))

    def cancel_batch(self, batch_id: str) -> None:
        """Ask a batch to stop."""
        self._call("POST", f"/v1/batches/{batch_id}/cancel")

    def batch_file(self, batch_id: str, part: Literal["results", "rejects"]) -> bytes:
        """The results or the rejects of a batch, as CSV."""
        return self._call("GET", f"/v1/batches/{batch_id}/{part}", timeout=self._upload_timeout).content

    # How a call is made

    def _list(self, path: str, shape: type[Shape], **params: int) -> list[Shape]:
        answer = self._call("GET", path, params=params)
        return _checked(lambda: [shape.model_validate(item, extra=_unknown(shape)) for item in answer.json()["items"]])

    def _call(self, method: str, path: str, **how: Any) -> httpx.Response:
        if "files" in how:
            how.setdefault("timeout", self._upload_timeout)
        try:
            answer = self._http.request(method, path, **how)
        except httpx.TimeoutException as error:
            raise ApiError("timeout", str(error)) from error
        except httpx.HTTPError as error:
            raise ApiError("unreachable", str(error)) from error
        if answer.is_success:
            return answer
        raise _problem(answer)


def _read(shape: type[Shape], answer: httpx.Response) -> Shape:
    return _checked(lambda: shape.model_validate_json(answer.content, extra=_unknown(shape)))


def _unknown(shape: type[BaseModel]) -> Literal["ignore"] | None:
    """Fields of a newer API are left aside, but not those of a portfolio: it is sent back, and would lose them."""
    return None if shape in (PortfolioView, ImportResult) else "ignore"


Parsed = TypeVar("Parsed")


def _checked(parse: Callable[[], Parsed]) -> Parsed:
    try:
        return parse()
    except (ValidationError, ValueError, KeyError) as error:
        raise ApiError("server", f"the answer has an unexpected shape: {error}") from error


def _problem(answer: httpx.Response) -> ApiError:
    """The error that a problem+json answer tells of; any other answer is the server's fault."""
    try:
        body: Json = answer.json()
    except ValueError:
        body = {}
    fields = [
        WrongField(str(item.get("path", "")), _said(item, str(item.get("message", ""))), item.get("value"))
        for item in body.get("errors") or []
    ]
    detail = str(body.get("detail") or body.get("title") or answer.reason_phrase)
    trace_id = body.get("trace_id") or answer.headers.get("x-request-id")
    return ApiError(_kind(answer.status_code), detail, answer.status_code, fields, trace_id, _said(body, detail))


def _said(told: Json, english: str) -> Sentence:
    return sentence_told(str(told.get("code", "")), told.get("params") or {}, english)


def _kind(status: int) -> ErrorKind:
    kinds: dict[int, ErrorKind] = {401: "key", 403: "forbidden", 404: "missing", 409: "conflict", 412: "conflict"}
    if status in kinds:
        return kinds[status]
    return "server" if status >= 500 else "refused"
