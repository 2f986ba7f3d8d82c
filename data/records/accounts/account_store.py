"""The only SQL about organisations and API keys. A secret is shown once; only its hash is kept."""

from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import and_, update
from sqlmodel import col, select

from data.clock import Clock, utc_now
from data.errors import NotFound
from data.ident import new_id
from data.records.accounts.account import ApiKey, Organisation
from data.records.database import Database
from data.wording.sentence import say

SECRET_PREFIX = "do_"
SECRET_BYTES = 32  # 256 bits


@dataclass(frozen=True)
class Caller:
    """Who is asking."""

    organisation_id: str
    key_id: str
    is_admin: bool


class AccountStore:
    """Organisations and their API keys."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        """Work on this database."""
        self._database = database
        self._now = clock

    async def create_organisation(self, name: str) -> Organisation:
        """A new organisation."""
        organisation = Organisation(id=new_id(), name=name, created_at=self._now())
        async with self._database.session() as session:
            session.add(organisation)
        return organisation

    async def organisations(self) -> list[Organisation]:
        """All organisations, the oldest first; for the command line."""
        chosen = select(Organisation).order_by(col(Organisation.created_at), col(Organisation.id))
        async with self._database.reading() as session:
            return [*(await session.exec(chosen)).all()]

    async def create_key(self, name: str, organisation_id: str, *, is_admin: bool = True) -> tuple[ApiKey, str]:
        """A new key and its secret, which nobody can be shown again.

        Raises:
            NotFound: there is no such organisation.
        """
        secret = SECRET_PREFIX + token_urlsafe(SECRET_BYTES)
        # The hint tells keys apart in a list and gives nothing away.
        key = ApiKey(
            id=new_id(),
            organisation_id=organisation_id,
            name=name,
            secret_hash=_hash(secret),
            hint=secret[-4:],
            is_admin=is_admin,
            created_at=self._now(),
        )
        async with self._database.session() as session:
            if await session.get(Organisation, organisation_id) is None:
                raise NotFound(say("no_such_organisation", id=organisation_id))
            session.add(key)
        return key, secret

    async def authenticate(self, secret: str) -> Caller | None:
        """Who holds this secret; None for one that nobody knows or that is revoked."""
        # The prefix spares a look-up for what is plainly no key of ours.
        if not secret.startswith(SECRET_PREFIX):
            return None
        is_valid = and_(col(ApiKey.secret_hash) == _hash(secret), col(ApiKey.revoked_at).is_(None))
        async with self._database.reading() as session:
            key = (await session.exec(select(ApiKey).where(is_valid))).one_or_none()
        return Caller(key.organisation_id, key.id, key.is_admin) if key else None

    async def list_keys(self, organisation_id: str) -> list[ApiKey]:
        """The organisation's keys, the newest first, revoked ones too."""
        newest_first = (col(ApiKey.created_at).desc(), col(ApiKey.id).desc())
        chosen = select(ApiKey).where(col(ApiKey.organisation_id) == organisation_id).order_by(*newest_first)
        async with self._database.reading() as session:
            return [*(await session.exec(chosen)).all()]

    async def revoke_key(self, key_id: str, organisation_id: str) -> None:
        """Let the key open nothing any more; doing so twice is no error.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        is_named = and_(col(ApiKey.id) == key_id, col(ApiKey.organisation_id) == organisation_id)
        revoke = update(ApiKey).where(is_named, col(ApiKey.revoked_at).is_(None)).values(revoked_at=self._now())
        async with self._database.session() as session:
            if (await session.exec(select(ApiKey.id).where(is_named))).one_or_none() is None:
                raise NotFound(say("no_such_key", id=key_id))
            await session.exec(revoke)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
