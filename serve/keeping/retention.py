"""Once a day, what an organisation has decided to keep no longer is erased; by one process at a time.

One that is killed half-way is followed by another once its lease has lapsed, which finds what is left to do.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.clock import Clock, utc_now
from data.errors import LostClaim, NotFound, ServiceUnavailable
from data.records.keeping.erasing_store import ErasingStore
from data.records.keeping.retention import Retention
from data.records.keeping.retention_store import ChoreStore, RetentionStore
from serve.keeping.erasing import Eraser

LOG = logging.getLogger(__name__)
CHORE = "retention"
PAGE = 50
Find = Callable[[str, datetime, int], Awaitable[Sequence[str]]]
Erase = Callable[[str, str], Awaitable[None]]


async def _alone() -> None:
    """Nobody else would take it over."""


@dataclass(frozen=True)
class Keeper:
    """Erases what is old enough; any number of them may run.

    Attributes:
        again_s: how often. look_s: how often it looks whether it is time.
        lease_s: after so long without a sign of life another goes on.
    """

    eraser: Eraser
    again_s: float = 24 * 3600.0
    look_s: float = 600.0
    lease_s: float = 300.0
    clock: Clock = utc_now

    async def sweep(self) -> int | None:
        """Erase what is old enough; how much, or None where it is not time or another does it.

        Raises:
            LostClaim: another has taken over. ServiceUnavailable: a part does not answer now.
        """
        chores = ChoreStore(self.eraser.database, self.clock)
        turn = await chores.claim(CHORE, self.lease_s)
        if turn is None:
            return None
        erased = 0
        for decided in await RetentionStore(self.eraser.database).all():
            told = await self.apply(decided, lambda: chores.keep(CHORE, turn, self.lease_s))
            erased += sum(told.values())
        await chores.finish(CHORE, turn, self.again_s)
        if erased:
            LOG.info("%d records were older than their organisations keep them and are erased", erased)
        return erased

    async def run_forever(self) -> None:
        """Look whether it is time, for as long as the process lives."""
        while True:
            try:
                await self.sweep()
            except LostClaim:
                LOG.info("another process goes on erasing what is old")
            except ServiceUnavailable as error:
                LOG.warning("cannot erase what is old now: %s", error)
            await asyncio.sleep(self.look_s)

    async def apply(self, decided: Retention, keep: Callable[[], Awaitable[None]] = _alone) -> dict[str, int]:
        """Erase what is older than this organisation keeps it; how much of each kind. `keep` is called now and then."""
        store, eraser = ErasingStore(self.eraser.database), self.eraser
        kinds: list[tuple[str, int | None, Find, Erase]] = [
            ("tasks", decided.tasks_days, store.old_tasks, eraser.task),
            ("batches", decided.batches_days, store.old_batches, eraser.batch),
            ("portfolios", decided.portfolios_days, store.old_portfolios, eraser.portfolio),
        ]
        erased = {kind: 0 for kind, *_ in kinds}
        for kind, days, find, erase in kinds:
            if days is None:
                continue
            before = self.clock() - timedelta(days=days)
            while ids := await find(decided.organisation_id, before, PAGE):
                await keep()
                for record_id in ids:
                    # Somebody has deleted it meanwhile.
                    with suppress(NotFound):
                        await erase(record_id, decided.organisation_id)
                erased[kind] += len(ids)
        return erased
