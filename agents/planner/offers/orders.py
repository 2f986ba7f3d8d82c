"""Orders of debts: in which they may fill an offer, and in which they are paid where a settlement comes first."""

from decimal import Decimal
from itertools import permutations
from typing import Any

import numpy as np

from agents.planner.arrays.rates import apr_in
from agents.planner.offers.taking import sources_of
from data.arrays import Flags, Ints
from data.portfolio.debt import Debt
from data.portfolio.offer import BalanceTransfer, Offer, Settlement
from data.portfolio.portfolio import Portfolio

ALL_ORDERS_OF = 4  # debts


def sources(portfolio: Portfolio) -> Flags:
    """Which debts each offer can move.

    Shapes: (offer, debt).
    """

    def names(offer: Offer) -> set[str]:
        return {debt.name for debt in sources_of(offer, portfolio)}

    return np.array([[debt.name in names(offer) for debt in portfolio.debts] for offer in portfolio.offers])


def orders(debts: list[Debt]) -> list[tuple[int, ...]]:
    """Orders in which debts may fill an offer: all of a few; else by rate, with and without promotions, and balance."""
    places = range(len(debts))
    if len(debts) <= ALL_ORDERS_OF:
        return list(permutations(places))
    keys: list[list[Decimal]] = [
        [-(debt.promo.apr if debt.promo else debt.apr) for debt in debts],
        [-debt.apr for debt in debts],
        [debt.balance for debt in debts],
        [-debt.balance for debt in debts],
    ]
    alone = [(i, *(k for k in places if k != i)) for i in places] if len(debts) <= 2 * ALL_ORDERS_OF else []
    return list(dict.fromkeys([*(tuple(sorted(places, key=key.__getitem__)) for key in keys), *alone]))


def custom_ranks(portfolio: Portfolio, *, settled_first: bool) -> Ints:
    """A custom order of the debts, then the offers: settlements first, then the dearest; or the portfolio's own."""
    start = portfolio.start or ""
    if not settled_first:
        order = portfolio.custom_order or []
        own = [order.index(debt.name) if debt.name in order else len(order) for debt in portfolio.debts]
        # Doubled, so that an offer has a place between two debts.
        return np.array([2 * rank for rank in own] + [_rank_of(offer, portfolio, own) for offer in portfolio.offers])
    rates: list[Any] = [apr_in(debt, start) for debt in portfolio.debts]
    for offer in portfolio.offers:
        promo = offer.promo if isinstance(offer, BalanceTransfer) else None
        rates.append(promo.apr if promo else getattr(offer, "apr", 0))
    ranks = [1 + sum(other > rate for other in rates) for rate in rates]
    ranks[len(portfolio.debts) :] = [
        0 if isinstance(offer, Settlement) else rank
        for offer, rank in zip(portfolio.offers, ranks[len(portfolio.debts) :], strict=True)
    ]
    return np.array(ranks)


def _rank_of(offer: Offer, portfolio: Portfolio, own: list[int]) -> int:
    """After the first of the debts that may go into it."""
    names = {debt.name for debt in sources_of(offer, portfolio)}
    places = [2 * rank for debt, rank in zip(portfolio.debts, own, strict=True) if debt.name in names]
    return min(places, default=0) + 1
