"""Quick questions: plan, compare and weigh a portfolio, answered at once by the planner.

Knows nothing of tasks, queues or models; nothing is stored.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from agents.planner import health as planner_health
from agents.planner import planning
from data.debt import Portfolio
from data.errors import FieldError, InvalidPortfolio
from data.health import Health
from data.plan import Comparison, Plan, Strategy
from serve import examples
from serve.bodies import JsonRoute, services_of

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=JsonRoute)


def _known_strategy(name: Any) -> Any:
    if isinstance(name, str) and name in set(Strategy):
        return name
    raise ValueError(f"there is no such strategy; there are {', '.join(Strategy)}")


StrategyName = Annotated[Strategy, BeforeValidator(_known_strategy)]


class _Question(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    portfolio: Portfolio


class PlanRequest(_Question):
    """A portfolio and how to pay it; `time_limit_s` bounds strategies that search, the others answer at once."""

    strategy: StrategyName = Strategy.AVALANCHE
    objective: Literal["total_paid"] = "total_paid"
    time_limit_s: Annotated[float, Field(gt=0, le=60)] = 10


class CompareRequest(_Question):
    """A portfolio and the strategies to compare; without them all, `custom` only where there is a custom_order."""

    strategies: Annotated[list[StrategyName], Field(min_length=1, max_length=20)] | None = None


class HealthRequest(_Question):
    """A portfolio to weigh as it stands today."""


@router.post("", summary="Plan a portfolio", response_model=Plan)
async def plan(question: Annotated[PlanRequest, Body(openapi_examples=examples.PLAN)], request: Request) -> Response:
    """What to pay, to whom, in which month, and what it comes to, with every month of every debt."""
    portfolio = _starting_now(question, request)
    return await _answer(lambda: planning.plan(portfolio, question.strategy))


@router.post("/compare", summary="Compare strategies", response_model=Comparison)
async def compare(
    question: Annotated[CompareRequest, Body(openapi_examples=examples.COMPARE)], request: Request
) -> Response:
    """The same portfolio under each strategy; `best` has the least total paid."""
    portfolio = _starting_now(question, request)
    return await _answer(lambda: planning.compare(portfolio, question.strategies))


@router.post("/health", summary="Weigh a portfolio", response_model=Health)
async def health(
    question: Annotated[HealthRequest, Body(openapi_examples=examples.HEALTH)], request: Request
) -> Response:
    """Weighted rate, minimums, interest, utilisation, and what needs attention."""
    portfolio = _starting_now(question, request)
    return await _answer(lambda: planner_health.health(portfolio))


def _starting_now(question: _Question, request: Request) -> Portfolio:
    return question.portfolio.starting(services_of(request).now().strftime("%Y-%m"))


async def _answer(work: Callable[[], BaseModel]) -> Response:
    """The planner's answer as JSON, made beside the event loop: a hundred debts over a century take a while."""
    with _paths_in_body():
        content = await run_in_threadpool(lambda: work().model_dump_json())
    return Response(content, media_type="application/json")


@contextmanager
def _paths_in_body() -> Generator[None]:
    """What the planner finds wrong in the portfolio, at its path in the body."""
    try:
        yield
    except InvalidPortfolio as error:
        errors = [FieldError(f"portfolio.{entry.path}", entry.message, entry.value) for entry in error.errors]
        raise InvalidPortfolio(error.message, errors) from None
