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
from data.wording.sentence import say
from serve.batches.files.place import BatchPath
from serve.keeping.batch_rows import client_rows
from serve.keeping.erasing import client_ids


class ExportedVersion(BaseModel):
    """A saved version of the portfolio, as it was kept."""

    version: int
    title: str
    created_at: datetime
    portfolio: Json


class ExportedStep(BaseModel):
    """A step of a task: a model's turn or a tool's call."""

    number: int
    attempt: int
    kind: str
    name: str
    content: Json
    created_at: datetime


class ExportedTask(BaseModel):
    """A task about the client: what was asked, each step, what was answered."""

    id: str
    type: str
    status: str
    created_at: datetime
    finished_at: datetime | None
    request: Json
    result: Json | None
    error: Json | None
    steps: list[ExportedStep]


class ExportedRows(BaseModel):
    """The client's rows in one file of a batch, under its columns."""

    batch_id: str
    file: str
    columns: list[str]
    rows: list[list[str]]


class ClientExport(BaseModel):
    """All that is kept of one client."""

    portfolio_id: str
    exported_at: datetime
    versions: list[ExportedVersion]
    tasks: list[ExportedTask]
    batch_rows: list[ExportedRows]


async def export_client(
    portfolio_id: str, organisation_id: str, *, database: Database, batches_dir: BatchPath
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
