"""Measures of a cash flow or a statement, answered at once: its annual rate, and a card's interest on the whole.

Nothing is stored.
"""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from agents.planner.measures import apr as planner_apr
from agents.planner.measures import card_interest as planner_card_interest
from data.answers.apr import AnnualRate, RateQuestion
from data.answers.card_interest import CardInterest, CardInterestQuestion
from serve.http.bodies import JsonRoute
from serve.http.described import examples
from serve.http.plan_questions import answered

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=JsonRoute)


@router.post("/apr", summary="Find the annual rate of a cash flow", response_model=AnnualRate)
async def apr(question: Annotated[RateQuestion, Body(openapi_examples=examples.APR)], request: Request) -> Response:
    """The annual rate at which what is lent is worth what is paid, unrounded.

    `reg_z` is the actuarial method of Regulation Z, Appendix J; `eu_aprc` the annual percentage rate of charge of
    Directives 2008/48/EC and 2014/17/EU; `irr` the internal rate of return. Times are whole unit-periods from the
    first advance; a cost at the start is a payment at 0.
    """
    return await answered(lambda: planner_apr.annual_rate(question), request)


@router.post("/card-interest", summary="Reckon card interest on the whole statement", response_model=CardInterest)
async def card_interest(
    question: Annotated[CardInterestQuestion, Body(openapi_examples=examples.CARD_INTEREST)], request: Request
) -> Response:
    """全额计息: each amount bears interest from its posting day, what is paid from its own day on bears none.

    With `due`, nothing is charged where all was paid by then.
    """
    return await answered(lambda: planner_card_interest.card_interest(question), request)
