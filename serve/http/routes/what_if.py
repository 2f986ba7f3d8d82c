"""Quick questions about what might be: changes, offers, the budget for a date, and what more money brings.

Nothing is stored.
"""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from pydantic import Field

from agents.planner.optimum.limits import SearchLimits
from agents.planner.plans import budget_by as planner_budget_by
from agents.planner.plans import frontier as planner_frontier
from agents.planner.what_if import offer_verdicts
from agents.planner.what_if import what_if as planner_what_if
from data.answers.budget_answer import Frontier, RequiredBudget
from data.answers.offer_result import OfferAnswer
from data.answers.plan import Strategy
from data.answers.what_if import Changes, WhatIf
from data.month import Month
from serve.http.bodies import JsonRoute
from serve.http.described import examples
from serve.http.plan_questions import (
    OrderChoice,
    PortfolioQuestion,
    StrategyName,
    TimeLimit,
    answered,
    planned_often,
    searched,
    starting_now,
)

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=JsonRoute)


class OrderQuestion(PortfolioQuestion):
    """A portfolio and the order to pay it by.

    Attributes:
        strategy: the order in which debts are paid; not `optimal`.
    """

    strategy: OrderChoice = Strategy.AVALANCHE


class WhatIfRequest(PortfolioQuestion):
    """A portfolio, the strategy to pay it by, and what might change, one thing after another.

    `time_limit_s` bounds each of the two searches where the strategy is `optimal`.

    Attributes:
        strategy: how debts are paid: an order month by month, or `optimal`, as costs least in all.
        changes: what might change, one thing after another.
        time_limit_s: the longest of each of the two searches for the optimal plan, in seconds.
    """

    strategy: StrategyName = Strategy.AVALANCHE
    changes: Changes
    time_limit_s: TimeLimit = 5.0


class OffersRequest(OrderQuestion):
    """A portfolio with offers to judge."""


class RequiredBudgetRequest(OrderQuestion):
    """A portfolio and the month by which nothing shall be owed.

    Attributes:
        by: the month by which nothing shall be owed.
    """

    by: Month


class FrontierRequest(OrderQuestion):
    """A portfolio, and how many evenly spaced budgets to show.

    Attributes:
        points: how many evenly spaced budgets to show.
    """

    points: Annotated[int, Field(ge=2, le=200)] = 24


@router.post("/what-if", summary="Ask what some changes come to", response_model=WhatIf)
async def what_if(
    question: Annotated[WhatIfRequest, Body(openapi_examples=examples.WHAT_IF)], request: Request
) -> Response:
    """The plan before and after the changes, and the difference: after less before, so that a saving is negative."""
    portfolio = starting_now(question, request)
    if question.strategy is not Strategy.OPTIMAL:
        return await answered(lambda: planner_what_if.what_if(portfolio, question.changes, question.strategy), request)
    search = SearchLimits(time_limit_s=question.time_limit_s)
    return await searched(
        lambda: planner_what_if.what_if(portfolio, question.changes, question.strategy, search=search), request
    )


@router.post("/offers", summary="Judge the offers of a portfolio", response_model=OfferAnswer)
async def offers(
    question: Annotated[OffersRequest, Body(openapi_examples=examples.OFFERS)], request: Request
) -> Response:
    """Each offer by itself and the best together: take it or not, how much, what it saves, and from when on."""
    portfolio = starting_now(question, request)
    return await planned_often(lambda: offer_verdicts.judge_offers(portfolio, question.strategy), request)


@router.post("/required-budget", summary="Find the smallest budget for a date", response_model=RequiredBudget)
async def required_budget(
    question: Annotated[RequiredBudgetRequest, Body(openapi_examples=examples.REQUIRED_BUDGET)], request: Request
) -> Response:
    """The smallest monthly budget that is debt-free by a month, to the cent: with one cent less it is not.

    Where no budget is, the answer says why, with the earliest month there is.
    """
    portfolio = starting_now(question, request)
    return await planned_often(lambda: planner_budget_by.budget_by(portfolio, question.by, question.strategy), request)


@router.post("/frontier", summary="Show what more money a month brings", response_model=Frontier)
async def frontier(
    question: Annotated[FrontierRequest, Body(openapi_examples=examples.FRONTIER)], request: Request
) -> Response:
    """Months, interest and fees of many budgets, from the least that covers every minimum to payoff at once."""
    portfolio = starting_now(question, request)
    return await planned_often(
        lambda: planner_frontier.frontier(portfolio, question.strategy, points=question.points), request
    )
