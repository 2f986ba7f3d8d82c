"""The only SQL about saved portfolios: every change is a new version."""

from hashlib import sha256
from itertools import count

from sqlalchemy import ColumnElement, and_, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from data.clock import Clock, utc_now
from data.errors import Conflict, NotFound
from data.ident import IDEMPOTENCY_KEPT, new_id
from data.records.cursor import older_than, page_size, to_cursor
from data.records.database import Database
from data.records.portfolios.saved_portfolio import SavedPortfolio
from data.wire.saved_portfolio import NewPortfolio
from data.wording.sentence import say


class PortfolioStore:
    """Portfolios that their owners keep."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        """Work on this database."""
        self._database = database
        self._now = clock

    async def add(
        self, new: NewPortfolio, *, organisation_id: str, idempotency_key: str | None = None
    ) -> SavedPortfolio:
        """Version 1 of a new portfolio; the first one again when its idempotency key was used for the same.

        Raises:
            Conflict: the idempotency key was used for another portfolio.
        """
        for use in count():
            portfolio_id = _id_of(organisation_id, idempotency_key, use) if idempotency_key else new_id()
            row = self._version(new, portfolio_id, organisation_id, number=1)
            try:
                async with self._database.session() as session:
                    session.add(row)
            except IntegrityError:
                earlier = await self._earlier(row)
                # A day later the key is free to be used anew.
                if earlier.created_at > self._now() - IDEMPOTENCY_KEPT:
                    return _same(earlier, row)
            else:
                return row
        raise AssertionError  # counting has no end

    async def get(self, portfolio_id: str, organisation_id: str) -> SavedPortfolio:
        """The newest version.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        is_named = _is_latest(portfolio_id, organisation_id)
        async with self._database.reading() as session:
            row = (await session.exec(select(SavedPortfolio).where(is_named))).one_or_none()
        if row is None:
            raise NotFound(say("no_such_portfolio", id=portfolio_id))
        return row

    async def list(
        self, organisation_id: str, *, cursor: str | None = None, limit: int = 50
    ) -> tuple[list[SavedPortfolio], str | None]:
        """A page of newest versions, the last changed first, and the cursor of the next page, None at the end."""
        created_at, portfolio_id = col(SavedPortfolio.created_at), col(SavedPortfolio.id)
        is_shown = and_(col(SavedPortfolio.organisation_id) == organisation_id, col(SavedPortfolio.is_latest).is_(True))
        chosen = select(SavedPortfolio).where(is_shown)
        if cursor is not None:
            chosen = chosen.where(older_than(cursor, created_at, portfolio_id))
        limit = page_size(limit)
        async with self._database.reading() as session:
            ordered = chosen.order_by(created_at.desc(), portfolio_id.desc()).limit(limit + 1)
            rows = [*(await session.exec(ordered)).all()]
        page = rows[:limit]
        return page, to_cursor(page[-1].created_at, page[-1].id) if len(rows) > limit else None

    async def update(
        self, portfolio_id: str, organisation_id: str, new: NewPortfolio, *, expected_version: int
    ) -> SavedPortfolio:
        """A new version after the expected one.

        Raises:
            NotFound: there is none of that id in this organisation.
            Conflict: somebody else has changed it since that version.
        """
        row = self._version(new, portfolio_id, organisation_id, number=expected_version + 1)
        is_expected = _is_latest(portfolio_id, organisation_id) & (col(SavedPortfolio.version) == expected_version)
        # Read first, so that a portfolio that is not there is NotFound and not a conflict.
        await self.get(portfolio_id, organisation_id)
        async with self._database.session() as session:
            # Compare and swap: of two changes to the same version one gets through.
            superseded = await session.exec(update(SavedPortfolio).where(is_expected).values(is_latest=False))
            if superseded.rowcount == 0:
                raise Conflict(say("version_gone", version=expected_version))
            session.add(row)
        return row

    async def delete(self, portfolio_id: str, organisation_id: str) -> None:
        """Remove all versions; tasks that used the portfolio keep their copy.

        Raises:
            NotFound: there is none of that id in this organisation.
        """
        is_owned = and_(col(SavedPortfolio.id) == portfolio_id, col(SavedPortfolio.organisation_id) == organisation_id)
        async with self._database.session() as session:
            removed = await session.exec(delete(SavedPortfolio).where(is_owned))
            if removed.rowcount == 0:
                raise NotFound(say("no_such_portfolio", id=portfolio_id))

    def _version(self, new: NewPortfolio, portfolio_id: str, organisation_id: str, *, number: int) -> SavedPortfolio:
        return SavedPortfolio(
            id=portfolio_id,
            version=number,
            organisation_id=organisation_id,
            title=new.title,
            content=new.portfolio.model_dump(mode="json"),
            created_at=self._now(),
        )

    async def _earlier(self, row: SavedPortfolio) -> SavedPortfolio:
        async with self._database.reading() as session:
            return await session.get_one(SavedPortfolio, (row.id, 1))


def _same(earlier: SavedPortfolio, row: SavedPortfolio) -> SavedPortfolio:
    """The earlier one, if it says the same."""
    if (earlier.title, earlier.content) != (row.title, row.content):
        raise Conflict(say("key_reused_for_portfolio"))
    return earlier


def _is_latest(portfolio_id: str, organisation_id: str) -> ColumnElement[bool]:
    return and_(
        col(SavedPortfolio.id) == portfolio_id,
        col(SavedPortfolio.organisation_id) == organisation_id,
        col(SavedPortfolio.is_latest).is_(True),
    )


def _id_of(organisation_id: str, idempotency_key: str, use: int) -> str:
    """The same id for the same key of an organisation, so that the primary key refuses the second.

    `use` counts how often the key has been used anew.
    """
    again = f"|{use}" if use else ""
    return sha256(f"{organisation_id}|{idempotency_key}{again}".encode()).hexdigest()[:32]
