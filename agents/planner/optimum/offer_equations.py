"""A portfolio with its offers as the equations of the least-cost plan want them.

Every offer stands among the debts as if it were taken to its limit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays, from_portfolios
from agents.planner.equations.offering import Offering
from agents.planner.offers.costs import cost_of, early_charge, least_early_charge
from agents.planner.offers.debts import debt_of_offer
from agents.planner.offers.taking import Move, Taking, is_whole, limit_of, sources_of
from data.arrays import Floats
from data.money import to_minor
from data.portfolio.debt import Debt
from data.portfolio.offer import Consolidation, Instalment, Offer, Settlement
from data.portfolio.portfolio import Portfolio

NEARLY = 0.01  # of a debt that need not stay behind, or be moved
NEVER = 10**6  # months
HARDLY = 0.0001  # of a debt: cents that the equations move for their roundings


@dataclass(frozen=True)
class Everything:
    """The debts and, after them, every offer's debt at its limit.

    Attributes:
        debts: the names of the debts before the offers'.
        pairs: which debt may go to which offer, as places (pair,).
    """

    portfolio: Portfolio
    debts: list[str]
    offers: list[Offer]
    pairs: list[tuple[int, int]]
    arrays: PortfolioArrays
    offering: Offering

    def moves_of(self, amounts: Floats, *, plain: bool) -> list[Move]:
        """What a solution moves, in whole minor units, within every limit; `plain` moves nearly all as all."""
        currency, debts = self.portfolio.currency, self.portfolio.debts
        left = [to_minor(debt.balance, currency) for debt in debts]
        room = [limit_of(offer, self.portfolio) for offer in self.offers]
        moves: list[Move] = []
        chosen = zip(self.pairs, amounts.tolist(), strict=True)
        # Offers that move a whole debt first: the others share what is left.
        for (i, k), amount in sorted(chosen, key=lambda one: not is_whole(self.offers[one[0][1]])):
            offer = self.offers[k]
            whole = min(round(amount), left[i], room[k])
            if amount < (NEARLY if plain else HARDLY) * left[i]:
                whole = 0
            elif plain and left[i] - amount < NEARLY * left[i]:
                whole = min(left[i], room[k])
            if is_whole(offer):
                whole = left[i] if whole > left[i] / 2 else 0
            if whole > 0:
                moves.append(Move(offer.name, debts[i].name, whole))
                left[i], room[k] = left[i] - whole, room[k] - whole
        return moves


def everything_of(taking: Taking, offers: Sequence[Offer], moves: Sequence[Move]) -> Everything:
    """The portfolio after some moves, with those offers beside it that can move anything still."""
    before = taking.portfolio
    portfolio = taking.take(moves) if moves else before.model_copy(update={"offers": [], "budget": taking.budget})
    currency, debts = portfolio.currency, portfolio.debts
    old = debts[: len(before.debts)]
    rest = before.model_copy(update={"debts": old})  # only what was there before can move
    offers = [offer for offer in offers if limit_of(offer, rest)]
    limits = [limit_of(offer, rest) for offer in offers]
    costs = [_cost(offer, limit, rest) for offer, limit in zip(offers, limits, strict=True)]
    made = [debt_of_offer(offer, rest, limit, cost) for offer, limit, cost in zip(offers, limits, costs, strict=True)]
    pairs = list(_pairs(rest, offers))
    balances = [to_minor(debt.balance, currency) for debt in old]
    charges = [_least_charge(offers[k], old[i], rest) for i, k in pairs]
    offering = Offering(
        old=np.array([i for i, _ in pairs], np.int64),
        new=np.array([len(debts) + k for _, k in pairs], np.int64),
        most=np.array([float(min(balances[i], limits[k])) for i, k in pairs]),
        limit=np.array(limits, float),
        made=len(debts) + np.arange(len(offers)),
        share=np.array([to_minor(debt.balance, currency) / limit for debt, limit in zip(made, limits, strict=True)]),
        fee=np.array([costs[k] / limits[k] + charge[0] for (_, k), charge in zip(pairs, charges, strict=True)]),
        charge=np.array([charge[0] for charge in charges]),
        spared=np.array([charge[1] for charge in charges]),
        is_whole=np.array([is_whole(offer) for offer in offers], bool),
        is_settled=np.array([isinstance(offer, Settlement) for offer in offers], bool),
        term=np.array([_term(offer) for offer in offers]),
        flat_months=np.array([offer.months if isinstance(offer, Instalment) else 0 for offer in offers]),
        is_refunded=np.array([isinstance(offer, Instalment) and offer.refundable for offer in offers], bool),
    )
    everything = from_portfolios([portfolio.model_copy(update={"debts": [*debts, *made]})])
    return Everything(rest, [debt.name for debt in debts], offers, pairs, everything, offering)


def _term(offer: Offer) -> int:
    """The months after which a loan on a part of a debt is repaid."""
    return offer.months if isinstance(offer, Consolidation | Instalment) else NEVER


def _cost(offer: Offer, limit: int, portfolio: Portfolio) -> int:
    """What it costs to take it to its limit; of one that moves a whole debt, with what the old lender charges."""
    cost = cost_of(offer, limit, portfolio.currency)
    if is_whole(offer) and not isinstance(offer, Settlement):
        (debt,) = sources_of(offer, portfolio)
        cost += early_charge(debt, limit, portfolio)
    return cost


def _least_charge(offer: Offer, debt: Debt, portfolio: Portfolio) -> tuple[float, float]:
    return (0.0, 0.0) if is_whole(offer) else least_early_charge(debt, portfolio)


def _pairs(portfolio: Portfolio, offers: Sequence[Offer]) -> Iterator[tuple[int, int]]:
    """Which debt may go to which offer, as places."""
    places = {debt.name: place for place, debt in enumerate(portfolio.debts)}
    for k, offer in enumerate(offers):
        for debt in sources_of(offer, portfolio):
            yield places[debt.name], k
