"""Which tools there are: each one request to the endpoint, and what of its answer an agent is told."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from agents.first_payments import payments
from data.answers.budget_answer import RequiredBudget
from data.answers.health import Health
from data.answers.plan import Comparison, Plan
from data.answers.risk_report import RiskReport
from data.answers.what_if import WhatIf
from data.errors import BadInput, FieldError
from data.portfolio.errors_of_fields import field_errors
from data.wire.case_facts import FirstPayments
from data.wire.task_result import Json
from data.wording.sentence import say
from serve.commands.tools import arguments as asked

CHANGE = "changes.0."


def _as_asked(arguments: Json) -> Json:
    return arguments


def _as_answered(answer: Json, _: Json) -> Json:
    return answer


@dataclass(frozen=True)
class PlannerTool:
    """One tool.

    Attributes:
        path: what of the endpoint it asks. asks: the shape of its arguments. tells: that of what it answers.
        body: the request of its arguments. told: what is told of the answer.
    """

    name: str
    title: str
    description: str
    path: str
    asks: type[BaseModel]
    tells: type[BaseModel]
    body: Callable[[Json], Json] = _as_asked
    told: Callable[[Json, Json], Json] = _as_answered

    def field(self, path: str) -> str:
        """The argument that a path of the request's body is about."""
        return path.removeprefix(CHANGE).removeprefix("budget.") if path.startswith(CHANGE) else path


def without_schedule(plan: Json) -> Json:
    """The plan without its months, which may be thousands of rows."""
    return {**plan, "schedule": []}


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
        told=lambda answer, _: without_schedule(answer),
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
        told=lambda answer, _: {
            **answer,
            "before": without_schedule(answer["before"]),
            "after": without_schedule(answer["after"]),
        },
    ),
    PlannerTool(
        "required_budget",
        "Smallest budget for a date",
        "The smallest monthly budget, to the cent, that is debt-free by a month and misses no minimum; or why there is "
        "none, and the earliest month there is.",
        "/v1/plans/required-budget",
        asked.ToFinishBy,
        RequiredBudget,
        told=lambda answer, _: {**answer, "plan": without_schedule(answer["plan"])},
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
        told=lambda answer, _: {**answer, "strategies": [{**one, "fan": []} for one in answer["strategies"]]},
    ),
)
