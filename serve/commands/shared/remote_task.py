"""A task at a running service, from the command line: send it, follow its events, tell them, fetch its record.

Comes back to the stream after the last event it saw when the connection breaks.
"""

import sys
from http import HTTPStatus
from typing import Any

import httpx
from httpx_sse import aconnect_sse
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from data.errors import CallerError, DebtOptimizerError, NotAuthenticated, ServiceUnavailable
from data.wire.event import FINAL, EventType
from data.wire.task import NewTask
from data.wording.sentence import as_it_is

CHECK_TIMEOUT_S = 2.0
RETRY_FOR_S = 60.0
EVERY_S = 1.0


class Teller:
    """Says a task's events: the text on standard output as it comes, what happens beside it on standard error."""

    def __init__(self, *, is_silent: bool) -> None:
        """With `is_silent` nothing is said."""
        self._is_silent = is_silent
        self._told = ""
        self._stage = ""

    def tell(self, kind: EventType, payload: dict[str, Any]) -> None:
        """Say one event."""
        if self._is_silent:
            return
        if kind is EventType.CHUNK:
            self._write(str(payload["text"]))
        elif kind is EventType.PROGRESS and not self._told and payload["stage"] != self._stage:
            self._stage = str(payload["stage"])
            self._aside(f"… {self._stage}")
        elif kind in (EventType.RESTART, EventType.RESET):
            self._begin_again(str(payload.get("text", "")))

    def end(self, result: dict[str, Any]) -> None:
        """The end of the text; the whole of it where none was seen on its way, and what its numbers are worth."""
        if not self._told:
            self._write(str(result["narrative"]))
        self._write("\n")
        unsupported = result["grounding"]["unsupported"]
        if unsupported:
            self._aside(f"! {len(unsupported)} numbers of the text are not found in what the planner computed")

    def _begin_again(self, text: str) -> None:
        if self._told:
            self._write("\n")
            self._aside("… its worker ended; the text begins again")
        self._told = ""
        self._write(text)

    def _write(self, text: str) -> None:
        self._told += text
        # A terminal obeys control characters; the text is a model's.
        sys.stdout.write("".join(letter for letter in text if letter.isprintable() or letter in "\n\t"))
        sys.stdout.flush()

    def _aside(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


def answers_at(url: str) -> bool:
    """True where a service answers."""
    try:
        # No proxies of the environment: the service is on this machine or named in full.
        return httpx.get(f"{url}/healthz", timeout=CHECK_TIMEOUT_S, trust_env=False).is_success
    except httpx.HTTPError:
        return False


async def ask_service(new: NewTask, url: str, key: str, teller: Teller) -> dict[str, Any]:
    """The whole record of a new task once it is finished.

    Raises:
        CallerError: the service refuses it.
        ServiceUnavailable: the service does not answer any more; the task goes on there.
        DebtOptimizerError: the task failed.
    """
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False) as client:
        accepted = _content(await client.post("/v1/tasks", json=new.model_dump(mode="json", by_alias=True)))
        path = f"/v1/tasks/{accepted['id']}"
        try:
            await _follow(client, path, teller)
            record = _content(await client.get(path))
        except httpx.HTTPError as error:
            raise ServiceUnavailable(f"{url} does not answer any more; the task goes on there: {path}") from error
    if record["result"] is None:
        raise DebtOptimizerError(str((record["error"] or {}).get("detail", f"the task was {record['status']}")))
    return record


async def _follow(client: httpx.AsyncClient, path: str, teller: Teller) -> None:
    """Tell every event once, to the last."""
    seen: dict[str, str] = {}
    # A stream that ends early counts as broken as well: the task goes on, so ask again.
    broken = retry_if_exception_type((httpx.TransportError, ServiceUnavailable))
    async for attempt in AsyncRetrying(
        retry=broken, stop=stop_after_delay(RETRY_FOR_S), wait=wait_fixed(EVERY_S), reraise=True
    ):
        with attempt:
            await _read(client, path, seen, teller)


async def _read(client: httpx.AsyncClient, path: str, seen: dict[str, str], teller: Teller) -> None:
    async with aconnect_sse(client, "GET", f"{path}/events", headers=seen, timeout=60) as source:
        # 204: the task had ended, and there is nothing after the last event seen.
        if source.response.status_code == HTTPStatus.NO_CONTENT:
            return
        if source.response.is_error:
            await source.response.aread()
            _content(source.response)
        async for event in source.aiter_sse():
            if event.id:
                seen["Last-Event-ID"] = event.id
            kind = EventType(event.event)
            teller.tell(kind, event.json())
            if kind in FINAL:
                return
    raise ServiceUnavailable("the stream ended before the task did")


def _content(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_success:
        return answer.json()
    is_problem = answer.headers.get("Content-Type", "").startswith("application/problem+json")
    detail = answer.json()["detail"] if is_problem else f"the service answered {answer.status_code}"
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        raise NotAuthenticated(as_it_is(detail))
    raise ServiceUnavailable(detail) if answer.is_server_error else CallerError(as_it_is(detail))
