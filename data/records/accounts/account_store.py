"""The only SQL about organisations and API keys. A secret is shown once; only its hash is kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from data.clock import Clock, utc_now
from data.errors import Conflict, NotAuthenticated, NotFound
from data.ident import IDEMPOTENCY_KEPT, new_id
from data.records.accounts.account import ApiKey, Organisation, User
from data.records.accounts.caller import Caller, effective
from data.records.audit.audit_event import OPERATOR, Actor, Deed
from data.records.audit.chain import append
from data.records.database import Database
from data.wire.access import Role, Scope, lesser
from data.wording.sentence import say

SECRET_PREFIX = "do_"
SECRET_BYTES = 32  # 256 bits
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class KeyGrant:
    """What a new key may do.

    Attributes:
        role: None for its user's, or an administrator's where it is nobody's.
        scopes: None for all that the role opens.
    """

    role: Role | None = None
    scopes: Collection[Scope] | None = None
    expires_at: datetime | None = None
    user_id: str | None = None


WHOLE = KeyGrant()


@dataclass(frozen=True)
class Wish:
    """A wish that may arrive twice and is granted once: its idempotency key, and the fingerprint of what is wished."""

    idempotency_key: str
    fingerprint: str


class AccountStore:
    """Organisations and their API keys."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        """Work on this database."""
        self._database = database
        self._now = clock

    async def create_organisation(self, name: str, claim: str | None = None, by: Actor = OPERATOR) -> Organisation:
        """A new organisation; `claim` is what an identity provider calls it.

        Raises:
            Conflict: another one is called so by the identity provider.
        """
        organisation = Organisation(id=new_id(), name=name, claim=claim, created_at=self._now())
        async with self._database.session() as session:
            if claim is not None and await _called(claim, session) is not None:
                raise Conflict(say("claim_taken", claim=claim))
            session.add(organisation)
            # With the first row the chain begins: from then on, one that is missing was taken away.
            await append(session, [Deed(organisation.id, by, "organisation.created", self._now(), organisation.id)])
        return organisation

    async def organisations(self) -> list[Organisation]:
        """All organisations, the oldest first; for the command line."""
        chosen = select(Organisation).order_by(col(Organisation.created_at), col(Organisation.id))
        async with self._database.reading() as session:
            return [*(await session.exec(chosen)).all()]

    async def organisation_called(self, claim: str | None) -> Organisation | None:
        """The one that an identity provider calls so, or of that id; without a name the only one there is."""
        async with self._database.reading() as session:
            if claim is not None:
                return await _called(claim, session) or await session.get(Organisation, claim)
            found = (await session.exec(select(Organisation).limit(2))).all()
        return found[0] if len(found) == 1 else None

    async def create_key(
        self, name: str, organisation_id: str, grant: KeyGrant = WHOLE, by: Actor = OPERATOR
    ) -> tuple[ApiKey, str]:
        """A new key and its secret, which nobody can be shown again.

        Raises:
            NotFound: there is no such organisation, or no such person in it.
        """
        return await self._new_key(name, organisation_id, grant, by)

    async def create_key_once(
        self, name: str, organisation_id: str, grant: KeyGrant, by: Actor, wish: Wish
    ) -> tuple[ApiKey, str | None]:
        """A new key and its secret; the one of before without it, where the wish has come already.

        Raises:
            Conflict: the idempotency key was used for another wish.
            NotFound: as for `create_key`.
        """
        await self._free(organisation_id, wish)
        try:
            return await self._new_key(name, organisation_id, grant, by, wish)
        # The unique index decides: two requests with one idempotency key may arrive together.
        except IntegrityError:
            earlier = await self.made_before(organisation_id, wish)
            if earlier is None:
                raise
            return earlier, None

    async def made_before(self, organisation_id: str, wish: Wish) -> ApiKey | None:
        """The key that was made when this wish came before, within a day.

        Raises:
            Conflict: the idempotency key was used for another wish.
        """
        is_young = col(ApiKey.created_at) > self._now() - IDEMPOTENCY_KEPT
        async with self._database.reading() as session:
            made = select(ApiKey).where(_is_for(organisation_id, wish), is_young)
            earlier = (await session.exec(made)).one_or_none()
        if earlier is not None and earlier.fingerprint != wish.fingerprint:
            raise Conflict(say("key_reused_for_request"))
        return earlier

    async def _free(self, organisation_id: str, wish: Wish) -> None:
        is_old = col(ApiKey.created_at) <= self._now() - IDEMPOTENCY_KEPT
        freed = update(ApiKey).where(_is_for(organisation_id, wish), is_old).values(idempotency_key=None)
        async with self._database.session() as session:
            await session.exec(freed)

    async def _new_key(
        self, name: str, organisation_id: str, grant: KeyGrant, by: Actor, wish: Wish | None = None
    ) -> tuple[ApiKey, str]:
        secret = SECRET_PREFIX + token_urlsafe(SECRET_BYTES)
        async with self._database.session() as session:
            if await session.get(Organisation, organisation_id) is None:
                raise NotFound(say("no_such_organisation", id=organisation_id))
            # The hint tells keys apart in a list and gives nothing away.
            key = ApiKey(
                id=new_id(),
                organisation_id=organisation_id,
                user_id=grant.user_id,
                name=name,
                secret_hash=_hash(secret),
                hint=secret[-4:],
                role=(await _role_of(grant, organisation_id, session)).value,
                scopes=None if grant.scopes is None else " ".join(sorted(grant.scopes)),
                created_at=self._now(),
                expires_at=grant.expires_at,
                idempotency_key=wish.idempotency_key if wish else None,
                fingerprint=wish.fingerprint if wish else None,
            )
            session.add(key)
            detail: dict[str, str | int] = {"role": key.role, "scopes": key.scopes or "", "user": key.user_id or ""}
            await append(session, [Deed(organisation_id, by, "key.created", self._now(), key.id, detail)])
        return key, secret

    async def authenticate(self, secret: str) -> Caller | None:
        """Who holds this secret; None for one that nobody knows or that is revoked.

        Raises:
            NotAuthenticated: the key has expired, or its user is disabled.
        """
        # The prefix spares a look-up for what is plainly no key of ours.
        if not secret.startswith(SECRET_PREFIX):
            return None
        is_valid = and_(col(ApiKey.secret_hash) == _hash(secret), col(ApiKey.revoked_at).is_(None))
        with_user = select(ApiKey, User).join(User, col(User.id) == col(ApiKey.user_id), isouter=True)
        async with self._database.reading() as session:
            found = (await session.exec(with_user.where(is_valid))).one_or_none()
        return None if found is None else self._caller(*found)

    async def note_use(self, key_ids: Collection[str]) -> None:
        """Keep that these keys are in use now, where the last note of it is a minute old."""
        now = self._now()
        is_old = or_(col(ApiKey.last_used_at).is_(None), col(ApiKey.last_used_at) <= now - USE_NOTED_EVERY)
        async with self._database.session() as session:
            await session.exec(update(ApiKey).where(col(ApiKey.id).in_(key_ids), is_old).values(last_used_at=now))

    async def list_keys(self, organisation_id: str) -> list[ApiKey]:
        """The organisation's keys, the newest first, revoked ones too."""
        newest_first = (col(ApiKey.created_at).desc(), col(ApiKey.id).desc())
        chosen = select(ApiKey).where(col(ApiKey.organisation_id) == organisation_id).order_by(*newest_first)
        async with self._database.reading() as session:
            return [*(await session.exec(chosen)).all()]

    async def revoke_key(self, key_id: str, organisation_id: str, by: Actor = OPERATOR) -> None:
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
            await append(session, [Deed(organisation_id, by, "key.revoked", self._now(), key_id)])

    def _caller(self, key: ApiKey, user: User | None) -> Caller:
        now, holder = self._now(), (key.organisation_id, key.id)
        if key.expires_at is not None and key.expires_at <= now:
            raise NotAuthenticated(say("key_expired", at=f"{key.expires_at:%Y-%m-%d %H:%M}"), holder=holder)
        if user is not None and user.disabled_at is not None:
            raise NotAuthenticated(say("user_disabled"), holder=holder)
        role = Role(key.role) if user is None else lesser(Role(key.role), Role(user.role))
        return Caller(
            key.organisation_id,
            key.id,
            role,
            effective(role, key.granted),
            key.user_id,
            lasts_s=None if key.expires_at is None else (key.expires_at - now).total_seconds(),
            is_use_due=key.last_used_at is None or key.last_used_at <= now - USE_NOTED_EVERY,
        )


def _is_for(organisation_id: str, wish: Wish) -> ColumnElement[bool]:
    return and_(col(ApiKey.organisation_id) == organisation_id, col(ApiKey.idempotency_key) == wish.idempotency_key)


async def _called(claim: str, session: AsyncSession) -> Organisation | None:
    return (await session.exec(select(Organisation).where(col(Organisation.claim) == claim))).one_or_none()


async def _role_of(grant: KeyGrant, organisation_id: str, session: AsyncSession) -> Role:
    """The role that the grant names, else its user's.

    Raises:
        NotFound: there is no such person in this organisation.
    """
    if grant.user_id is None:
        return grant.role or Role.ADMIN
    user = await session.get(User, grant.user_id)
    if user is None or user.organisation_id != organisation_id:
        raise NotFound(say("no_such_user", id=grant.user_id))
    return grant.role or Role(user.role)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
