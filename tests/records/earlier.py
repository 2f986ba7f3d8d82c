"""Tables as earlier versions made them, and rows in them, past what this version would refuse to touch."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, make_url, text

from data.records.migrations import upgrade

NOW = datetime(2026, 11, 1, 12, 30, 15, 250, tzinfo=UTC)
# What some columns may hold; all others take their own name.
VALID = {"role": "analyst", "type": "debt_analysis", "kind": "answer", "scopes": "tasks:write", "priority": "chat"}
BY_TABLE = {("agent_task", "status"): "pending", ("batch", "status"): "completed"}


def engine_of(url: str) -> Engine:
    """A plain engine on the same database."""
    parsed = make_url(url)
    return create_engine(parsed if parsed.drivername == "sqlite" else parsed.set(drivername="postgresql+psycopg"))


def moved_to(revision: str, move: Callable[[Config, str], None] = command.upgrade) -> Callable[[Connection], None]:
    def change(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(upgrade.__file__).parent))
        config.attributes["connection"] = connection
        move(config, revision)

    return change


async def apply(url: str, change: Callable[[Connection], Any]) -> Any:
    """Do this in one transaction; what it gives."""

    def do() -> Any:
        engine = engine_of(url)
        with engine.begin() as connection:
            done = change(connection)
        engine.dispose()
        return done

    return await asyncio.to_thread(do)


async def execute(url: str, statement: str, **values: object) -> None:
    await apply(url, lambda connection: connection.execute(text(statement), values))


def fill(connection: Connection) -> dict[str, dict[str, Any]]:
    """A row in every table there is, with something in every column; the rows by their table."""
    tables = sa.MetaData()
    tables.reflect(connection)
    rows = {}
    for table in tables.sorted_tables:
        if table.name == "alembic_version":
            continue
        row = {column.name: _value(table.name, column) for column in table.columns}
        connection.execute(table.insert(), row)
        rows[table.name] = row
    return rows


def rows_of(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    tables = sa.MetaData()
    tables.reflect(connection)
    return {
        table.name: [dict(row._mapping) for row in connection.execute(sa.select(table))]
        for table in tables.sorted_tables
    }


def _value(table: str, column: "sa.Column[Any]") -> Any:
    if column.name == "organisation_id" or (table, column.name) == ("organisation", "id"):
        return "house"
    if column.name == "task_id" or (table, column.name) == ("agent_task", "id"):
        return "t1"
    if (table, column.name) in BY_TABLE:
        return BY_TABLE[table, column.name]
    if isinstance(column.type, sa.JSON):
        return {"said": ["一", 1]}
    if isinstance(column.type, sa.DateTime):
        # SQLite forgets zones: what is stored there is UTC.
        return NOW if column.type.timezone else NOW.replace(tzinfo=None)
    if isinstance(column.type, sa.Boolean):
        return True
    if isinstance(column.type, sa.Integer):
        return 7
    if isinstance(column.type, sa.LargeBinary):
        return b"[]"
    return VALID.get(column.name, column.name)
