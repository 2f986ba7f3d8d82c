"""All that is kept of one client, as one JSON document.

A client is a saved portfolio: all its versions, every task that was asked about it by its id, with steps and answers,
and the rows of batches that carry the id which the portfolio itself has.
"""

import asyncio
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from data.clock import utc_now
from data.errors import NotFound
from data.records.database import Database
from data.records.keeping.erasing_store import ErasingStore
from data.records.tasks.task_store import TaskStore
from data.wire.task_result import Json
from data.wording.described import Described
from data.wording.sentence import say
from serve.keeping.batch_rows import client_rows
from serve.keeping.erasing import client_ids


class ExportedVersion(Described, BaseModel):
    """A saved version of the portfolio, as it was kept.

    Attributes:
        version: its number, from 1 on.
        title: what its owner called it.
        created_at: when it was kept, in UTC.
        portfolio: its content.
    """

    version: int
    title: str
    created_at: datetime
    portfolio: Json


class ExportedStep(Described, BaseModel):
    """A step of a task: a model's turn or a tool's call.

    Attributes:
        number: its place among the steps of the task.
        attempt: the attempt that it is of.
        kind: `model` or `tool`.
        name: the model's or the tool's name.
        content: what was said or returned.
        created_at: when it was kept, in UTC.
    """

    number: int
    attempt: int
    kind: str
    name: str
    content: Json
    created_at: datetime


class ExportedTask(Described, BaseModel):
    """A task about the client: what was asked, each step, what was answered.

    Attributes:
        id: its id.
        type: what was asked for.
        status: where it stands.
        created_at: when it was accepted, in UTC.
        finished_at: when it ended, in UTC; null until then.
        request: what was asked.
        result: what was answered; null where nothing was.
        error: why it failed; null where it did not.
        steps: each step, a model's turn or a tool's call.
    """

    id: str
    type: str
    status: str
    created_at: datetime
    finished_at: datetime | None
    request: Json
    result: Json | None
    error: Json | None
    steps: list[ExportedStep]


class ExportedRows(Described, BaseModel):
    """The client's rows in one file of a batch, under its columns.

    Attributes:
        batch_id: the batch's id.
        file: the name of the file: what was sent, the results, or the rejects.
        columns: the file's columns.
        rows: the client's rows, cell by cell as text.
    """

    batch_id: str
    file: str
    columns: list[str]
    rows: list[list[str]]


class ClientExport(Described, BaseModel):
    """All that is kept of one client.

    Attributes:
        portfolio_id: the saved portfolio's id.
        exported_at: when this was put together, in UTC.
        versions: every version of the portfolio, the first one first.
        tasks: every task that was asked about it by its id.
        batch_rows: the rows of batches that carry the portfolio's own id.
    """

    portfolio_id: str
    exported_at: datetime
    versions: list[ExportedVersion]
    tasks: list[ExportedTask]
    batch_rows: list[ExportedRows]


async def export_client(
    portfolio_id: str, organisation_id: str, *, database: Database, batches_dir: Path
) -> ClientExport:
    """Everything of the client.

    Raises:
        NotFound: nothing is known of it in this organisation.
    """
    store = ErasingStore(database)
    saved = await store.versions(portfolio_id, organisation_id)
    tasks = await store.tasks_of(portfolio_id, organisation_id)
    if not saved and not tasks:
        raise NotFound(say("no_such_portfolio", id=portfolio_id))
    found: list[ExportedRows] = []
    for batch in await store.batches_of(organisation_id):
        for name in sorted(client_ids(saved)):
            rows = await asyncio.to_thread(client_rows, name, batches_dir / batch.id, Path(batch.file_name).stem)
            found += [ExportedRows(batch_id=batch.id, **asdict(part)) for part in rows]
    return ClientExport(
        portfolio_id=portfolio_id,
        exported_at=utc_now(),
        versions=[ExportedVersion(portfolio=row.content, **row.model_dump()) for row in saved],
        tasks=[await _exported(TaskStore(database), task.id, task.model_dump()) for task in tasks],
        batch_rows=found,
    )


async def _exported(tasks: TaskStore, task_id: str, columns: Json) -> ExportedTask:
    steps = [ExportedStep(**step.model_dump()) for step in await tasks.steps(task_id)]
    return ExportedTask(steps=steps, **columns)
