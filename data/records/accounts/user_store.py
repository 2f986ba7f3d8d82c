"""The only SQL about the people of an organisation."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from data.clock import Clock, utc_now
from data.errors import Conflict, NotAuthenticated, NotFound
from data.ident import new_id
from data.records.accounts.account import Organisation, User
from data.records.audit.audit_event import OPERATOR, Actor, Deed
from data.records.audit.chain import append
from data.records.database import Database
from data.wire.access import Role
from data.wording.sentence import say

PROVIDER = Actor("identity provider")


@dataclass(frozen=True)
class NewPerson:
    """A person to be known: who they are, and what they may do."""

    name: str
    role: Role
    email: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class Vouched:
    """A person as an identity provider tells of them; the address, where there is one, has been proved."""

    subject: str
    name: str
    email: str | None = None


class UserStore:
    """The people of organisations."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        """Work on this database."""
        self._database = database
        self._now = clock

    async def create(self, organisation_id: str, new: NewPerson, by: Actor = OPERATOR) -> User:
        """A new person in the organisation.

        Raises:
            NotFound: there is no such organisation.
            Conflict: somebody in it has that address or subject.
        """
        async with self._database.session() as session:
            if await session.get(Organisation, organisation_id) is None:
                raise NotFound(say("no_such_organisation", id=organisation_id))
            for column, value in ((col(User.email), new.email), (col(User.subject), new.subject)):
                if value is not None and await _one(column == value, organisation_id, session):
                    raise Conflict(say("email_taken", email=value))
            return await self._added(organisation_id, new, session, by)

    async def list(self, organisation_id: str) -> list[User]:
        """The organisation's people, the oldest first, disabled ones too."""
        chosen = select(User).where(col(User.organisation_id) == organisation_id)
        async with self._database.reading() as session:
            return [*(await session.exec(chosen.order_by(col(User.created_at), col(User.id)))).all()]

    async def get(self, user_id: str, organisation_id: str) -> User:
        """The person of that id.

        Raises:
            NotFound: there is none in this organisation.
        """
        async with self._database.reading() as session:
            return await _named(user_id, organisation_id, session)

    async def find(self, name: str, organisation_id: str) -> User:
        """The person of that id or address, for the command line.

        Raises:
            NotFound: there is none in this organisation.
        """
        is_named = (col(User.id) == name) | (col(User.email) == name)
        async with self._database.reading() as session:
            found = await _one(is_named, organisation_id, session)
        if found is None:
            raise NotFound(say("no_such_user", id=name))
        return found

    async def change(
        self,
        user_id: str,
        organisation_id: str,
        by: Actor = OPERATOR,
        *,
        role: Role | None = None,
        is_disabled: bool | None = None,
    ) -> User:
        """Give the person another role, or let them and their keys in no more, or again.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        async with self._database.session() as session:
            user = await _named(user_id, organisation_id, session)
            if role is not None:
                user.role = role.value
            if is_disabled is not None:
                user.disabled_at = (user.disabled_at or self._now()) if is_disabled else None
            session.add(user)
            detail: dict[str, str | int] = {"role": user.role, "disabled": int(user.disabled_at is not None)}
            await append(session, [Deed(organisation_id, by, "user.changed", self._now(), user.id, detail)])
        return user

    async def met(self, organisation_id: str, who: Vouched, role: Role | None, default_role: Role | None) -> User:
        """The person whom an identity provider vouches for: found, or made when they first come.

        `role` is what the provider says it is, which is then kept; None where roles are given here. One who was made
        known by their address is recognised by it.

        Raises:
            NotAuthenticated: nobody knows them, and whom nobody knows is let in as nothing.
        """
        is_them = col(User.subject) == who.subject
        async with self._database.reading() as session:
            known = await _one(is_them, organisation_id, session)
        if known is not None and role in (None, known.role):
            return known
        async with self._database.session() as session:
            known = await _one(is_them, organisation_id, session) or await _by_address(who, organisation_id, session)
            if known is None:
                return await self._first_met(organisation_id, who, role or default_role, session)
            known.subject = who.subject
            known.role = (role or Role(known.role)).value
            session.add(known)
            detail: dict[str, str | int] = {"role": known.role}
            await append(session, [Deed(organisation_id, PROVIDER, "user.changed", self._now(), known.id, detail)])
            return known

    async def _first_met(self, organisation_id: str, who: Vouched, role: Role | None, session: AsyncSession) -> User:
        if role is None:
            raise NotAuthenticated(say("person_unknown"), holder=(organisation_id, ""))
        # The address may be somebody else's here; the person is kept without it.
        is_taken = who.email and await _one(col(User.email) == who.email, organisation_id, session)
        new = NewPerson(who.name, role, None if is_taken else who.email, who.subject)
        return await self._added(organisation_id, new, session, PROVIDER)

    async def _added(self, organisation_id: str, new: NewPerson, session: AsyncSession, by: Actor) -> User:
        user = User(
            id=new_id(),
            organisation_id=organisation_id,
            name=new.name,
            email=new.email,
            subject=new.subject,
            role=new.role.value,
            created_at=self._now(),
        )
        session.add(user)
        await append(
            session, [Deed(organisation_id, by, "user.created", self._now(), user.id, {"role": new.role.value})]
        )
        return user


async def _named(user_id: str, organisation_id: str, session: AsyncSession) -> User:
    user = await session.get(User, user_id)
    # Another organisation's person looks like none at all.
    if user is None or user.organisation_id != organisation_id:
        raise NotFound(say("no_such_user", id=user_id))
    return user


async def _by_address(who: Vouched, organisation_id: str, session: AsyncSession) -> User | None:
    if who.email is None:
        return None
    return await _one((col(User.email) == who.email) & col(User.subject).is_(None), organisation_id, session)


async def _one(condition: ColumnElement[bool], organisation_id: str, session: AsyncSession) -> User | None:
    chosen = select(User).where(condition, col(User.organisation_id) == organisation_id)
    return (await session.exec(chosen)).one_or_none()
