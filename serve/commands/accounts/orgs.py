"""`orgs create|list`: the organisations of this service, straight in the database."""

import sys
from typing import Annotated

import typer
from rich.table import Table

from data.records.accounts.account import Organisation
from serve.commands.accounts.shared import Accounts, day, group, put, put_list, with_accounts
from serve.commands.shared.options import AsJson
from serve.commands.shared.tables import show

app = group("Organisations: houses that see nothing of each other.")


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What it is called.")],
    *,
    claim: Annotated[
        str | None, typer.Option(help="What your identity provider calls it in its tokens; default: its id.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make an organisation; make its first key with `keys create --admin --organisation ID`."""

    async def make(on: Accounts) -> Organisation:
        return await on.accounts.create_organisation(name, claim, on.by)

    made = with_accounts(make)
    if as_json:
        put(made.model_dump(mode="json"))
    else:
        sys.stdout.write(f"{made.id}\n")


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """Every organisation, the oldest first."""

    async def every(on: Accounts) -> list[Organisation]:
        return await on.accounts.organisations()

    found = with_accounts(every)
    if as_json:
        put_list(each.model_dump(mode="json") for each in found)
        return
    table = Table("Id", "Name", "Claim", "Made", box=None, pad_edge=False)
    for each in found:
        table.add_row(each.id, each.name, each.claim or "", day(each.created_at))
    show(table)
