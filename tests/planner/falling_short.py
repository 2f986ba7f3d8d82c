"""Generated portfolios whose money does not cover the minimums in some months, and does in the others."""

from decimal import ROUND_DOWN, Decimal
from typing import Any

from hypothesis import strategies as st

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate
from data.answers.plan import Strategy
from data.money import from_minor, minor_digits
from data.month import month_at, month_index
from data.portfolio.portfolio import Portfolio

SHARES = st.floats(0, 0.99)
STRETCH = st.tuples(st.integers(0, 6), st.integers(1, 3), SHARES)


def portfolios_and_ones_that_fall_short(portfolios: Any, most: int = 4) -> st.SearchStrategy[Portfolio]:
    """Any portfolio, or one whose money falls short in some months."""
    return st.one_of(portfolios.portfolios(most=most), falling_short(portfolios, most))


@st.composite
def falling_short(draw: st.DrawFn, portfolios: Any, most: int = 4) -> Portfolio:
    """The money covers the first minimums; in one to three stretches of one to three months it is any part of that."""
    portfolio = draw(portfolios.portfolios(most=most))
    bare = portfolio.model_copy(update={"budget": None})
    due = int(simulate(from_portfolios([bare]), [Strategy.MINIMUM_ONLY], horizon=1)[0, 0]["first_minimums"])
    digits = Decimal(1).scaleb(-minor_digits(portfolio.currency))
    times, more = Decimal(str(draw(st.floats(1, 3)))), draw(st.integers(0, 300))
    usual = from_minor(due, portfolio.currency) * times + more
    changes, month = [], month_index(portfolios.START)
    for after, lasts, share in draw(st.lists(STRETCH, min_size=1, max_size=3)):
        month += after
        low = usual * Decimal(str(share))
        changes += [(month, low), (month + lasts, usual)]
        month += lasts + 1
    amounts = {month_at(at): str(amount.quantize(digits, ROUND_DOWN)) for at, amount in changes}
    budget = {
        "monthly": str(usual.quantize(digits, ROUND_DOWN)),
        "changes": [{"from": at, "monthly": amount} for at, amount in amounts.items()],
    }
    content = portfolio.model_dump(mode="json", by_alias=True)
    if draw(st.booleans()) and content["budget"] is not None:
        budget = {**content["budget"], **budget}
    return Portfolio.model_validate({**content, "budget": budget})
