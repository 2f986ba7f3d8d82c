"""Which tools there are: each one request to the endpoint, and what of its answer an agent is told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from agents.case.first_payments import payments
from data.answers.budget_answer import Frontier, RequiredBudget
from data.answers.health import Health
from data.answers.offer_result import OfferAnswer
from data.answers.plan import Comparison, Plan
from data.answers.risk_report import RiskReport
from data.answers.what_if import WhatIf
from data.errors import BadInput, FieldError
from data.portfolio.errors_of_fields import field_errors
from data.wire.case_facts import FirstPayments
from data.wire.task_result import Json
from data.wording.sentence import say
from serve.commands.tools import arguments as asked

LONG = ("schedule", "fan")


def _as_asked(arguments: Json) -> Json:
    return arguments


def _without_months(answer: Json, _: Json) -> Json:
    """The answer without its plans' months and its fans, which may be thousands of rows."""
    return {name: [] if name in LONG else _each_without(value) for name, value in answer.items()}


def _each_without(value: Any) -> Any:
    if isinstance(value, list):
        entries: list[Any] = value
        return [_each_without(one) for one in entries]
    return _without_months(value, {}) if isinstance(value, dict) else value


@dataclass(frozen=True)
class PlannerTool:
    """One tool.

    Attributes:
        path: what of the endpoint it asks. asks: the shape of its arguments. tells: that of what it answers.
        body: the request of its arguments. told: what is told of the answer.
        within: where in the body its arguments stand that are not the portfolio's or the question's own.
    """

    name: str
    title: str
    description: str
    path: str
    asks: type[BaseModel]
    tells: type[BaseModel]
    body: Callable[[Json], Json] = _as_asked
    told: Callable[[Json, Json], Json] = _without_months
    within: str = ""

    def field(self, path: str) -> str:
        """The argument that a path of the request's body is about."""
        return path.removeprefix(self.within).removeprefix("budget.") if self.within else path


def _months_apart(arguments: Json) -> Json:
    """The request for a plan; how many of its months are shown is not the endpoint's concern.

    Raises:
        BadInput: it is no number of months that can be shown.
    """
    _months(arguments)
    return {name: value for name, value in arguments.items() if name != "months"}


def _months(arguments: Json) -> int:
    wrong: list[FieldError] = []
    try:
        asked.ToPay.model_validate(arguments)
    except ValidationError as error:
        wrong = [one for one in field_errors(error) if one.path == "months"]
    if wrong:
        raise BadInput(say("at_field", path="months", said=wrong[0].said), wrong)
    return arguments.get("months", asked.ToPay.model_fields["months"].default)


def _first_months(answer: Json, arguments: Json) -> Json:
    return payments(Plan.model_validate(answer), _months(arguments)).model_dump(mode="json")


def _budget_changed(arguments: Json) -> Json:
    change = {"type": "budget", **{name: arguments[name] for name in ("monthly",) if name in arguments}}
    return {**{name: value for name, value in arguments.items() if name != "monthly"}, "changes": [change]}


TOOLS = (
    PlannerTool(
        "portfolio_health",
        "Weigh a portfolio",
        "What a client's debts weigh today: totals, weighted rate, minimums and what they alone come to, utilisation, "
        "debt to income, and warnings to act on.",
        "/v1/plans/health",
        asked.AboutPortfolio,
        Health,
    ),
    PlannerTool(
        "compare_strategies",
        "Compare strategies",
        "Every strategy on the same portfolio: months, interest, total paid, what each pays above the optimal plan, "
        "with a proved lower bound; which is best and which is recommended. Ask this first.",
        "/v1/plans/compare",
        asked.ToCompare,
        Comparison,
    ),
    PlannerTool(
        "plan_details",
        "Plan details",
        "One strategy's plan: how it ends, what it costs, when each debt is paid off, what is missed where the money "
        "falls short, which offers are taken. Its months are left out: first_payments tells those.",
        "/v1/plans",
        asked.ToPlan,
        Plan,
    ),
    PlannerTool(
        "first_payments",
        "First payments",
        "Who is paid how much in each of the first months of a strategy's plan.",
        "/v1/plans",
        asked.ToPay,
        FirstPayments,
        body=_months_apart,
        told=_first_months,
    ),
    PlannerTool(
        "what_if_budget",
        "Another budget",
        "Plan again with another monthly amount for all debts together: the plan before and after, and the "
        "difference, after less before, so that a saving is negative. The plans' months are left out.",
        "/v1/plans/what-if",
        asked.ToChangeBudget,
        WhatIf,
        body=_budget_changed,
        within="changes.0.",
    ),
    PlannerTool(
        "what_if",
        "Other changes",
        "Plan again after some changes, one after another: a budget from a month on, a lump sum, a rate, a minimum, a "
        "debt dropped or added, an offer taken, a debt prepaid. The plan before and after, and the difference, after "
        "less before. The plans' months are left out.",
        "/v1/plans/what-if",
        asked.ToChangeThings,
        WhatIf,
    ),
    PlannerTool(
        "judge_offers",
        "Judge offers",
        "Each offer of the portfolio by itself and the best of them together: take it or not, how much of which debt, "
        "what it saves against none, from when on, and what goes wrong where its promotion runs out too early.",
        "/v1/plans/offers",
        asked.ToJudgeOffers,
        OfferAnswer,
    ),
    PlannerTool(
        "budget_frontier",
        "What more money brings",
        "Months, interest and fees of many budgets, from the least that covers every minimum to the one that pays off "
        "soonest.",
        "/v1/plans/frontier",
        asked.ToSeeBudgets,
        Frontier,
    ),
    PlannerTool(
        "required_budget",
        "Smallest budget for a date",
        "The smallest monthly budget, to the cent, that is debt-free by a month and misses no minimum; or why there is "
        "none, and the earliest month there is.",
        "/v1/plans/required-budget",
        asked.ToFinishBy,
        RequiredBudget,
    ),
    PlannerTool(
        "risk",
        "What may go wrong",
        "Thousands of courses of events with lost income, unexpected bills and moving rates, each planned to the cent: "
        "quantiles of months, interest and total, probabilities, and which assumption matters most. The balances month "
        "by month are left out.",
        "/v1/plans/risk",
        asked.ToWeighRisk,
        RiskReport,
    ),
)
