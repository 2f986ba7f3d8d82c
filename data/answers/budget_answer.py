"""How much money a month, as it goes over the wire: the least that is debt-free by a date, and what more brings."""

from pydantic import BaseModel, ConfigDict

from data.answers.plan import Cash, Plan
from data.month import Month
from data.wording.described import Described


class _Wire(Described, BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RequiredBudget(_Wire):
    """The smallest monthly budget, the same every month, that is debt-free by a month and misses no minimum.

    Attributes:
        currency: the portfolio's currency, by its ISO 4217 code.
        by: the month by which nothing shall be owed, as it was asked for.
        strategy: the order in which debts are paid.
        monthly: the budget to the minor unit: it works, and one minor unit less does not; null where no budget works.
        plan: the plan with it; where no budget works, the one with no limit to the money.
        earliest: the first month in which any budget at all is debt-free by this strategy; null where none ever is.
        lower_bound: with less than this, no strategy whatever is debt-free by then.
        tried_from: the smallest budget from which on every one was tried.
        proved: whether every budget from `lower_bound` up to the one found was tried, and none works; where false, only
            those from `tried_from` on were.
        reason: why no budget works, in numbers, in English; null where one does.
    """

    currency: str
    by: Month
    strategy: str
    monthly: Cash | None
    plan: Plan
    earliest: Month | None
    lower_bound: Cash
    tried_from: Cash
    proved: bool
    reason: str | None = None


class FrontierPoint(_Wire):
    """One budget and its result; months and debt_free are null where it never ends.

    Attributes:
        monthly: the money a month for all debts together.
        months: months until debt-free; null where it never ends.
        debt_free: the month in which the last debt is paid off; null where it never ends.
        interest: all interest until then.
        fees: all fees until then.
        total_paid: all that is paid until then.
    """

    monthly: Cash
    months: int | None
    debt_free: Month | None
    interest: Cash
    fees: Cash
    total_paid: Cash


class Frontier(_Wire):
    """From the smallest budget that covers every minimum to the one that pays off soonest, by one strategy.

    Beside evenly spaced budgets it holds those at which the number of months changes, as far as there is room.

    Attributes:
        currency: the portfolio's currency, by its ISO 4217 code.
        start: the first planned month.
        strategy: the order in which debts are paid.
        points: the budgets and their results, the smallest budget first.
    """

    currency: str
    start: Month
    strategy: str
    points: list[FrontierPoint]
