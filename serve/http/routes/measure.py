"""Measures of a cash flow or a statement, answered at once: its annual rate, and a card's interest on the whole.

Nothing is stored.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from agents.planner.measures import apr as planner_apr
from agents.planner.measures import card_interest as planner_card_interest
from data.answers.apr import AnnualRate, RateQuestion
from data.answers.card_interest import CardInterest, CardInterestQuestion
from serve.http import examples
from serve.http.bodies import JsonRoute

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=JsonRoute)


@router.post("/apr", summary="Find the annual rate of a cash flow", response_model=AnnualRate)
async def apr(question: Annotated[RateQuestion, Body(openapi_examples=examples.APR)]) -> Response:
    """The annual rate at which what is lent is worth what is paid, unrounded.

    `reg_z` is the actuarial method of Regulation Z, Appendix J; `eu_aprc` the annual percentage rate of charge of
    Directives 2008/48/EC and 2014/17/EU; `irr` the internal rate of return. Times are whole unit-periods from the
    first advance; a cost at the start is a payment at 0.
    """
    return await _answer(lambda: planner_apr.annual_rate(question))


@router.post("/card-interest", summary="Reckon card interest on the whole statement", response_model=CardInterest)
async def card_interest(
    question: Annotated[CardInterestQuestion, Body(openapi_examples=examples.CARD_INTEREST)],
) -> Response:
    """全额计息: each amount bears interest from its posting day, what is paid from its own day on bears none.

    With `due`, nothing is charged where all was paid by then.
    """
    return await _answer(lambda: planner_card_interest.card_interest(question))


async def _answer(work: Callable[[], BaseModel]) -> Response:
    """The answer as JSON, made beside the event loop: a flow of many payments takes a while."""
    content = await run_in_threadpool(lambda: work().model_dump_json())
    return Response(content, media_type="application/json")
