"""Scenarios as portfolios for the kernel: the same debts, each with money and rates of its own, month by month.

Events take from the month's money for debts, never below nothing; savings make up for them until they are used up. Lump
sums stay as they are. Without a budget, the money at hand is the first month's minimums, and whatever more a month
without events needs.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays, from_portfolios
from agents.planner.arrays.simulation import simulate
from agents.planner.kernel.layout import DATED
from agents.planner.risk.draws import Draws
from agents.planner.risk.events import bills, lost_months, rate_shifts
from data.answers.plan import Strategy
from data.answers.risk import Assumptions
from data.arrays import Ints, Records
from data.money import from_minor, round_half_up, to_minor
from data.portfolio.debt import Debt, DebtKind
from data.portfolio.portfolio import Portfolio

FOLLOWS_AN_INDEX = frozenset({DebtKind.CREDIT_CARD, DebtKind.LINE_OF_CREDIT})
ENOUGH = 10**18  # minor units: the money of a month without events where there is no budget


@dataclass(frozen=True)
class Course:
    """One portfolio's debts and money as planned, before anything goes wrong.

    Units: minor units. Shapes: money (month,), what events take from; calm (month,), what there is without any;
    later, the months after those that are drawn, with their money: (2, change).
    """

    portfolio: Portfolio
    arrays: PortfolioArrays
    money: Ints
    calm: Ints
    later: Ints

    @property
    def start(self) -> int:
        """The first month."""
        return int(self.arrays.portfolios["start"][0])

    @property
    def has_budget(self) -> bool:
        """False where only minimums are paid."""
        return self.portfolio.budget is not None


def course_of(portfolio: Portfolio, months: int) -> Course:
    """The portfolio's course, for events in so many months.

    Raises:
        InvalidPortfolio: it has no start.
    """
    arrays = from_portfolios([portfolio])
    first_minimums = int(simulate(arrays, [Strategy.MINIMUM_ONLY], horizon=1)[0, 0]["first_minimums"])
    start = int(arrays.portfolios["start"][0])
    if portfolio.budget is None:
        money = np.full(months, first_minimums)
        return Course(portfolio, arrays, money, np.full(months, ENOUGH), np.array([[start + months], [ENOUGH]]))
    values = arrays.budgets["value"] + (first_minimums if arrays.portfolios["extra"][0] else 0)
    return _with_budget(portfolio, arrays, values, months)


def _with_budget(portfolio: Portfolio, arrays: PortfolioArrays, values: Ints, months: int) -> Course:
    begins = arrays.budgets["month"].astype(np.int64)
    end = int(arrays.portfolios["start"][0]) + months
    money = values[np.searchsorted(begins, np.arange(end - months, end + 1), side="right") - 1]
    after = begins > end
    later = np.array([[end, *begins[after]], [money[-1], *values[after]]])
    return Course(portfolio, arrays, money[:-1], money[:-1], later)


def scenarios(course: Course, draws: Draws, assumptions: Assumptions) -> PortfolioArrays:
    """Each scenario as a portfolio over the same debts, with its own range of budgets and of shifts."""
    arrays, count = course.arrays, len(draws.losses)
    portfolios = np.repeat(arrays.portfolios, count)
    months = course.start + np.arange(len(course.money))
    # No end is certain while the money still changes.
    portfolios["last_event"] = np.maximum(portfolios["last_event"], course.later[0, -1])
    # The first minimums of an `extra` budget are in the money already.
    portfolios["extra"] = False
    money = money_by_month(course, draws, assumptions)
    later = np.broadcast_to(course.later[1], (count, course.later.shape[1]))
    budgets, first, entries = dated(np.concatenate([money, later], axis=1), np.concatenate([months, course.later[0]]))
    portfolios["first_budget"], portfolios["budgets"] = first, entries
    debts = arrays.debts.copy()
    debts["variable"] = variable_debts(course.portfolio, assumptions)
    shifts = np.zeros(0, DATED)
    if assumptions.rates.volatility > 0 and debts["variable"].any():
        shifts, first, entries = dated(rate_shifts(draws.moves, assumptions.rates), months)
        portfolios["first_shift"], portfolios["shifts"] = first, entries
    return replace(arrays, portfolios=portfolios, debts=debts, budgets=budgets, shifts=shifts)


def dated(values: Ints, months: Ints) -> tuple[Records, Ints, Ints]:
    """Rows of values by month as dated entries, one where the value changes; each row's first entry and their number.

    Shapes: values (scenario, month), months (month,).
    """
    changes = np.ones(values.shape, np.bool_)
    np.not_equal(values[:, 1:], values[:, :-1], out=changes[:, 1:])
    cells = np.flatnonzero(changes)
    entries = np.zeros(len(cells), DATED)
    entries["value"], entries["month"], entries["debt"] = values.ravel()[cells], months[cells % len(months)], -1
    counts = np.count_nonzero(changes, axis=1)
    return entries, np.cumsum(counts) - counts, counts


def money_by_month(course: Course, draws: Draws, assumptions: Assumptions) -> Ints:
    """What each scenario has for debts in each month, lump sums aside.

    Shapes: (scenario, month).
    """
    currency = course.portfolio.currency
    money = np.repeat(course.money[None, :], len(draws.losses), axis=0)
    left = course.money - lost_money(course, assumptions.income_loss.share)
    lost = lost_months(draws.losses, assumptions.income_loss)
    # Set, not taken off: losses that overlap take the income once.
    money.ravel()[lost] = left[lost % len(left)]
    cells, amounts = bills(draws.bills, assumptions.expenses, to_minor(median_bill(course, assumptions), currency))
    money.ravel()[cells] -= amounts
    if assumptions.savings:
        savings = to_minor(assumptions.savings, currency)
        # What savings have made up for so far, until they are used up.
        used = np.minimum(np.cumsum(np.minimum(course.money - money, savings), axis=1), savings)
        money += np.diff(used, axis=1, prepend=0)
    if not course.has_budget:
        # In a month without events there is whatever the minimums need.
        money = np.where(money < course.money, money, course.calm)
    return np.maximum(money, 0, out=money)


def median_bill(course: Course, assumptions: Assumptions) -> Decimal:
    """The median unexpected bill: what is assumed, or a quarter of the income, or the first month's money."""
    currency, income = course.portfolio.currency, course.portfolio.income
    if assumptions.expenses.median is not None:
        return assumptions.expenses.median
    return from_minor(int(course.money[0]), currency) if income is None else round_half_up(income / 4, currency)


def lost_money(course: Course, share: float) -> Ints:
    """What a loss of income takes from each month's money: its share of the income, else of the money; at most all."""
    income = course.portfolio.income
    if income is None:
        return np.array([_share_of(int(money), share) for money in course.money], np.int64)
    return np.minimum(course.money, _share_of(to_minor(income, course.portfolio.currency), share))


def _share_of(amount: int, share: float) -> int:
    """A share, which has at most twelve decimals, of an amount; rounded once, half-up."""
    return (2 * amount * round(share * 1e12) + 10**12) // (2 * 10**12)


def variable_debts(portfolio: Portfolio, assumptions: Assumptions) -> list[bool]:
    """Which debts' rates move, one entry a debt."""
    named = assumptions.rates.debts
    return [_is_variable(debt) if named is None else debt.name in named for debt in portfolio.debts]


def _is_variable(debt: Debt) -> bool:
    return debt.kind in FOLLOWS_AN_INDEX or (debt.kind is DebtKind.MORTGAGE and bool(debt.rate_steps))
