"""The way into the audit log from requests: gathered for a moment and written together, behind them.

What a request was answered for is written some tenths of a second later; `close` writes what is left, so that only a
process that is killed loses those tenths.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable

from starlette.requests import HTTPConnection
from tenacity import before_sleep_log, retry, retry_if_exception_type, wait_exponential

from data.clock import Clock, utc_now
from data.errors import NotAuthenticated, ServiceUnavailable
from data.records.accounts.caller import Caller
from data.records.audit.audit_event import NO_ORGANISATION, Actor, Deed
from data.records.audit.audit_store import AuditStore
from serve.http.access.audited import NOTED, READINGS, actor_of
from serve.http.access.behind import Behind

LOG = logging.getLogger(__name__)
GATHER_S = 0.2
# One who reads the same again and again (a page that reloads itself) or is refused so is noted once in this time.
ONCE_IN_S = 60.0
MOST_REMEMBERED = 10_000
MOST_WAITING = 100_000

Once = tuple[str, str, str, str]


class AuditTrail:
    """What requests have done, on its way into the audit log."""

    def __init__(
        self,
        audit: AuditStore,
        behind: Behind,
        now: Clock = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._audit = audit
        self._behind = behind
        self._now = now
        self._clock = clock
        self._waiting: list[Deed] = []
        self._seen: dict[Once, float] = {}
        self._left_out = Counter[Once]()
        self._writer: asyncio.Task[None] | None = None

    def request(self, connection: HTTPConnection, route: str, location: str = "") -> None:
        """Note what was done on a route, if that is noted; `location` names what was made."""
        action = NOTED.get((connection.scope.get("method", "GET"), route))
        if action is None:
            return
        caller: Caller = connection.state.caller
        made = location.rpartition("/")[2]
        subject = made or next(iter(connection.path_params.values()), "")
        deed = Deed(caller.organisation_id, actor_of(connection), action, self._now(), subject)
        if action in READINGS:
            self._once(deed)
        else:
            self.note(deed)

    def forbidden(self, connection: HTTPConnection, route: str, lacking: str) -> None:
        """Note that a caller asked for what they may not do."""
        caller: Caller = connection.state.caller
        detail: dict[str, str | int] = {"route": f"{connection.scope.get('method', 'GET')} {route}", "scope": lacking}
        self._once(Deed(caller.organisation_id, actor_of(connection), "access.refused", self._now(), lacking, detail))

    def refused(self, connection: HTTPConnection, error: NotAuthenticated) -> None:
        """Note that somebody was not let in: with whose key, if it is one, or from where."""
        organisation_id, key_id = error.holder
        trace_id = str(getattr(connection.state, "trace_id", ""))
        actor = Actor("key", key_id, trace_id) if key_id else Actor("nobody", "", trace_id)
        came_from = connection.client.host if connection.client else ""
        detail: dict[str, str | int] = {"why": error.said.code, "from": came_from}
        self._once(Deed(organisation_id or NO_ORGANISATION, actor, "login.refused", self._now(), "", detail))

    def note(self, deed: Deed) -> None:
        """Write this soon."""
        if len(self._waiting) >= MOST_WAITING:
            LOG.error("the audit log cannot be written; %s of %s is lost", deed.action, deed.subject)
            return
        self._waiting.append(deed)
        if self._writer is None or self._writer.done():
            self._writer = self._behind.begin(self._write())

    def _once(self, deed: Deed) -> None:
        """Note this unless it was noted a moment ago; how often it came since is noted with the next."""
        why = str(deed.detail.get("why", "")) + str(deed.detail.get("from", ""))
        once = (deed.organisation_id, deed.actor.id, deed.action, deed.subject or why)
        now = self._clock()
        if now - self._seen.get(once, -ONCE_IN_S) < ONCE_IN_S:
            self._left_out[once] += 1
            return
        # Forgotten whole: simple, and so many different ones within a minute are rare.
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
            self._left_out.clear()
        self._seen[once] = now
        times = self._left_out.pop(once, 0)
        if times:
            deed.detail["times_before"] = times
        self.note(deed)

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER_S)
            deeds, self._waiting = self._waiting, []
            await self._kept(deeds)

    @retry(
        retry=retry_if_exception_type(ServiceUnavailable),
        wait=wait_exponential(multiplier=0.1, max=2.0),
        before_sleep=before_sleep_log(LOG, logging.WARNING),
    )
    async def _kept(self, deeds: list[Deed]) -> None:
        await self._audit.append(deeds)
