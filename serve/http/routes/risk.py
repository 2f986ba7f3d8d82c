"""How a plan may turn out when things go wrong, answered at once by the planner.

Nothing is stored.
"""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from agents.planner.risk import monte_carlo
from data.answers.risk import RiskQuestion
from data.answers.risk_report import RiskReport
from serve.http.bodies import JsonRoute
from serve.http.described import examples
from serve.http.plan_questions import paths_in_body, planned_often, this_month

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=JsonRoute)


@router.post("/risk", summary="What may go wrong", response_model=RiskReport)
async def risk(question: Annotated[RiskQuestion, Body(openapi_examples=examples.RISK)], request: Request) -> Response:
    """Thousands of courses of events, with lost income, unexpected bills and moving rates, each planned to the cent.

    The answer holds quantiles of what is owed month by month, of months, interest and total, the probability of being
    debt-free by a month and of a missed minimum, and which assumption matters most. The same seed gives the same
    answer. Offers are not taken.
    """
    with paths_in_body():
        starting = question.portfolio.starting(this_month(request))
    asked = question.model_copy(update={"portfolio": starting})
    return await planned_often(lambda: monte_carlo.risk(asked), request)
