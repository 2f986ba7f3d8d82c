"""How card issuers compute the minimum payment: rules to fill a debt's `minimum` with.

The rules come from `data/rules/issuer_minimum.py`.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from data.portfolio.value import Day
from data.rules.issuer_minimum import issuers
from data.wire.issuer import IssuerView
from data.wording.described import Described
from serve.http.bodies import JsonRoute

router = APIRouter(prefix="/v1/issuers", tags=["portfolios"], route_class=JsonRoute)

Place = Annotated[
    str | None, Query(pattern="^[A-Z]{2}$", description="Only issuers of this country (ISO 3166: US, GB, CN …).")
]
AsOf = Annotated[
    Day | None,
    Query(description="Only rules whose source is not younger than this day (2026-12-31)."),
]


class IssuerQuery(BaseModel):
    """Which issuers; other parameters are refused by name."""

    model_config = ConfigDict(extra="forbid")

    place: Place = None
    on: AsOf = None


class Issuers(Described, BaseModel):
    """The issuers whose rule is known.

    Attributes:
        items: each issuer's rule.
    """

    items: list[IssuerView]


@router.get("", summary="List minimum payments by issuer")
async def list_issuers(query: Annotated[IssuerQuery, Query()]) -> Issuers:
    """Each issuer's rule as a debt's `minimum`, with its date and source; the card's own agreement decides."""
    return Issuers(items=[IssuerView.of(rule) for rule in issuers(query.place, query.on)])
