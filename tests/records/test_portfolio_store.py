"""Saved portfolios in SQL: versions, owners, pages."""

import asyncio

import pytest

from data.errors import Conflict, NotFound
from data.portfolio.portfolio import Portfolio
from data.records.database import Database
from data.records.portfolios.portfolio_store import PortfolioStore
from data.records.portfolios.saved_portfolio import SavedPortfolio
from data.wire.saved_portfolio import NewPortfolio

pytestmark = pytest.mark.anyio


@pytest.fixture
def portfolios(database: Database, clock) -> PortfolioStore:
    return PortfolioStore(database, clock)


@pytest.fixture
def new(new_portfolio):
    def build(title: str = "Ann", **changes) -> NewPortfolio:
        return NewPortfolio(title=title, portfolio=new_portfolio(**changes))

    return build


async def test_a_portfolio_comes_back_as_it_was_saved(portfolios: PortfolioStore, new):
    saved = await portfolios.add(new("六笔债务"), organisation_id="house")
    found = await portfolios.get(saved.id, "house")
    assert (found.title, found.version) == ("六笔债务", 1)
    assert Portfolio.model_validate(found.content) == new().portfolio


async def test_every_change_is_a_new_version(portfolios: PortfolioStore, new):
    saved = await portfolios.add(new(), organisation_id="house")
    changed = await portfolios.update(saved.id, "house", new("Ann, moved"), expected_version=1)
    assert changed.version == 2
    assert (await portfolios.get(saved.id, "house")).title == "Ann, moved"
    assert [row.version for row in (await portfolios.list("house"))[0]] == [2]


async def test_a_change_of_an_older_version_is_a_conflict(portfolios: PortfolioStore, new):
    saved = await portfolios.add(new(), organisation_id="house")
    await portfolios.update(saved.id, "house", new("first"), expected_version=1)
    with pytest.raises(Conflict):
        await portfolios.update(saved.id, "house", new("second"), expected_version=1)
    with pytest.raises(Conflict):
        await portfolios.update(saved.id, "house", new("second"), expected_version=7)
    assert (await portfolios.get(saved.id, "house")).title == "first"


async def test_of_changes_at_once_one_wins(portfolios: PortfolioStore, new):
    saved = await portfolios.add(new(), organisation_id="house")
    changes = [portfolios.update(saved.id, "house", new(f"change {n}"), expected_version=1) for n in range(6)]
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(Conflict) == 5
    won = next(outcome for outcome in outcomes if isinstance(outcome, SavedPortfolio))
    assert await portfolios.get(saved.id, "house") == won


async def test_another_organisations_portfolio_is_not_found(portfolios: PortfolioStore, new):
    saved = await portfolios.add(new(), organisation_id="house")
    with pytest.raises(NotFound):
        await portfolios.get(saved.id, "other")
    with pytest.raises(NotFound):
        await portfolios.update(saved.id, "other", new(), expected_version=1)
    with pytest.raises(NotFound):
        await portfolios.delete(saved.id, "other")
    assert await portfolios.list("other") == ([], None)


async def test_deleting_removes_every_version(portfolios: PortfolioStore, new):
    saved = await portfolios.add(new(), organisation_id="house")
    await portfolios.update(saved.id, "house", new(), expected_version=1)
    await portfolios.delete(saved.id, "house")
    with pytest.raises(NotFound):
        await portfolios.get(saved.id, "house")
    with pytest.raises(NotFound):
        await portfolios.delete(saved.id, "house")


async def test_the_same_idempotency_key_saves_once(portfolios: PortfolioStore, new):
    first = await portfolios.add(new(), organisation_id="house", idempotency_key="k")
    again = await portfolios.add(new(), organisation_id="house", idempotency_key="k")
    other = await portfolios.add(new(), organisation_id="other", idempotency_key="k")
    assert first.id == again.id != other.id
    with pytest.raises(Conflict):
        await portfolios.add(new("Bob"), organisation_id="house", idempotency_key="k")


async def test_pages_show_every_portfolio_once(portfolios: PortfolioStore, new, clock):
    added = []
    for number in range(7):
        clock.move(number % 2)
        added.append(await portfolios.add(new(f"client {number}"), organisation_id="house"))
    shown, cursor = await portfolios.list("house", limit=3)
    while cursor is not None:
        page, cursor = await portfolios.list("house", cursor=cursor, limit=3)
        shown += page
    assert [row.id for row in shown] == [
        row.id for row in sorted(added, key=lambda row: (row.created_at, row.id), reverse=True)
    ]
