"""Quick questions: plan, compare and weigh a portfolio, answered at once by the planner.

Nothing is stored.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Request, Response
from pydantic import Field, StrictBool

from agents.planner.measures import health as planner_health
from agents.planner.optimum.limits import SearchLimits
from agents.planner.plans import planning
from data.answers.health import Health
from data.answers.plan import Comparison, Plan, Strategy
from serve.http.bodies import JsonRoute
from serve.http.described import examples
from serve.http.plan_questions import PortfolioQuestion, StrategyName, TimeLimit, answered, searched, starting_now

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=JsonRoute)


class PlanRequest(PortfolioQuestion):
    """A portfolio and how to pay it.

    `time_limit_s` bounds the search for the optimal plan, the orders answer at once; with `protect_secured` false the
    optimal plan may miss a secured debt's minimum before another's where the money does not cover them all.

    Attributes:
        strategy: how debts are paid: an order month by month, or `optimal`, as costs least in all.
        objective: what the optimal plan makes least: all that is paid.
        time_limit_s: the longest search for the optimal plan, in seconds; the orders answer at once.
        protect_secured: whether a secured debt's minimum comes before others where the money does not cover them all.
    """

    strategy: StrategyName = Strategy.AVALANCHE
    objective: Literal["total_paid"] = "total_paid"
    time_limit_s: TimeLimit = 5.0
    protect_secured: StrictBool = True


class CompareRequest(PortfolioQuestion):
    """A portfolio and the strategies to compare; without them all, `custom` only where there is a custom_order.

    The plans of `schedules` come with every month of every debt, so that the optimal plan need not be sought twice.

    Attributes:
        strategies: only these; null is all, `custom` only where there is a custom_order.
        schedules: the strategies whose plans come with every month of every debt.
        time_limit_s: the longest search for the optimal plan, in seconds; the orders answer at once.
        protect_secured: whether a secured debt's minimum comes before others where the money does not cover them all.
    """

    strategies: Annotated[list[StrategyName], Field(min_length=1, max_length=20)] | None = None
    schedules: Annotated[tuple[StrategyName, ...], Field(max_length=20)] = ()
    time_limit_s: TimeLimit = 5.0
    protect_secured: StrictBool = True


class HealthRequest(PortfolioQuestion):
    """A portfolio to weigh as it stands today."""


def _search(question: PlanRequest | CompareRequest) -> SearchLimits:
    return SearchLimits(time_limit_s=question.time_limit_s, protect_secured=question.protect_secured)


@router.post("", summary="Plan a portfolio", response_model=Plan)
async def plan(question: Annotated[PlanRequest, Body(openapi_examples=examples.PLAN)], request: Request) -> Response:
    """What to pay, to whom, in which month, and what it comes to, with every month of every debt."""
    portfolio = starting_now(question, request)
    # Orders take milliseconds; only searches wait their turn.
    if question.strategy is not Strategy.OPTIMAL:
        return await answered(lambda: planning.plan(portfolio, question.strategy), request)
    return await searched(lambda: planning.plan(portfolio, question.strategy, search=_search(question)), request)


@router.post("/compare", summary="Compare strategies", response_model=Comparison)
async def compare(
    question: Annotated[CompareRequest, Body(openapi_examples=examples.COMPARE)], request: Request
) -> Response:
    """The same portfolio under each strategy; `best` has the least total paid.

    With `optimal` among them, every plan has the proved `bound`, its `gap` to it, and `above_optimum`.
    """
    portfolio = starting_now(question, request)
    asked, shown, search = question.strategies, question.schedules, _search(question)
    if asked is not None and Strategy.OPTIMAL not in asked:
        return await answered(lambda: planning.compare(portfolio, asked, schedule=shown), request)
    return await searched(lambda: planning.compare(portfolio, asked, schedule=shown, search=search), request)


@router.post("/health", summary="Weigh a portfolio", response_model=Health)
async def health(
    question: Annotated[HealthRequest, Body(openapi_examples=examples.HEALTH)], request: Request
) -> Response:
    """Weighted rate, minimums, interest, utilisation, and what needs attention."""
    portfolio = starting_now(question, request)
    return await answered(lambda: planner_health.health(portfolio), request)
