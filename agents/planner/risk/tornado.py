"""What matters most: each assumption and input changed alone, low and high, on the same draws.

Assumptions are halved and doubled, within what they may be; budget and income are a tenth smaller and larger, every
rate a point lower and higher.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

import numpy as np

from agents.planner.risk.scenarios import Course
from data.answers.risk import Assumptions
from data.answers.risk_report import Tornado, TornadoBar, TornadoEnd
from data.arrays import Ints
from data.money import from_minor, round_half_up
from data.portfolio.value import Money

Medians = Callable[[Course, Assumptions], tuple[int | None, Decimal | None]]
LOW, HIGH = 0.5, 2.0
TIMES = (0.9, 1.1)
RATES = (-0.01, 0.01)
MOST_MONEY = 4e18  # minor units
CHANGED = (
    ("income_loss.probability", 1.0),
    ("income_loss.months", 120.0),
    ("income_loss.share", 1.0),
    ("expenses.per_month", 10.0),
    ("expenses.median", float("inf")),
    ("expenses.sigma", 3.0),
    ("rates.volatility", 1.0),
    ("rates.reversion", 10.0),
    ("rates.most", 1.0),
)


@dataclass(frozen=True)
class _End:
    value: float
    course: Course
    assumptions: Assumptions


def tornado(course: Course, assumptions: Assumptions, medians: Medians, *, strategy: str, scenarios: int) -> Tornado:
    """Each input at its low and high value; `medians` plays the scenarios and tells their months and interest.

    The assumptions are those in force, with nothing left to be filled in.
    """
    months, interest = medians(course, assumptions)
    bars = [_bar(path, ends, medians) for path, ends in _changes(course, assumptions)]
    bars.sort(key=_width, reverse=True)
    return Tornado(strategy=strategy, scenarios=scenarios, months=months, interest=interest, bars=bars)


def _width(bar: TornadoBar) -> tuple[bool, Decimal, int]:
    # Where only one end never ends, no swing can be computed, yet nothing matters more.
    one_never_ends = (bar.low.months is None) != (bar.high.months is None)
    return one_never_ends, bar.swing_interest or Decimal(0), bar.swing_months or 0


def _bar(path: str, ends: tuple[_End, _End], medians: Medians) -> TornadoBar:
    low, high = (_end(end, *medians(end.course, end.assumptions)) for end in ends)
    bar = TornadoBar(input=path, low=low, high=high)
    if low.months is None or high.months is None or low.interest is None or high.interest is None:
        return bar
    swings = {"swing_months": abs(high.months - low.months), "swing_interest": abs(high.interest - low.interest)}
    return bar.model_copy(update=swings)


def _end(end: _End, months: int | None, interest: Decimal | None) -> TornadoEnd:
    return TornadoEnd(value=end.value, months=months, interest=interest)


def _changes(course: Course, assumptions: Assumptions) -> Iterator[tuple[str, tuple[_End, _End]]]:
    """Each input with its two ends; what stays the same at both is left out."""
    for path, most in CHANGED:
        now = _value_at(assumptions, path)
        least = 1.0 if path == "income_loss.months" else 0.0
        values = max(now * LOW, least), min(now * HIGH, most)
        if values[0] < values[1] and (assumptions.rates.debts or not path.startswith("rates.")):
            yield path, _ends(values, partial(_assuming, course, assumptions, path))
    savings = float(assumptions.savings)
    month_of_money = float(from_minor(int(course.money[0]), course.portfolio.currency))
    values = (savings * LOW, savings * HIGH) if savings else (0.0, month_of_money)
    if values[1] > 0:
        yield "savings", _ends(values, partial(_assuming, course, assumptions, "savings"))
    if course.portfolio.income:
        yield "income", _ends(TIMES, lambda value: (_with_income(course, value), assumptions))
    if course.has_budget:
        yield "budget", _ends(TIMES, lambda value: (_with_budget(course, value), assumptions))
    yield "apr", _ends(RATES, lambda value: (_with_rates(course, value), assumptions))


def _ends(values: tuple[float, float], make: Callable[[float], tuple[Course, Assumptions]]) -> tuple[_End, _End]:
    low, high = (_End(value, *make(value)) for value in values)
    return low, high


def _value_at(assumptions: Assumptions, path: str) -> float:
    part, _, field = path.partition(".")
    return float(getattr(getattr(assumptions, part), field))


def _assuming(course: Course, assumptions: Assumptions, path: str, value: float) -> tuple[Course, Assumptions]:
    part, _, field = path.partition(".")
    amount = Money(round_half_up(Decimal(str(value)), course.portfolio.currency))
    if not field:
        return course, assumptions.model_copy(update={part: amount})
    changed = getattr(assumptions, part).model_copy(update={field: amount if field == "median" else value})
    return course, assumptions.model_copy(update={part: changed})


def _with_income(course: Course, times: float) -> Course:
    income = (course.portfolio.income or Decimal(0)) * Decimal(str(times))
    changed = {"income": Money(round_half_up(income, course.portfolio.currency))}
    return replace(course, portfolio=course.portfolio.model_copy(update=changed))


def _with_budget(course: Course, times: float) -> Course:
    money = _times(course.money, times)
    return replace(course, money=money, calm=money, later=np.stack([course.later[0], _times(course.later[1], times)]))


def _times(amounts: Ints, times: float) -> Ints:
    return np.floor(np.minimum(amounts * times, MOST_MONEY) + 0.5).astype(np.int64)


def _with_rates(course: Course, more: float) -> Course:
    debts, steps = course.arrays.debts.copy(), course.arrays.steps.copy()
    for rates in (debts["rate"], steps["value"]):
        np.maximum(rates + round(more * 1e12), 0, out=rates)
    return replace(course, arrays=replace(course.arrays, debts=debts, steps=steps))
