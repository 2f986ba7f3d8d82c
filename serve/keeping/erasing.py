"""Tasks, batches and clients erased for good: rows, steps, streams and files.

What does not answer is told before anything is lost, and whatever is begun again finds only what is left to do.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from data.channels.task_queue.queue import TaskQueue
from data.channels.token_stream.stream import TokenStream
from data.errors import Conflict, NotFound
from data.records.batches.batch import Batch
from data.records.batches.batch_store import UNFINISHED, BatchStore
from data.records.database import Database
from data.records.keeping.erasing_store import ErasingStore
from data.records.portfolios.portfolio_store import PortfolioStore
from data.records.portfolios.saved_portfolio import SavedPortfolio
from data.records.tasks.task_store import TaskStore
from data.wire.task import FINISHED
from data.wording.sentence import say
from serve.batches.files.place import BatchPath, take_away
from serve.keeping.batch_rows import client_rows, take_out

PATIENCE_S = 5.0  # for a worker to stop what is cancelled; one that does not is fenced off
LOOK_S = 0.05


@dataclass(frozen=True)
class Eraser:
    """Erases; `batches_dir` is where the files of batches lie, each in a folder named by its id."""

    database: Database
    queue: TaskQueue
    stream: TokenStream
    batches_dir: BatchPath
    patience_s: float = PATIENCE_S

    async def task(self, task_id: str, organisation_id: str) -> None:
        """Erase the task, stopping it first.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        tasks = TaskStore(self.database)

        async def has_ended() -> bool:
            row = await tasks.find(task_id)
            return row is None or row.status in FINISHED

        await self._stop(tasks.request_cancel(task_id, organisation_id), has_ended)
        # The row is last: until it is gone, whatever fails here can be asked for again.
        await self.queue.withdraw(task_id)
        await self.stream.erase(task_id)
        await ErasingStore(self.database).delete_task(task_id, organisation_id)

    async def batch(self, batch_id: str, organisation_id: str) -> None:
        """Erase the batch and its files, stopping it first.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        batches = BatchStore(self.database)

        async def has_ended() -> bool:
            return (await batches.get(batch_id, organisation_id)).status not in UNFINISHED

        await self._stop(batches.request_cancel(batch_id, organisation_id), has_ended)
        await self.stream.erase(batch_id)
        await asyncio.to_thread(take_away, self.batches_dir / batch_id)
        await ErasingStore(self.database).delete_batch(batch_id, organisation_id)

    async def portfolio(self, portfolio_id: str, organisation_id: str) -> None:
        """Erase every version of a saved portfolio, and nothing else.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        await PortfolioStore(self.database).delete(portfolio_id, organisation_id)

    async def client(self, portfolio_id: str, organisation_id: str) -> None:
        """Erase all of one client: the saved portfolio, all tasks about it, its rows in batches, every trace on disk.

        Raises:
            NotFound: nothing is known of it in this organisation. Conflict: a running batch holds rows of it.
        """
        store = ErasingStore(self.database)
        versions = await store.versions(portfolio_id, organisation_id)
        tasks = await store.tasks_of(portfolio_id, organisation_id)
        if not versions and not tasks:
            raise NotFound(say("no_such_portfolio", id=portfolio_id))
        await self._take_out_of_batches(client_ids(versions), await store.batches_of(organisation_id))
        for task in tasks:
            with suppress(NotFound):
                await self.task(task.id, organisation_id)
        with suppress(NotFound):
            await self.portfolio(portfolio_id, organisation_id)
        # Freed pages and the append-only file still hold what was deleted.
        await self.database.scrub()
        await self.stream.scrub()

    async def _take_out_of_batches(self, names: set[str], batches: Sequence[Batch]) -> None:
        for batch in batches:
            folder, stem = self.batches_dir / batch.id, Path(batch.file_name).stem
            for name in sorted(names):
                if not await asyncio.to_thread(client_rows, name, folder, stem):
                    continue
                if batch.status in UNFINISHED:
                    raise Conflict(say("batch_holds_client", id=batch.id))
                await asyncio.to_thread(take_out, name, folder, stem)

    async def _stop(self, cancelling: Awaitable[object], has_ended: Callable[[], Awaitable[bool]]) -> None:
        # What has ended already need not be cancelled.
        with suppress(Conflict):
            await cancelling
        with suppress(TimeoutError):
            async with asyncio.timeout(self.patience_s):
                while not await has_ended():
                    await asyncio.sleep(LOOK_S)


def client_ids(versions: Sequence[SavedPortfolio]) -> set[str]:
    """The ids that the client's organisation has given it, by which batches know it."""
    return {str(version.content["id"]) for version in versions if version.content.get("id")}
