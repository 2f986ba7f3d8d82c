"""Callers by the hash of their key, kept for seconds, so that most requests ask no database who is calling."""

import asyncio
import logging
import time
from collections.abc import Callable
from hashlib import sha256

from data.errors import NotAuthenticated, ServiceUnavailable
from data.records.accounts.account_store import AccountStore
from data.records.accounts.caller import Caller
from data.wording.sentence import say
from serve.http.access.behind import Behind
from serve.http.access.tokens import TokenReader

LOG = logging.getLogger(__name__)
# Long enough to spare most look-ups, short enough for a revoked key.
KEEP_S = 3.0
MOST_KEPT = 10_000


class KnownKeys:
    """Callers by the hash of their key or token, asked for again after seconds so that a revoked key stops working."""

    def __init__(
        self,
        accounts: AccountStore,
        behind: Behind,
        tokens: TokenReader | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._behind = behind
        self._clock = clock
        self._kept: dict[bytes, tuple[float, Caller]] = {}
        self._used = set[str]()
        self._noting: asyncio.Task[None] | None = None

    async def caller(self, secret: str) -> Caller:
        """The caller who holds this key.

        Raises:
            NotAuthenticated: nobody does, or they may not come in any more.
        """
        # By hash: no secret is kept in memory longer than its request.
        name = sha256(secret.encode()).digest()
        until, known = self._kept.get(name, (0.0, None))
        if known is not None and self._clock() < until:
            return known
        self._kept.pop(name, None)
        caller = await self._asked(secret)
        # Cleared whole: simple, and so many callers within seconds are rare.
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        lasts_s = KEEP_S if caller.lasts_s is None else min(KEEP_S, caller.lasts_s)
        self._kept[name] = (self._clock() + lasts_s, caller)
        return caller

    def forget(self) -> None:
        """Ask for every key again: one was revoked."""
        self._kept.clear()

    async def _asked(self, secret: str) -> Caller:
        if self._tokens is not None and self._tokens.is_token(secret):
            return await self._tokens.caller(secret)
        caller = await self._accounts.authenticate(secret)
        if caller is None:
            raise NotAuthenticated(say("key_unknown"))
        if caller.is_use_due:
            self._used.add(caller.key_id)
            # Behind the request, not before it; one note at a time for all keys of the moment.
            if self._noting is None or self._noting.done():
                self._noting = self._behind.begin(self._note_uses())
        return caller

    async def _note_uses(self) -> None:
        while self._used:
            used, self._used = self._used, set[str]()
            try:
                await self._accounts.note_use(used)
            except ServiceUnavailable as error:
                LOG.warning("the use of %d key(s) is not noted: %s", len(used), error)
