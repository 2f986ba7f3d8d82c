"""`migrate`: the database's tables brought to this version, before a service is deployed that needs them."""

import asyncio
import json
import sys
from typing import Annotated

import typer

from data.records.database import Database
from data.records.migrations.upgrade import Schema
from serve.commands.shared.options import AsJson
from serve.machine.private import state_folder
from serve.settings import Settings


def migrate(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only say which tables there are; exit code 1 where they need migrating.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the database's tables to this version; safe while services wait for it, and when two do it at once."""
    settings = Settings.load()
    found = asyncio.run(_schema(settings) if check else _migrate(settings))
    is_changed = not check and not found.is_current
    if as_json:
        told = {"found": found.found, "needed": found.needed, "is_current": found.is_current or is_changed}
        sys.stdout.write(json.dumps({**told, "changed": is_changed}) + "\n")
    elif is_changed:
        sys.stdout.write(f"migrated from {_named(found.found)} to revision {found.needed}\n")
    elif found.is_current:
        sys.stdout.write(f"the tables have revision {found.needed}, as this version needs: nothing to do\n")
    else:
        sys.stdout.write(f"{found.mend}\n")
    if check and not found.is_current:
        raise typer.Exit(1)


async def _schema(settings: Settings) -> Schema:
    database = Database(settings.database_url)
    try:
        return await database.schema()
    finally:
        await database.close()


async def _migrate(settings: Settings) -> Schema:
    database = Database(settings.database_url)
    if database.is_sqlite:
        # The state folder holds the file and keys: others on this machine must not read it.
        state_folder(settings.state_dir)
    try:
        return await database.migrate()
    finally:
        await database.close()


def _named(revision: str | None) -> str:
    return "an empty database" if revision is None else f"revision {revision}"
