"""Saved portfolios: every change is a new version, and nobody overwrites a version they have not seen."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response

from data.errors import Conflict, FieldError
from data.portfolio.portfolio import Portfolio
from data.records.portfolios.saved_portfolio import SavedPortfolio
from data.wire.saved_portfolio import NewPortfolio, PortfolioView
from data.wording.sentence import say
from serve.http.auth import CurrentCaller
from serve.http.bodies import JsonRoute, services_of
from serve.http.described import examples
from serve.http.pages import IdempotencyKey, Page, PageQuery
from serve.http.path_ids import Id
from serve.http.problems import Refusal
from serve.keeping.exporting import ClientExport, export_client

router = APIRouter(prefix="/v1/portfolios", tags=["portfolios"], route_class=JsonRoute)

NewVersion = Annotated[NewPortfolio, Body(openapi_examples=examples.SAVED)]
IfMatch = Annotated[str | None, Header(description='The ETag of the version you have read, for example "3".')]
VERSION = re.compile(r'(?:W/)?"?(\d{1,9})"?')
ANY_VERSION = "*"


@router.get("", summary="List saved portfolios", response_model_exclude={"items": {"__all__": {"portfolio"}}})
async def list_portfolios(
    caller: CurrentCaller, request: Request, query: Annotated[PageQuery, Query()]
) -> Page[PortfolioView]:
    """The newest version of each, the last changed first, without their content."""
    store = services_of(request).portfolios
    rows, following = await store.list(caller.organisation_id, cursor=query.cursor, limit=query.limit)
    return Page(items=[_view(row, whole=False) for row in rows], next=following)


@router.post("", status_code=201, summary="Save a portfolio")
async def save_portfolio(
    new: NewVersion,
    caller: CurrentCaller,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> PortfolioView:
    """Keep a portfolio as version 1 under a new id."""
    store = services_of(request).portfolios
    row = await store.add(new, organisation_id=caller.organisation_id, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/v1/portfolios/{row.id}"
    return _answer(row, response)


async def _current(portfolio_id: Id, caller: CurrentCaller, request: Request) -> SavedPortfolio:
    return await services_of(request).portfolios.get(portfolio_id, caller.organisation_id)


Current = Annotated[SavedPortfolio, Depends(_current)]


@router.get("/{portfolio_id}", summary="Read a saved portfolio")
async def read_portfolio(current: Current, response: Response) -> PortfolioView:
    """The newest version; its ETag is what a change must name."""
    return _answer(current, response)


@router.put("/{portfolio_id}", summary="Change a saved portfolio")
async def change_portfolio(
    current: Current,
    new: NewVersion,
    request: Request,
    response: Response,
    if_match: IfMatch = None,
) -> PortfolioView:
    """Keep a new version; 412 if somebody else has changed it since the version named in `If-Match`."""
    store = services_of(request).portfolios
    expected = _expected_version(if_match, current)
    try:
        row = await store.update(current.id, current.organisation_id, new, expected_version=expected)
    # Somebody was quicker between the look and the write.
    except Conflict as conflict:
        raise Refusal(412, conflict.said) from conflict
    return _answer(row, response)


@router.delete("/{portfolio_id}", status_code=204, summary="Delete a saved portfolio, or all of a client")
async def delete_portfolio(
    portfolio_id: Id,
    caller: CurrentCaller,
    request: Request,
    *,
    if_match: IfMatch = None,
    everything: Annotated[bool, Query(description="Erase all of this client; for administrators' keys.")] = False,
) -> None:
    """Remove all its versions; tasks that used it keep their copy, unless `everything` of the client is to go.

    Everything is: all versions, every task that was asked about it by its id, with its steps and its stream, and its
    rows in the files of batches. On SQLite the file is written anew, so this may take a while.
    """
    if everything:
        if not caller.is_admin:
            raise Refusal(403, say("administrator_needed"))
        await services_of(request).eraser.client(portfolio_id, caller.organisation_id)
        return
    current = await _current(portfolio_id, caller, request)
    if if_match is not None:
        _expected_version(if_match, current)
    await services_of(request).portfolios.delete(current.id, current.organisation_id)


@router.get("/{portfolio_id}/export", summary="Export all of a client")
async def export_portfolio(portfolio_id: Id, caller: CurrentCaller, request: Request) -> ClientExport:
    """All that is kept of this client: every version, every task asked about it by its id, its rows in batches."""
    services = services_of(request)
    return await export_client(
        portfolio_id,
        caller.organisation_id,
        database=services.database,
        batches_dir=services.settings.batches_dir,
    )


def _expected_version(if_match: str | None, current: SavedPortfolio) -> int:
    """The version that the caller has seen, which must be the current one."""
    if if_match is None:
        raise Refusal(428, say("if_match_needed", current=current.version))
    named = VERSION.fullmatch(if_match.strip())
    if named is None and if_match.strip() != ANY_VERSION:
        wrong = FieldError("If-Match", say("not_an_etag"), if_match)
        raise Refusal(422, say("if_match_wrong", said=wrong.said), errors=[wrong])
    version = int(named[1]) if named else current.version
    if version != current.version:
        raise Refusal(412, say("version_moved_on", current=current.version, version=version))
    return version


def _answer(row: SavedPortfolio, response: Response) -> PortfolioView:
    response.headers["ETag"] = f'"{row.version}"'
    return _view(row, whole=True)


def _view(row: SavedPortfolio, *, whole: bool) -> PortfolioView:
    fields: dict[str, Any] = {"id": row.id, "version": row.version, "title": row.title, "created_at": row.created_at}
    return PortfolioView(**fields, portfolio=Portfolio.model_validate(row.content) if whole else None)
