"""The optimal plan of a portfolio with its offers: which to take, how much, and what to pay from then on.

The equations decide on offers together with payments; what they move is rounded to whole minor units and taken, and the
portfolio that comes of it is planned by itself. The bound is that of the equations with offers: it holds for every
plan, whatever it takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays, from_portfolios
from agents.planner.arrays.rates import apr_in
from agents.planner.equations.terms import terms_of
from agents.planner.kernel.layout import MINIMUM, PAYMENT
from agents.planner.offers.search import OfferSearch
from agents.planner.offers.taking import Move, Taking, limit_of, offers_taken
from agents.planner.offers.trials import Trials
from agents.planner.optimum.hunt import optimum
from agents.planner.optimum.limits import SearchLimits
from agents.planner.optimum.offer_bound import NEAR, Choice, Node, OfferPlan
from agents.planner.optimum.played import Optimum
from agents.planner.optimum.state import Known
from data.answers.plan import ORDERS, OfferTaken, Strategy
from data.portfolio.offer import Settlement
from data.portfolio.portfolio import Portfolio

TRYING, GUESSING, BRANCHING = 1 / 8, 1 / 40, 5 / 8  # of the time: a plan, one of amounts not decided on, branching
TRIFLE = 1e-5  # of what is paid in all: no offer is taken, and no odd amount moved, for less


@dataclass(frozen=True)
class OptimalPlan:
    """The best plan found, the portfolio that it pays, offers taken, and which those are."""

    optimum: Optimum
    portfolio: Portfolio
    offers_taken: list[OfferTaken]


def optimal_plan(portfolio: Portfolio, arrays: PortfolioArrays, search: SearchLimits) -> OptimalPlan:
    """The least-cost plan, never worse than any order that the portfolio can be paid by, with or without offers."""
    orders = [order for order in ORDERS if order is not Strategy.CUSTOM or portfolio.custom_order]
    if not any(limit_of(offer, portfolio) for offer in portfolio.offers) or portfolio.budget is None:
        return OptimalPlan(optimum(arrays, orders, search), portfolio, [])
    return _WithOffers(portfolio, orders, search).run()


class _WithOffers:
    """The best plan over several sets of moves, against one bound for all of them."""

    def __init__(self, portfolio: Portfolio, orders: Sequence[Strategy], search: SearchLimits) -> None:
        self.portfolio, self.orders, self.search = portfolio, orders, search
        self.taking = Taking(portfolio)
        self.tried: list[list[Move]] = []
        self.plain = self.best = self._planned([])
        self.usual_misses = int(self.best.optimum.played.result["missed"])
        self.search = replace(search, none_missed=not search.misses_free and self.usual_misses == 0)

    def run(self) -> OptimalPlan:
        """Without offers, then with what a search of orders takes, then with what the equations take."""
        trials = OfferSearch(Trials(self.taking), Strategy.AVALANCHE)
        self._try(trials.moves(trials.best(range(len(self.portfolio.offers)))))
        node = self._root()
        if self._ends():
            node = self._branch(node)
        bound = min(node.bound, self.plain.optimum.bound) if self._may_miss() else node.bound
        return replace(self.best, optimum=self.best.optimum.with_bound(bound, node.cents))

    def _root(self) -> Node:
        """All offers open; made anew where the first plan that ends is found by it: then its cost is the ceiling."""
        ended = self._ends()
        node = self._node(Choice())
        self._try_moves(node)
        return node if self._ends() == ended else self._node(Choice())

    def _branch(self, root: Node) -> Node:
        """The choice of the least bound, which is the bound of them all: no time or no need is left to divide it."""
        left_s, nodes, node = self.search.time_limit_s * BRANCHING, [root], root
        while not (node.is_done or left_s <= 0 or self._is_near(node.bound, node.cents)):
            if node.undecided is not None:
                nodes.remove(node)
                nodes += [self._node(choice) for choice in node.choices()]
            else:
                left_s -= max(node.branch(OfferPlan(self.best.optimum.played, self.best.portfolio), left_s), 0.01)
            node = min(nodes, key=lambda one: one.bound)
            self._try_moves(node)
        return node

    def _try_moves(self, node: Node) -> None:
        for moves in node.moves():
            if self._is_near(node.enough, node.cents):
                break
            self._try(moves, node)

    def _node(self, choice: Choice) -> Node:
        return Node(self.taking, choice, self.search, self.best.optimum.played)

    def _ends(self) -> bool:
        return self.best.optimum.played.ends

    def _may_miss(self) -> bool:
        """Whether a plan without offers may miss minimums that one with offers may not."""
        played = self.plain.optimum.played
        months = int(played.result["months"]) + 1
        return self.search.none_missed and bool(terms_of(from_portfolios([self.plain.portfolio]), months).short.any())

    def _is_near(self, bound: float, cents: float) -> bool:
        played = self.best.optimum.played
        paid = int(played.result["paid"])
        return played.ends and paid - bound <= max(NEAR * paid, 1.5 * cents)

    def _try(self, moves: list[Move], node: Node | None = None) -> None:
        """Plan what comes of some moves, unless they were tried; `node` is where they were found."""
        if not moves or (moves in self.tried and (node is None or not node.is_done)):
            return
        self.tried.append(moves)
        planned = self._planned(moves, node)
        if self._is_allowed(planned) and _worth(planned) < _worth(self.best, less=TRIFLE):
            self.best = planned

    def _planned(self, moves: list[Move], node: Node | None = None) -> OptimalPlan:
        after = _settled_first(self.taking.take(moves), self.portfolio)
        share = TRYING if node is None or node.is_done else GUESSING
        search = replace(self.search, time_limit_s=self.search.time_limit_s * share)
        orders = [*self.orders, Strategy.CUSTOM] if after.custom_order else self.orders
        known = None
        if moves:
            enough, is_open = (0.0, None) if node is None else (node.enough, node.is_open(after))
            known = Known(self.best.optimum.played, enough, is_open)
        found = optimum(from_portfolios([after]), orders, search, known)
        return OptimalPlan(found, after, offers_taken(self.portfolio, moves))

    def _is_allowed(self, planned: OptimalPlan) -> bool:
        """False where it misses what a settlement wants, or more than without offers."""
        settled = {offer.name for offer in self.portfolio.offers if isinstance(offer, Settlement)}
        rows = planned.optimum.played.rows
        missed = np.flatnonzero(np.any(rows[:, :, PAYMENT] < rows[:, :, MINIMUM], axis=0)).tolist()
        if any(planned.portfolio.debts[place].name in settled for place in missed):
            return False
        return int(planned.optimum.played.result["missed"]) <= self.usual_misses


def _settled_first(after: Portfolio, portfolio: Portfolio) -> Portfolio:
    """With a custom order that pays settlements first, where there are any; other strategies may miss them."""
    settled = {offer.name for offer in portfolio.offers if isinstance(offer, Settlement)}
    first = [debt.name for debt in after.debts if debt.name in settled]
    if not first:
        return after
    names = after.custom_order or [
        debt.name for debt in sorted(after.debts, key=lambda debt: -apr_in(debt, after.start or ""))
    ]
    return after.model_copy(update={"custom_order": [*first, *(name for name in names if name not in first)]})


def _worth(plan: OptimalPlan, *, less: float = 0.0) -> tuple[int, float, int]:
    """What decides between plans; `less` is the share of the total by which another must be cheaper to count."""
    never, total, months = plan.optimum.played.worth
    return never, total * (1 - less), months
