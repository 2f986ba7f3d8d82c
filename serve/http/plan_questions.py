"""What quick questions about a portfolio share: the portfolio, its first month, and how the answer is sent."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from data.answers.plan import ORDERS, Strategy
from data.answers.risk import RiskQuestion
from data.errors import InvalidPortfolio
from data.portfolio.portfolio import Portfolio
from data.records.accounts.account_store import Caller
from data.wording.described import Described
from data.wording.sentence import Refused, say
from serve.http.bodies import services_of
from serve.http.bounds.places import Places

# Fields that stand beside the portfolio, and that the planner may refuse.
OF_THE_QUESTION = frozenset({"changes", *RiskQuestion.model_fields})


def _known_strategy(name: Any) -> Any:
    if isinstance(name, str) and name in set(Strategy):
        return name
    raise Refused(say("no_such_strategy", strategies=list(Strategy)))


def _an_order(strategy: Strategy) -> Strategy:
    if strategy is Strategy.OPTIMAL:
        raise Refused(say("order_needed", orders=list(ORDERS)))
    return strategy


StrategyName = Annotated[Strategy, BeforeValidator(_known_strategy)]
OrderChoice = Annotated[StrategyName, AfterValidator(_an_order)]


TimeLimit = Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)]


class PortfolioQuestion(Described, BaseModel):
    """A question about a portfolio.

    Attributes:
        portfolio: the debts and the money for them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    portfolio: Portfolio


def starting_now(question: PortfolioQuestion, request: Request) -> Portfolio:
    """The question's portfolio; its plan starts this month where it names no start.

    Raises:
        InvalidPortfolio: naming what would then lie before the plan.
    """
    with paths_in_body():
        return question.portfolio.starting(this_month(request))


def this_month(request: Request) -> str:
    """The month in which a plan starts that names no other."""
    return services_of(request).now().strftime("%Y-%m")


async def answered(work: Callable[[], BaseModel], request: Request) -> Response:
    """The planner's answer as JSON, made beside the event loop: a hundred debts over a century take a while."""
    return await made(work, services_of(request).quick, request)


async def searched(work: Callable[[], BaseModel], request: Request) -> Response:
    """The answer of a search for the optimal plan, made in its turn: other questions do not wait for it."""
    return await made(work, services_of(request).searches, request)


async def planned_often(work: Callable[[], BaseModel], request: Request) -> Response:
    """The answer to a question for which many plans are made, in its turn: other questions do not wait for it."""
    return await made(work, services_of(request).long, request)


async def made(work: Callable[[], BaseModel], places: Places, request: Request) -> Response:
    """The answer as JSON, made when its turn comes.

    Raises:
        Refusal: too many wait.
    """
    caller: Caller = request.state.caller
    with paths_in_body():
        content = await places.threaded(lambda: work().model_dump_json(), caller.organisation_id)
    return Response(content, media_type="application/json")


@contextmanager
def paths_in_body() -> Generator[None]:
    """What the planner finds wrong, at its path in the body."""
    try:
        yield
    except InvalidPortfolio as error:
        raise InvalidPortfolio(error.said, [entry.at(_in_body(entry.path)) for entry in error.errors]) from None


def _in_body(path: str) -> str:
    return path if path.split(".")[0] in OF_THE_QUESTION else f"portfolio.{path}"
