"""`audit list|verify`: who did what, straight from the database, and whether anybody changed what stands there."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from data.records.audit.audit_event import NO_ORGANISATION, AuditEvent
from data.records.audit.audit_store import AuditFilter, AuditStore, Verdict
from serve.commands.accounts.shared import Accounts, Which, group, put, put_list, with_accounts
from serve.commands.shared.options import AsJson
from serve.commands.shared.tables import show

MOST_SHOWN = 200
app = group("Who did what.")


@app.command("list")
def list_(
    *,
    action: Annotated[str | None, typer.Option(help="Such as task.created, key.revoked, login.refused.")] = None,
    subject: Annotated[str | None, typer.Option(metavar="ID", help="Of what it was done to.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_SHOWN, help="How many, the newest first.")] = 50,
    organisation: Which = None,
    as_json: AsJson = False,
) -> None:
    """What was done, the newest first."""

    async def newest(on: Accounts) -> list[AuditEvent]:
        wanted = AuditFilter(action, subject=subject)
        rows, _ = await AuditStore(on.database).page(on.organisation_id, wanted, limit=limit)
        return rows

    rows = with_accounts(newest, organisation)
    if as_json:
        put_list(row.model_dump(mode="json", exclude={"organisation_id"}) for row in rows)
        return
    table = Table("No.", "When (UTC)", "Who", "What", "To", box=None, pad_edge=False)
    for row in rows:
        who = f"{row.actor_kind} {row.actor_id}".strip()
        table.add_row(str(row.number), f"{row.at:%Y-%m-%d %H:%M:%S}", who, row.action, row.subject)
    show(table)


@app.command()
def verify(
    *,
    anchor: Annotated[
        str | None, typer.Option(metavar="NUMBER:HASH", help="A head that an earlier `audit verify` printed.")
    ] = None,
    organisation: Which = None,
    as_json: AsJson = False,
) -> None:
    """Look through a chain, or all of them, and name the first row that is not in order; exit 1 then."""
    if anchor and not anchor.partition(":")[0].isdecimal():
        raise typer.BadParameter("write it as it was printed, NUMBER:HASH", param_hint="--anchor")

    async def look(on: Accounts) -> list[Verdict]:
        audit = AuditStore(on.database)
        known = [each.id for each in await on.accounts.organisations()]
        # An anchor is of one chain.
        chosen = [on.organisation_id] if organisation or anchor else [NO_ORGANISATION, *known]
        return [await audit.verify(each, anchor) for each in chosen]

    verdicts = with_accounts(look, organisation)
    if as_json:
        put({"is_whole": all(each.broken is None for each in verdicts), "chains": [asdict(each) for each in verdicts]})
    else:
        for each in verdicts:
            sys.stdout.write(_line(each) + "\n")
    if any(each.broken is not None for each in verdicts):
        raise typer.Exit(1)


def _line(verdict: Verdict) -> str:
    name = verdict.organisation_id or "(no organisation)"
    if verdict.broken is None:
        return f"{name}: {verdict.checked} rows in order; head {verdict.head}"
    return f"{name}: BROKEN at row {verdict.broken}: {verdict.reason}"
