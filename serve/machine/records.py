"""The records before the first request: tables of this version, an organisation, and the dashboard's own API key."""

from pathlib import Path

from data.records.accounts.account_store import AccountStore
from data.records.database import Database
from serve.machine.private import write_private
from serve.settings import Settings

ORGANISATION = "This house"
DASHBOARD_KEY = "dashboard"


def key_file(state_dir: Path) -> Path:
    """Where the dashboard's key stands, readable by this user only."""
    return state_dir / "api_key"


async def prepare(settings: Settings) -> str:
    """Bring the tables to this version; the dashboard's key, made at the first start or once it was revoked."""
    database = Database(settings.database_url)
    try:
        await database.migrate()
        return await _dashboard_key(AccountStore(database), key_file(settings.state_dir))
    finally:
        await database.close()


async def first_organisation(accounts: AccountStore) -> str:
    """The id of the organisation that this machine's own keys belong to."""
    known = await accounts.organisations()
    return (known[0] if known else await accounts.create_organisation(ORGANISATION)).id


async def _dashboard_key(accounts: AccountStore, file: Path) -> str:
    secret = file.read_text("utf-8").strip() if file.exists() else ""
    if secret and await accounts.authenticate(secret):
        return secret
    _, secret = await accounts.create_key(DASHBOARD_KEY, await first_organisation(accounts))
    write_private(file, secret)
    return secret
