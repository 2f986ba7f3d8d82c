"""The functions a language model may call: thin, typed, and all of them the planner's.

The case is carried beside the call, so a model never sends debts and never computes money.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, Field, ValidationError
from pydantic_ai import ModelRetry, RunContext, Tool
from pydantic_ai.messages import ToolCallPart, ToolReturnPart

from agents.case import digest
from agents.case.case import Case
from agents.case.first_payments import payments
from agents.running.spans import TOOL_SPANS
from data.answers.plan import Strategy
from data.money import MAX_AMOUNT, minor_digits
from data.wire.task_result import Json


def list_debts(ctx: RunContext[Case]) -> Json:
    """The client's debts: name, kind, balance, annual rate, this month's interest and minimum; income and budget."""
    return _told(digest.debts(ctx.deps))


def portfolio_health(ctx: RunContext[Case]) -> Json:
    """Totals, weighted rate, minimums and what they only come to, utilisation, debt-to-income, warnings to act on."""
    return _told(digest.health(ctx.deps))


def compare_strategies(ctx: RunContext[Case]) -> Json:
    """Every strategy side by side: months, interest, what it saves, which costs least, and which to recommend."""
    return _told(digest.comparison(ctx.deps))


def plan_details(ctx: RunContext[Case], strategy: Strategy) -> Json:
    """One strategy's plan: how it ends, what it costs, when each debt is cleared, what beats a promotion's end.

    Args:
        ctx: the case, filled in for you.
        strategy: a strategy that compare_strategies listed.
    """
    return _told(digest.details(ctx.deps, ctx.deps.plan(_known(ctx.deps, strategy))))


def first_payments(ctx: RunContext[Case], strategy: Strategy, months: Annotated[int, Field(ge=1, le=12)] = 3) -> Json:
    """Who is paid how much in each of the first months.

    Args:
        ctx: the case, filled in for you.
        strategy: a strategy that compare_strategies listed.
        months: how many months to show, 1 to 12.
    """
    return _told(payments(ctx.deps.plan(_known(ctx.deps, strategy)), months))


def what_if_budget(ctx: RunContext[Case], monthly: str, strategy: Strategy | None = None) -> Json:
    """Plan again with another monthly amount for all debts together, and compare with today's plan.

    Args:
        ctx: the case, filled in for you.
        monthly: the whole monthly payment in the portfolio's currency, as a decimal such as "1500.00".
        strategy: a strategy that compare_strategies listed; the recommended one if left out.
    """
    chosen = ctx.deps.recommended() if strategy is None else _known(ctx.deps, strategy)
    return _told(digest.what_if(ctx.deps, amount(monthly, ctx.deps.debts.currency), chosen))


FUNCTIONS: tuple[Callable[..., Json], ...] = (
    list_debts,
    portfolio_health,
    compare_strategies,
    plan_details,
    first_payments,
    what_if_budget,
)


@cache
def tools() -> Mapping[str, Tool[Case]]:
    """The functions as tools, by name."""
    made = [cast("Tool[Case]", Tool(function)) for function in FUNCTIONS]
    return {tool.name: tool for tool in made}


async def call(asked: ToolCallPart, context: RunContext[Case]) -> ToolReturnPart:
    """What a function answers; where the call is wrong, what is wrong with it, for the model to mend."""
    content, is_good = await _tried(asked, context)
    outcome: Literal["success", "retried"] = "success" if is_good else "retried"
    return ToolReturnPart(tool_name=asked.tool_name, content=content, tool_call_id=asked.tool_call_id, outcome=outcome)


async def _tried(asked: ToolCallPart, context: RunContext[Case]) -> tuple[Any, bool]:
    known = tools()
    tool = known.get(asked.tool_name)
    if tool is None:
        return f'there is no tool "{asked.tool_name}"; there are {", ".join(known)}', False
    schema = tool.function_schema
    try:
        if isinstance(asked.args, str):
            arguments = schema.validator.validate_json(asked.args or "{}")
        else:
            arguments = schema.validator.validate_python(asked.args or {})
        # In a thread of its own: plans would stop the event loop.
        with TOOL_SPANS.of(tool.name):
            return await schema.call(arguments, context), True
    except ValidationError as error:
        return error.errors(include_url=False, include_context=False), False
    except ModelRetry as error:
        return error.message, False


def amount(text: str, currency: str) -> Decimal:
    """A model's amount as exact decimals.

    Raises:
        ModelRetry: it is no positive amount of the currency; the words tell the model what to send.
    """
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise ModelRetry(f'monthly: "{text}" is not a decimal number; send for example "1500.00"') from None
    if not value.is_finite() or not 0 < value <= MAX_AMOUNT:
        raise ModelRetry(f'monthly: "{text}" must be above 0 and at most {MAX_AMOUNT}')
    digits = minor_digits(currency)
    # Only to compare: more decimals are refused, not rounded away.
    exact = value.quantize(Decimal(1).scaleb(-digits))
    if exact != value:
        raise ModelRetry(f'monthly: "{text}" has more decimals than {currency} has ({digits})')
    return exact


def _told(found: BaseModel) -> Json:
    """What the model reads, and the checkpoint keeps."""
    return found.model_dump(mode="json")


def _known(case: Case, strategy: Strategy) -> Strategy:
    known = case.strategies()
    if strategy not in known:
        names = ", ".join(one.value for one in known)
        raise ModelRetry(f'strategy: "{strategy.value}" does not apply to this portfolio; choose one of {names}')
    return strategy
