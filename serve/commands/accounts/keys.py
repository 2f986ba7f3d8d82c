"""`keys create|list|revoke`: the API keys of an organisation, straight in the database."""

import sys
from dataclasses import replace
from typing import Annotated, Any

import typer
from rich.table import Table

from data.records.accounts.account import ApiKey, User
from data.records.accounts.account_store import KeyGrant
from data.wire.access import OPENED, Role, Scope, lesser
from serve.commands.accounts.shared import (
    Accounts,
    Which,
    day,
    group,
    parse_expiry,
    parse_scopes,
    put,
    put_list,
    with_accounts,
)
from serve.commands.shared.options import AsJson
from serve.commands.shared.tables import show

SCOPES_HELP = f"What it opens at most, with commas between: {', '.join(Scope)}. Default: all that its role opens."
app = group("API keys of the HTTP endpoint.")


@app.command()
def create(  # noqa: PLR0913 (a command's options are its parameters)
    name: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
    *,
    admin: Annotated[
        bool, typer.Option("--admin", help="The same as --role admin: it may make and revoke keys.")
    ] = False,
    role: Annotated[Role | None, typer.Option(help="Default: its user's, else analyst.")] = None,
    user: Annotated[str | None, typer.Option(metavar="ID", help="Whose it is: a person's id or address.")] = None,
    scopes: Annotated[str | None, typer.Option(metavar="LIST", help=SCOPES_HELP)] = None,
    expires: Annotated[str | None, typer.Option(metavar="WHEN", help="2027-12-31, or 90d for days from now.")] = None,
    organisation: Which = None,
    as_json: AsJson = False,
) -> None:
    """Make a key; its secret is shown now and never again."""
    if admin and role not in (None, Role.ADMIN):
        raise typer.BadParameter("--admin and --role say different things", param_hint="--role")
    wanted = KeyGrant(Role.ADMIN if admin else role, parse_scopes(scopes), parse_expiry(expires))

    async def make(on: Accounts) -> tuple[ApiKey, str]:
        owner = await on.users.find(user, on.organisation_id) if user else None
        return await on.accounts.create_key(name, on.organisation_id, _settled(wanted, owner), on.by)

    key, secret = with_accounts(make, organisation)
    if as_json:
        put(_view(key) | {"secret": secret})
    else:
        sys.stdout.write(f"{secret}\n")
        sys.stderr.write(f"key {key.id} ({key.name}); keep the secret, it is not shown again\n")


@app.command("list")
def list_(*, organisation: Which = None, as_json: AsJson = False) -> None:
    """Every key, the newest first; never a secret."""

    async def every(on: Accounts) -> list[ApiKey]:
        return await on.accounts.list_keys(on.organisation_id)

    keys = with_accounts(every, organisation)
    if as_json:
        put_list(_view(key) for key in keys)
        return
    table = Table("Id", "Name", "Ends in", "Role", "Made", "Used", "Expires", "Revoked", box=None, pad_edge=False)
    for key in keys:
        days = (day(moment) for moment in (key.created_at, key.last_used_at, key.expires_at, key.revoked_at))
        table.add_row(key.id, key.name, key.hint, key.role, *days)
    show(table)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `keys list` shows it.")],
    *,
    organisation: Which = None,
) -> None:
    """Let a key open nothing any more."""

    async def end(on: Accounts) -> None:
        await on.accounts.revoke_key(key_id, on.organisation_id, on.by)

    with_accounts(end, organisation)
    sys.stdout.write(f"key {key_id} is revoked\n")


def _settled(wanted: KeyGrant, owner: User | None) -> KeyGrant:
    """What the key may do: with its role, and its owner's."""
    own = None if owner is None else Role(owner.role)
    if wanted.role and own and lesser(wanted.role, own) != wanted.role:
        raise typer.BadParameter(f"the person's role is {own}; their key cannot have a higher one", param_hint="--role")
    role = wanted.role or own or Role.ANALYST
    beyond = [scope for scope in wanted.scopes or () if scope not in OPENED[role]]
    if beyond:
        raise typer.BadParameter(f"the role {role} does not open {', '.join(beyond)}", param_hint="--scopes")
    return replace(wanted, role=role, user_id=owner.id if owner else None)


def _view(key: ApiKey) -> dict[str, Any]:
    view = key.model_dump(mode="json", exclude={"secret_hash", "organisation_id"})
    return view | {"is_admin": key.is_admin, "scopes": key.granted}
