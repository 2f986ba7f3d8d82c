"""What the commands about accounts share: the database, the organisation that is meant, and their options."""

import asyncio
import getpass
import json
import re
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

import typer

from data.clock import utc_now
from data.errors import NotFound
from data.records.accounts.account_store import AccountStore
from data.records.accounts.user_store import UserStore
from data.records.audit.audit_event import OPERATOR, Actor
from data.records.database import Database
from data.wire.access import Scope
from data.wording.sentence import say
from serve.machine.private import state_folder
from serve.machine.records import first_organisation
from serve.settings import Settings

T = TypeVar("T")
DAYS = re.compile(r"(\d{1,4})d")

Which = Annotated[
    str | None,
    typer.Option("--organisation", metavar="ID", help="Which one, by its id or name; default: the first."),
]


@dataclass(frozen=True)
class Accounts:
    """What a command about accounts works with.

    Attributes:
        organisation_id: of the organisation that is meant.
        by: whoever gives the command, for the audit log.
    """

    database: Database
    accounts: AccountStore
    users: UserStore
    organisation_id: str
    by: Actor


def group(help: str) -> typer.Typer:
    """A group of commands."""
    settings = {"help_option_names": ["-h", "--help"]}
    return typer.Typer(help=help, no_args_is_help=True, add_completion=False, context_settings=settings)


def with_accounts(work: Callable[[Accounts], Awaitable[T]], organisation: str | None = None) -> T:
    """Do this on the records of this machine's settings.

    Raises:
        NotFound: there is no such organisation.
    """

    async def opened() -> T:
        settings = Settings.load()
        # The state folder holds the database and keys: others on this machine must not read it.
        state_folder(settings.state_dir)
        database = Database(settings.database_url)
        try:
            if database.is_sqlite:  # of this machine; one that others use is migrated when its operator says so
                await database.migrate()
            accounts = AccountStore(database)
            meant = await _meant(organisation, accounts)
            return await work(Accounts(database, accounts, UserStore(database), meant, _operator()))
        finally:
            await database.close()

    return asyncio.run(opened())


def put(value: dict[str, Any]) -> None:
    """One thing as JSON, on standard output."""
    sys.stdout.write(json.dumps(value) + "\n")


def put_list(values: Iterable[dict[str, Any]]) -> None:
    """A list as JSON, as the HTTP endpoint answers it."""
    put({"items": [*values], "next": None})


def day(moment: datetime | None) -> str:
    """The day in a table; nothing where there is none."""
    return f"{moment:%Y-%m-%d}" if moment else ""


def parse_expiry(text: str | None) -> datetime | None:
    """When a key ends: a day (2027-12-31, to its end in UTC), a moment, or so many days from now (90d)."""
    if text is None:
        return None
    if days := DAYS.fullmatch(text.strip()):
        return utc_now() + timedelta(days=int(days[1]))
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(
            f'"{text}" is no moment; write 2027-12-31, 2027-12-31T12:00Z or 90d', param_hint="--expires"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    ends = moment + timedelta(days=1) if len(text.strip()) == len("2027-12-31") else moment
    if ends <= utc_now():
        raise typer.BadParameter(f"{text} has passed", param_hint="--expires")
    return ends


def parse_scopes(text: str | None) -> list[Scope] | None:
    """The scopes of a list with commas; wrong usage where one is unknown."""
    if text is None:
        return None
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Scope)]
    if unknown or not names:
        raise typer.BadParameter(
            f'"{", ".join(unknown)}" is no scope; there are {", ".join(Scope)}', param_hint="--scopes"
        )
    return [Scope(name) for name in names]


def _operator() -> Actor:
    """Whoever is at the command line, by their name on this machine."""
    try:
        return Actor(OPERATOR.kind, getpass.getuser())
    # A container may run as a number that has no name.
    except (OSError, KeyError):
        return OPERATOR


async def _meant(named: str | None, accounts: AccountStore) -> str:
    if named is None:
        return await first_organisation(accounts)
    known = await accounts.organisations()
    by_name = [each.id for each in known if each.name == named]
    if named in {each.id for each in known}:
        return named
    # Two of one name must be told apart by their ids.
    if len(by_name) != 1:
        raise NotFound(say("no_such_organisation", id=named))
    return by_name[0]
