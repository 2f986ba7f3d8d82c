"""`keys create|list|revoke`: the API keys of this machine's organisation, straight in the database."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table

from data.records.account import ApiKey
from data.records.account_store import AccountStore
from data.records.database import Database
from serve.commands.shared.options import AsJson
from serve.commands.shared.tables import show
from serve.machine.private import state_folder
from serve.machine.records import first_organisation
from serve.settings import Settings

T = TypeVar("T")
app = typer.Typer(
    help="API keys of the HTTP endpoint.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
    *,
    admin: Annotated[bool, typer.Option("--admin", help="A key that may make and revoke keys.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a key; its secret is shown now and never again."""

    async def make(accounts: AccountStore, organisation_id: str) -> tuple[ApiKey, str]:
        return await accounts.create_key(name, organisation_id, is_admin=admin)

    key, secret = asyncio.run(_with_accounts(make))
    if as_json:
        sys.stdout.write(json.dumps(_view(key) | {"secret": secret}) + "\n")
    else:
        sys.stdout.write(f"{secret}\n")
        sys.stderr.write(f"key {key.id} ({key.name}); keep the secret, it is not shown again\n")


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """Every key, the newest first; never a secret."""

    async def every(accounts: AccountStore, organisation_id: str) -> list[ApiKey]:
        return await accounts.list_keys(organisation_id)

    keys = asyncio.run(_with_accounts(every))
    if as_json:
        sys.stdout.write(json.dumps({"items": [_view(key) for key in keys], "next": None}) + "\n")
        return
    table = Table("Id", "Name", "Ends in", "Made", "Revoked", box=None, pad_edge=False)
    for key in keys:
        revoked = f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else ""
        table.add_row(key.id, key.name, key.hint, f"{key.created_at:%Y-%m-%d}", revoked)
    show(table)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `keys list` shows it.")]) -> None:
    """Let a key open nothing any more."""

    async def end(accounts: AccountStore, organisation_id: str) -> None:
        await accounts.revoke_key(key_id, organisation_id)

    asyncio.run(_with_accounts(end))
    sys.stdout.write(f"key {key_id} is revoked\n")


async def _with_accounts(work: Callable[[AccountStore, str], Awaitable[T]]) -> T:
    settings = Settings.load()
    # The state folder holds the database and keys: others on this machine must not read it.
    state_folder(settings.state_dir)
    database = Database(settings.database_url)
    try:
        await database.migrate()
        accounts = AccountStore(database)
        return await work(accounts, await first_organisation(accounts))
    finally:
        await database.close()


def _view(key: ApiKey) -> dict[str, Any]:
    return key.model_dump(mode="json", exclude={"secret_hash", "organisation_id"})
