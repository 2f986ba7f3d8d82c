"""Quick questions: plan, compare and weigh a portfolio, answered at once by the planner.

Knows nothing of tasks, queues or models; nothing is stored.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Request, Response
from pydantic import Field

from agents.planner import health as planner_health
from agents.planner import planning
from data.health import Health
from data.plan import Comparison, Plan, Strategy
from serve import examples
from serve.bodies import JsonRoute
from serve.plan_questions import PortfolioQuestion, StrategyName, answered, starting_now

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=JsonRoute)


class PlanRequest(PortfolioQuestion):
    """A portfolio and how to pay it; `time_limit_s` bounds strategies that search, the others answer at once."""

    strategy: StrategyName = Strategy.AVALANCHE
    objective: Literal["total_paid"] = "total_paid"
    time_limit_s: Annotated[float, Field(gt=0, le=60)] = 10


class CompareRequest(PortfolioQuestion):
    """A portfolio and the strategies to compare; without them all, `custom` only where there is a custom_order."""

    strategies: Annotated[list[StrategyName], Field(min_length=1, max_length=20)] | None = None


class HealthRequest(PortfolioQuestion):
    """A portfolio to weigh as it stands today."""


@router.post("", summary="Plan a portfolio", response_model=Plan)
async def plan(question: Annotated[PlanRequest, Body(openapi_examples=examples.PLAN)], request: Request) -> Response:
    """What to pay, to whom, in which month, and what it comes to, with every month of every debt."""
    portfolio = starting_now(question, request)
    return await answered(lambda: planning.plan(portfolio, question.strategy))


@router.post("/compare", summary="Compare strategies", response_model=Comparison)
async def compare(
    question: Annotated[CompareRequest, Body(openapi_examples=examples.COMPARE)], request: Request
) -> Response:
    """The same portfolio under each strategy; `best` has the least total paid."""
    portfolio = starting_now(question, request)
    return await answered(lambda: planning.compare(portfolio, question.strategies))


@router.post("/health", summary="Weigh a portfolio", response_model=Health)
async def health(
    question: Annotated[HealthRequest, Body(openapi_examples=examples.HEALTH)], request: Request
) -> Response:
    """Weighted rate, minimums, interest, utilisation, and what needs attention."""
    portfolio = starting_now(question, request)
    return await answered(lambda: planner_health.health(portfolio))
