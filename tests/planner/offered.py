"""Hypothesis strategies for portfolios with offers, and for moves that may be made together."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from agents.planner.offers.taking import Move, limit_of, sources_of
from data.money import minor_digits, to_minor
from data.portfolio.portfolio import Portfolio
from tests.sample_offers import TRANSFER

SHARE = Decimal("0.451")  # of the settlement


@st.composite
def offered(draw: st.DrawFn, portfolios: st.SearchStrategy[Portfolio]) -> Portfolio:
    """A portfolio with one offer of each type, where anything is owed."""
    portfolio = draw(portfolios)
    owing = [debt.name for debt in portfolio.debts if debt.balance]
    if not owing:
        return portfolio
    owed = sum(debt.balance for debt in portfolio.debts)
    cents = Decimal(1).scaleb(-minor_digits(portfolio.currency))
    half = (owed / 2).quantize(cents)
    fee = Decimal("12.34").quantize(cents)
    rate, one, months = st.sampled_from(["0", "0.06", "0.1999"]), st.sampled_from(owing), st.integers(1, 30)
    promo = {"apr": "0", "months": draw(st.integers(1, 9))}
    offers: list[dict[str, Any]] = [
        {**TRANSFER, "limit": str(half), "apr": draw(rate), "promo": promo},
        {"type": "consolidation", "name": "loan", "amount": str(owed), "apr": draw(rate), "months": draw(months)},
        {"type": "refinance", "name": "new", "debt": draw(one), "apr": draw(rate), "months": 24, "fee": str(fee)},
        {"type": "settlement", "name": "settled", "debt": draw(one), "share": str(SHARE), "by": "2027-02"},
        {"type": "instalment", "name": "分期", "debt": draw(one), "months": draw(months), "fee_rate": "0.006"},
    ]
    content = portfolio.model_dump(mode="json", by_alias=True) | {"offers": offers}
    return Portfolio.model_validate(content)


@st.composite
def moves_of(draw: st.DrawFn, portfolio: Portfolio) -> list[Move]:
    """Moves that may be made together, some of nothing."""
    left = {debt.name: to_minor(debt.balance, portfolio.currency) for debt in portfolio.debts}
    moves: list[Move] = []
    for offer in draw(st.permutations(portfolio.offers)):
        room = limit_of(offer, portfolio)
        for debt in sources_of(offer, portfolio):
            most = min(room, left[debt.name])
            if offer.type in ("refinance", "settlement"):
                whole = to_minor(debt.balance, portfolio.currency)
                amount = whole if most == whole and draw(st.booleans()) else 0
            else:
                amount = draw(st.one_of(st.just(0), st.just(most), st.integers(0, most)))
            room, left[debt.name] = room - amount, left[debt.name] - amount
            moves.append(Move(offer.name, debt.name, amount))
    return moves
