"""What may go wrong while debts are paid, and how much of it is taken to happen: a question about risk.

Amounts are decimals of the portfolio's currency, rates and probabilities are fractions. Each default stands beside its
reason; docs/methodology.md, section 8, has them with their sources.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool

from data.answers.plan import Strategy
from data.month import Month
from data.portfolio.portfolio import Portfolio
from data.portfolio.value import Amount, Name, Optionals, Value, Whole, no_bool
from data.wording.sentence import Refused, say

DEFAULT_SCENARIOS = 10_000
MOST_SCENARIOS = 100_000
MOST_MONTHS = 600
Fraction = Annotated[float, BeforeValidator(no_bool), Field(ge=0, le=1, allow_inf_nan=False)]
Strength = Annotated[float, BeforeValidator(no_bool), Field(ge=0, le=10, allow_inf_nan=False)]
Length = Annotated[float, BeforeValidator(no_bool), Field(ge=1, le=120, allow_inf_nan=False)]


class IncomeLoss(Optionals):
    """Losing part of the household's income, for a while.

    Attributes:
        probability: that a loss begins in a month. 0.011: the layoffs and discharges of a month over employment (BLS,
            Job Openings and Labor Turnover Survey, December 2024: 1.8 million, of 160 million taken as employed).
        months: how many months one lasts in the mean, at least 1. 4.9: the mean duration of unemployment, 21 weeks
            (BLS, Current Population Survey, table E-10, 2024).
        share: the fraction of the income that is lost. 0.38: families lose 46 % without unemployment insurance, 16 %
            with it, and 27 % have it (JPMorgan Chase Institute, Recovering from Job Loss, 2016).
    """

    probability: Fraction = 0.011
    months: Length = 4.9
    share: Fraction = 0.38


class Expenses(Optionals):
    """Bills that nobody planned: a repair, a doctor, a tax.

    Attributes:
        per_month: how many in the mean, of those that nothing else covers. 0.016: four families in ten have at least
            one a year, so -ln(0.6) / 12 a month (JPMorgan Chase Institute, Coping with Costs, 2017), and 37 % would not
            cover even a small one from cash (Federal Reserve, Economic Well-Being of U.S. Households in 2019).
        median: what half of them stay below; null is a quarter of a month's income, or without an income, of the first
            month's money for debts. Those bills are of about 1,500 dollars, against monthly incomes of about 4,500.
        sigma: the standard deviation of the amount's logarithm. 0.8: the mean is then 1.38 medians, a third of an
            income, and one in twenty is above 3.7 medians.
    """

    per_month: Strength = 0.016
    median: Amount | None = None
    sigma: Annotated[Strength, Field(le=3)] = 0.8


class RateMoves(Optionals):
    """How the rates of variable debts move together, around where they stand now.

    Attributes:
        volatility: of a year, as a rate. 0.01, a point: an assumption without a source.
        reversion: how strongly they are drawn back in a year. 0.18, half-way back in four years: an assumption too.
        most: how far they may move either way, as a rate.
        debts: the names of the variable ones; null is cards and lines of credit, which follow an index, and mortgages
            that have rate steps.
    """

    volatility: Annotated[Strength, Field(le=1)] = 0.01
    reversion: Strength = 0.18
    most: Annotated[Strength, Field(le=1)] = 0.05
    debts: list[Name] | None = Field(default=None, max_length=100)


class Assumptions(Optionals):
    """What may go wrong; each part, and each field of a part, may be set on its own.

    `savings` is what is at hand beside the budget: it makes up for losses and bills until it is used up.

    Attributes:
        income_loss: losing part of the income.
        expenses: bills that nobody planned.
        rates: moves of variable rates.
        savings: what is at hand beside the budget: it makes up for losses and bills until it is used up.
    """

    income_loss: IncomeLoss = IncomeLoss()
    expenses: Expenses = Expenses()
    rates: RateMoves = RateMoves()
    savings: Amount = Decimal(0)


def _an_order(strategy: Strategy) -> Strategy:
    if strategy is Strategy.OPTIMAL:
        raise Refused(say("optimal_is_no_order"))
    return strategy


def _known(name: object) -> object:
    if not isinstance(name, str) or name not in set(Strategy):
        raise Refused(say("no_such_strategy", strategies=list(Strategy)))
    return name


OrderName = Annotated[Strategy, BeforeValidator(_known), AfterValidator(_an_order)]


class RiskQuestion(Value):
    """A portfolio, how it is paid, and what may go wrong.

    Attributes:
        portfolio: the debts and the money for them.
        strategies: the orders in which debts are paid, each with a report of its own.
        scenarios: how many courses of events to draw.
        seed: the same one draws the same ones.
        months: for how many months things may go wrong, and the fan is shown; null is twice the plan without risk, in
            whole years, 5 to 30. What is owed after that is paid without further events.
        by: the month for the probability of being debt-free; null is the month in which the first strategy's plan
            without risk is.
        tornado: whether each assumption is also changed alone, to see what matters.
        assumptions: what may go wrong, and how much of it.
    """

    portfolio: Portfolio
    strategies: Annotated[list[OrderName], Field(min_length=1, max_length=8)] = Field(default=[Strategy.AVALANCHE])
    scenarios: Annotated[Whole, Field(ge=1, le=MOST_SCENARIOS)] = DEFAULT_SCENARIOS
    seed: Annotated[Whole, Field(ge=0, lt=2**63)] = 1
    months: Annotated[Whole, Field(ge=1, le=MOST_MONTHS)] | None = None
    by: Month | None = None
    tornado: StrictBool = True
    assumptions: Assumptions = Assumptions()
