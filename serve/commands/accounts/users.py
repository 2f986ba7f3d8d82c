"""`users create|list|disable|enable`: the people of an organisation, straight in the database."""

import sys
from typing import Annotated, Any

import typer
from rich.table import Table

from data.records.accounts.account import User
from data.records.accounts.user_store import NewPerson
from data.wire.access import Role
from serve.commands.accounts.shared import Accounts, Which, day, group, put, put_list, with_accounts
from serve.commands.shared.options import AsJson
from serve.commands.shared.tables import show

app = group("People of an organisation.")
Who = Annotated[str, typer.Argument(metavar="ID", help="The person's id or address, as `users list` shows them.")]


@app.command()
def create(  # noqa: PLR0913 (a command's options are its parameters)
    name: Annotated[str, typer.Option(help="What they are called.")],
    *,
    role: Annotated[Role, typer.Option(help="viewer reads, analyst also makes and changes, admin also manages.")] = (
        Role.VIEWER
    ),
    email: Annotated[str | None, typer.Option(help="The address by which your identity provider knows them.")] = None,
    subject: Annotated[str | None, typer.Option(help="Their `sub` there, where its tokens have no address.")] = None,
    organisation: Which = None,
    as_json: AsJson = False,
) -> None:
    """Make a person known; make their keys with `keys create --user`."""

    async def make(on: Accounts) -> User:
        new = NewPerson(name, role, email.strip().lower() if email else None, subject)
        return await on.users.create(on.organisation_id, new, on.by)

    user = with_accounts(make, organisation)
    if as_json:
        put(_view(user))
    else:
        sys.stdout.write(f"{user.id}\n")


@app.command("list")
def list_(*, organisation: Which = None, as_json: AsJson = False) -> None:
    """Everybody, the oldest first, disabled people too."""

    async def every(on: Accounts) -> list[User]:
        return await on.users.list(on.organisation_id)

    users = with_accounts(every, organisation)
    if as_json:
        put_list(_view(user) for user in users)
        return
    table = Table("Id", "Name", "Address", "Role", "Made", "Disabled", box=None, pad_edge=False)
    for user in users:
        table.add_row(user.id, user.name, user.email or "", user.role, day(user.created_at), day(user.disabled_at))
    show(table)


@app.command()
def disable(who: Who, *, organisation: Which = None) -> None:
    """Let a person in no more, nor their keys."""
    _set_disabled(who, organisation, is_disabled=True)
    sys.stdout.write(f"{who} is disabled\n")


@app.command()
def enable(who: Who, *, organisation: Which = None) -> None:
    """Let a disabled person in again, and their keys."""
    _set_disabled(who, organisation, is_disabled=False)
    sys.stdout.write(f"{who} is enabled\n")


@app.command("set-role")
def set_role(who: Who, role: Role, *, organisation: Which = None) -> None:
    """Give a person another role; their keys follow it."""

    async def give(on: Accounts) -> None:
        user = await on.users.find(who, on.organisation_id)
        await on.users.change(user.id, on.organisation_id, on.by, role=role)

    with_accounts(give, organisation)
    sys.stdout.write(f"{who} is {role} now\n")


def _set_disabled(who: str, organisation: str | None, *, is_disabled: bool) -> None:
    async def change(on: Accounts) -> None:
        user = await on.users.find(who, on.organisation_id)
        await on.users.change(user.id, on.organisation_id, on.by, is_disabled=is_disabled)

    with_accounts(change, organisation)


def _view(user: User) -> dict[str, Any]:
    return user.model_dump(mode="json", exclude={"organisation_id", "subject"})
