"""`retention show|set|apply`: how long an organisation keeps what, and erasing now what is older."""

import re
import sys
from typing import Annotated, Any

import typer

from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.token_stream.on_redis import RedisTokenStream
from data.clock import utc_now
from data.errors import ServiceUnavailable
from data.records.audit.audit_event import Deed
from data.records.audit.audit_store import AuditStore
from data.records.keeping.retention import MOST_DAYS, Retention
from data.records.keeping.retention_store import RetentionStore
from serve.commands.accounts.shared import Accounts, Which, group, put, with_accounts
from serve.commands.shared.options import AsJson
from serve.keeping.erasing import Eraser
from serve.keeping.retention import Keeper
from serve.machine.redis_server import url_of_running
from serve.settings import Settings

KEEP = "keep"
DAYS = re.compile(r"(\d{1,6})d?")
KINDS = {
    "tasks": "finished tasks, counted from their end",
    "batches": "finished batches, counted from their end",
    "portfolios": "saved portfolios, counted from their last change",
}
app = group("How long an organisation keeps what.")


def _kept(kind: str) -> Any:
    return typer.Option(metavar="DAYS", help=f"Days to keep {KINDS[kind]}, such as 90d; or {KEEP}. Default: as it is.")


@app.command()
def show(*, organisation: Which = None, as_json: AsJson = False) -> None:
    """What has been decided; everything is kept where nothing was."""

    async def decided(on: Accounts) -> Retention:
        return await RetentionStore(on.database).of(on.organisation_id)

    _tell(with_accounts(decided, organisation), as_json=as_json)


@app.command("set")
def set_(
    *,
    tasks: Annotated[str | None, _kept("tasks")] = None,
    batches: Annotated[str | None, _kept("batches")] = None,
    portfolios: Annotated[str | None, _kept("portfolios")] = None,
    organisation: Which = None,
    as_json: AsJson = False,
) -> None:
    """Decide it; what is older already is erased within a day, or at once by `retention apply`, for good."""
    wished = {"tasks": tasks, "batches": batches, "portfolios": portfolios}
    changes = {f"{kind}_days": _days(text, kind) for kind, text in wished.items() if text is not None}
    if not changes:
        raise typer.BadParameter("say at least one of --tasks, --batches and --portfolios", param_hint="retention set")

    async def decide(on: Accounts) -> Retention:
        store = RetentionStore(on.database)
        after = (await store.of(on.organisation_id)).model_dump() | changes
        await store.decide(Retention.model_validate(after))
        deed = Deed(on.organisation_id, on.by, "retention.decided", utc_now())
        await AuditStore(on.database).append([deed])
        return Retention.model_validate(after)

    _tell(with_accounts(decide, organisation), as_json=as_json)


@app.command()
def apply(*, organisation: Which = None, as_json: AsJson = False) -> None:
    """Erase now, for good, what is older than was decided."""

    async def erase(on: Accounts) -> dict[str, int]:
        settings = Settings.load()
        redis_url = settings.redis_url or url_of_running(settings.state_dir)
        # What is erased may still have events there.
        if redis_url is None:
            raise ServiceUnavailable("No Redis runs for this state folder: start the service (`up`) or set REDIS_URL.")
        queue, stream = RedisTaskQueue(redis_url), RedisTokenStream(redis_url)
        try:
            decided = await RetentionStore(on.database).of(on.organisation_id)
            erased = await Keeper(Eraser(on.database, queue, stream, settings.batches_dir)).apply(decided)
        finally:
            await queue.close()
            await stream.close()
        deed = Deed(on.organisation_id, on.by, "retention.applied", utc_now(), detail={**erased})
        await AuditStore(on.database).append([deed])
        return erased

    erased = with_accounts(erase, organisation)
    if as_json:
        put({"erased": erased})
    else:
        sys.stdout.write("".join(f"{kind}: {count} erased\n" for kind, count in erased.items()))


def _days(text: str, kind: str) -> int | None:
    """The days of an option; None to keep for good."""
    if text.strip() == KEEP:
        return None
    found = DAYS.fullmatch(text.strip())
    if found is None or not 1 <= int(found[1]) <= MOST_DAYS:
        raise typer.BadParameter(
            f'"{text}" is no number of days from 1 to {MOST_DAYS}; write 90d, or {KEEP}', param_hint=f"--{kind}"
        )
    return int(found[1])


def _tell(decided: Retention, *, as_json: bool) -> None:
    if as_json:
        put(decided.model_dump(exclude={"organisation_id"}))
        return
    for kind in KINDS:
        days = getattr(decided, f"{kind}_days")
        sys.stdout.write(f"{kind}: {'kept until somebody deletes them' if days is None else f'{days} days'}\n")
