"""The optimal plan of a portfolio with its offers: which to take, how much, and what to pay from then on.

The equations decide on offers together with payments; what they move is rounded to whole minor units and taken, and the
portfolio that comes of it is planned by itself. The bound is that of the equations with offers: it holds for every
plan, whatever it takes. Knows nothing of the equations themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays, from_portfolios
from agents.planner.equations.offering import Offering
from agents.planner.kernel.layout import MINIMUM, PAYMENT
from agents.planner.offers.costs import cost_of
from agents.planner.offers.debts import debt_of_offer
from agents.planner.offers.search import Search as OfferSearch
from agents.planner.offers.taking import Move, Taking, is_whole, limit_of, offers_taken, sources_of
from agents.planner.offers.trials import Trials
from agents.planner.optimum.hunt import Relaxed, optimum, relax_with_offers
from agents.planner.optimum.limits import Search
from agents.planner.optimum.played import Optimum
from data.answers.plan import ORDERS, OfferTaken, Strategy
from data.money import to_minor
from data.portfolio.offer import Settlement
from data.portfolio.portfolio import Portfolio

Array = np.ndarray[Any, Any]
TRIFLE = 1e-5  # of what is paid in all: no offer is taken, and no odd amount moved, for less
NEARLY = 0.01  # of a debt that need not stay behind, or be moved


@dataclass(frozen=True)
class OptimalPlan:
    """The best plan found, the portfolio that it pays, offers taken, and which those are."""

    optimum: Optimum
    portfolio: Portfolio
    offers_taken: list[OfferTaken]


def optimal_plan(portfolio: Portfolio, arrays: PortfolioArrays, search: Search) -> OptimalPlan:
    """The least-cost plan, never worse than any order that the portfolio can be paid by, with or without offers."""
    orders = [order for order in ORDERS if order is not Strategy.CUSTOM or portfolio.custom_order]
    if not any(limit_of(offer, portfolio) for offer in portfolio.offers) or portfolio.budget is None:
        return OptimalPlan(optimum(arrays, orders, search), portfolio, [])
    return _WithOffers(portfolio, orders, search).run()


class _WithOffers:
    """The best plan over several sets of moves, against one bound for all of them."""

    def __init__(self, portfolio: Portfolio, orders: Sequence[Strategy], search: Search) -> None:
        self.portfolio, self.orders = portfolio, orders
        self.taking = Taking(portfolio)
        self.quarter = replace(search, time_limit_s=search.time_limit_s / 4)  # an eighth for each plan
        self.best = self._planned([])
        self.usual_misses = int(self.best.optimum.played.result["missed"]) if self.best else 0

    def run(self) -> OptimalPlan:
        """Without offers, then with what a search of orders takes, then with what the equations take."""
        assert self.best is not None  # taking no offer always leaves a plan
        trials = OfferSearch(Trials(self.taking), Strategy.AVALANCHE)
        self._try(trials.moves(trials.best(range(len(self.portfolio.offers)))))
        relaxed = self._relaxed()
        for values in relaxed.moves:
            self._try(self._moves_of(values, plain=True))
            self._try(self._moves_of(values, plain=False))
        return replace(self.best, optimum=self.best.optimum.with_bound(relaxed.bound, relaxed.cents))

    def _try(self, moves: list[Move]) -> None:
        planned = self._planned(moves) if moves else None
        if planned is not None and (self.best is None or _worth(planned) < _worth(self.best, less=TRIFLE)):
            self.best = planned

    def _planned(self, moves: list[Move]) -> OptimalPlan | None:
        """The plan after some moves; none where it misses what a settlement wants, or more than without offers."""
        after = self.taking.take(moves)
        search = replace(self.quarter, time_limit_s=self.quarter.time_limit_s / 2)
        found = optimum(from_portfolios([after]), self.orders, search)
        settled = {offer.name for offer in self.portfolio.offers if isinstance(offer, Settlement)}
        rows = found.played.rows
        missed = np.flatnonzero(np.any(rows[:, :, PAYMENT] < rows[:, :, MINIMUM], axis=0)).tolist()
        if any(after.debts[place].name in settled for place in missed):
            return None
        if moves and self.best is not None and found.played.result["missed"] > self.usual_misses:
            return None
        return OptimalPlan(found, after, offers_taken(self.portfolio, moves))

    def _relaxed(self) -> Relaxed:
        offers = [offer for offer in self.portfolio.offers if limit_of(offer, self.portfolio)]
        currency, debts = self.portfolio.currency, self.portfolio.debts
        limits = [limit_of(offer, self.portfolio) for offer in offers]
        costs = [cost_of(offer, limit, currency) for offer, limit in zip(offers, limits, strict=True)]
        made = [
            debt_of_offer(offer, self.portfolio, limit, cost)
            for offer, limit, cost in zip(offers, limits, costs, strict=True)
        ]
        update = {"debts": [*debts, *made], "offers": [], "budget": self.taking.budget}
        everything = from_portfolios([self.portfolio.model_copy(update=update)])
        self.pairs = list(self._pairs([offer.name for offer in offers]))
        offering = Offering(
            old=np.array([i for i, _ in self.pairs]),
            new=np.array([len(debts) + k for _, k in self.pairs]),
            most=np.array([float(min(to_minor(debts[i].balance, currency), limits[k])) for i, k in self.pairs]),
            limit=np.array(limits, float),
            made=len(debts) + np.arange(len(offers)),
            share=np.array(
                [to_minor(debt.balance, currency) / limit for debt, limit in zip(made, limits, strict=True)]
            ),
            fee=np.array(costs, float) / np.array(limits),
            is_whole=np.array([is_whole(offer) for offer in offers]),
        )
        self.offers = offers
        assert self.best is not None
        return relax_with_offers(everything, offering, self.quarter, self.best.optimum.played)

    def _pairs(self, names: list[str]) -> Iterator[tuple[int, int]]:
        """Which debt may go to which offer, as places."""
        places = {debt.name: place for place, debt in enumerate(self.portfolio.debts)}
        by_name = {offer.name: offer for offer in self.portfolio.offers}
        for k, name in enumerate(names):
            for debt in sources_of(by_name[name], self.portfolio):
                yield places[debt.name], k

    def _moves_of(self, amounts: Array, *, plain: bool) -> list[Move]:
        """What a solution moves, in whole minor units, within every limit; `plain` moves nearly all as all."""
        currency, debts = self.portfolio.currency, self.portfolio.debts
        left = [to_minor(debt.balance, currency) for debt in debts]
        room = [limit_of(offer, self.portfolio) for offer in self.offers]
        moves: list[Move] = []
        chosen = zip(self.pairs, amounts.tolist(), strict=True)
        for (i, k), amount in sorted(chosen, key=lambda one: not is_whole(self.offers[one[0][1]])):
            offer = self.offers[k]
            whole = min(round(amount), left[i], room[k])
            if plain and amount < NEARLY * left[i]:
                whole = 0
            elif plain and left[i] - amount < NEARLY * left[i]:
                whole = min(left[i], room[k])
            if is_whole(offer):
                whole = left[i] if whole > left[i] / 2 else 0
            if whole > 0:
                moves.append(Move(offer.name, debts[i].name, whole))
                left[i], room[k] = left[i] - whole, room[k] - whole
        return moves


def _worth(plan: OptimalPlan, *, less: float = 0.0) -> tuple[int, float, int]:
    """What decides between plans; `less` is the share of the total by which another must be cheaper to count."""
    never, total, months = plan.optimum.played.worth
    return never, total * (1 - less), months
