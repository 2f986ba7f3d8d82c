"""How a plan may turn out when things go wrong: many scenarios, drawn from a seed, each played by the kernel.

The same seed and version give the same report.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import numpy as np

from agents.planner.arrays.schedule import FromMinor, planner_version
from agents.planner.plans.planning import plan
from agents.planner.risk.draws import Draws, draw
from agents.planner.risk.outcomes import ENDLESS, PERCENTS, Outcomes, debt_free_shares, keep, quantiles, room_for
from agents.planner.risk.scenarios import Course, course_of, median_bill, scenarios, variable_debts
from agents.planner.risk.tornado import tornado
from data.answers.plan import Plan, Strategy
from data.answers.risk import MOST_SCENARIOS, Assumptions, RiskQuestion
from data.answers.risk_check import check
from data.answers.risk_report import (
    AmountQuantiles,
    FanMonth,
    MonthQuantiles,
    RiskReport,
    StrategyRisk,
    Tornado,
    WithoutRisk,
)
from data.arrays import Ints
from data.month import month_at, month_index

BLOCK = 2**17  # cells, scenarios x months, that are drawn and played at a time
TORNADO_SCENARIOS = 500
LEAST_MONTHS, USUAL_MONTHS, MOST_MONTHS = 60, 120, 360
MEDIAN = PERCENTS.index(50)


def risk(question: RiskQuestion) -> RiskReport:
    """How a portfolio may fare under one or several strategies.

    Raises:
        InvalidPortfolio: it has no `start`, or fields of the question contradict each other.
    """
    # First what needs no plan: a wrong question should not cost one.
    check(question, question.months or LEAST_MONTHS, 0)
    plans = [plan(question.portfolio, strategy, schedule=False) for strategy in question.strategies]
    months = question.months or _months_of(plans[0])
    check(question, months, max(made.months or 0 for made in plans))
    course = course_of(question.portfolio, months)
    assumptions = in_force(course, question.assumptions)
    by = question.by or plans[0].debt_free
    played = play(course, assumptions, question.strategies, draws_of(question, months), question.scenarios)
    return RiskReport(
        currency=question.portfolio.currency,
        start=plans[0].start,
        by=by,
        scenarios=question.scenarios,
        seed=question.seed,
        assumptions=assumptions,
        strategies=[_strategy_risk(made, found, by) for made, found in zip(plans, played, strict=True)],
        tornado=_tornado(question, course, assumptions) if question.tornado else None,
        version=planner_version(),
    )


def _months_of(made: Plan) -> int:
    """Twice the plan, in whole years, from 5 to 30; 10 years where it never ends."""
    if made.months is None:
        return USUAL_MONTHS
    return min(max(-(-2 * made.months // 12) * 12, LEAST_MONTHS), MOST_MONTHS)


def in_force(course: Course, assumptions: Assumptions) -> Assumptions:
    """The assumptions with nothing left to be filled in."""
    portfolio = course.portfolio
    expenses = assumptions.expenses.model_copy(update={"median": median_bill(course, assumptions)})
    moving = zip(portfolio.debts, variable_debts(portfolio, assumptions), strict=True)
    rates = assumptions.rates.model_copy(update={"debts": [debt.name for debt, moves in moving if moves]})
    return assumptions.model_copy(update={"expenses": expenses, "rates": rates})


def draws_of(question: RiskQuestion, months: int, most: int = MOST_SCENARIOS) -> Iterator[Draws]:
    """The draws of a question's scenarios, at most so many, in blocks."""
    return draw(question.seed, min(question.scenarios, most), months, max(BLOCK // months, 1))


def play(
    course: Course, assumptions: Assumptions, strategies: Sequence[Strategy], blocks: Iterable[Draws], count: int
) -> list[Outcomes]:
    """The outcomes of so many scenarios, in blocks, under each strategy; without a budget always under the minimums."""
    found = [room_for(count, len(course.money)) for _ in strategies]
    first = 0
    for draws in blocks:
        arrays = scenarios(course, draws, assumptions)
        for outcomes, strategy in zip(found, strategies, strict=True):
            keep(outcomes, first, arrays, strategy if course.has_budget else Strategy.MINIMUM_ONLY)
        first += len(arrays.portfolios)
    return found


def _strategy_risk(made: Plan, found: Outcomes, by: str | None) -> StrategyRisk:
    start, cash = month_index(made.start), FromMinor(made.currency)
    within = None if by is None else month_index(by) - start + 1
    without = WithoutRisk(
        status=made.status,
        months=made.months,
        debt_free=made.debt_free,
        total_interest=made.total_interest,
        total_paid=made.total_paid,
    )
    return StrategyRisk(
        strategy=made.strategy,
        without_risk=without,
        months=_months(quantiles(found.months)),
        interest=_amounts(quantiles(found.interest), cash),
        total_paid=_amounts(quantiles(found.paid), cash),
        debt_free_by=None if within is None else float(np.mean(found.months <= within)),
        never_paid_off=float(np.mean(found.months == ENDLESS)),
        missed_minimum=float(np.mean(found.missed > 0)),
        minimums_missed=float(np.mean(found.missed)),
        fan=_fan(found, start, cash),
    )


def _or_never(values: Ints) -> list[int | None]:
    return [None if value == ENDLESS else value for value in values.tolist()]


def _months(values: Ints) -> MonthQuantiles:
    p5, p25, p50, p75, p95 = _or_never(values)
    return MonthQuantiles(p5=p5, p25=p25, p50=p50, p75=p75, p95=p95)


def _amounts(values: Ints, cash: FromMinor) -> AmountQuantiles:
    p5, p25, p50, p75, p95 = (None if value is None else cash(value) for value in _or_never(values))
    return AmountQuantiles.model_construct(p5=p5, p25=p25, p50=p50, p75=p75, p95=p95)


def _fan(found: Outcomes, start: int, cash: FromMinor) -> list[FanMonth]:
    """Month by month, up to the last in which any scenario owes something."""
    owing = np.flatnonzero(found.owed.any(axis=1))
    shown = min(int(owing[-1]) + 2 if len(owing) else 1, len(found.owed))
    owed = quantiles(found.owed[:shown])  # (month, 5)
    shares = debt_free_shares(found.months, shown).tolist()
    return [
        FanMonth.model_construct(month=month_at(start + t), owed=_amounts(owed[t], cash), debt_free=shares[t])
        for t in range(shown)
    ]


def _tornado(question: RiskQuestion, course: Course, assumptions: Assumptions) -> Tornado:
    strategy, cash = question.strategies[0], FromMinor(course.portfolio.currency)
    # Drawn once and kept: every bar is played on the same draws.
    draws = list(draws_of(question, len(course.money), TORNADO_SCENARIOS))
    count = min(question.scenarios, TORNADO_SCENARIOS)

    def medians(changed: Course, assumed: Assumptions) -> tuple[int | None, Decimal | None]:
        (found,) = play(changed, assumed, [strategy], draws, count)
        middle = [_or_never(quantiles(values))[MEDIAN] for values in (found.months, found.interest)]
        return middle[0], None if middle[1] is None else cash(middle[1])

    return tornado(course, assumptions, medians, strategy=strategy.value, scenarios=count)
