"""What the offers of a portfolio are worth: each by itself, and the best of them together.

Every number that is told comes from a plan of the portfolio after the moves, set against the plan without them.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agents.planner.arrays.rates import apr_in
from agents.planner.kernel.strategies import CODES
from agents.planner.offers.search import OfferSearch
from agents.planner.offers.taking import Move, Taking, offers_taken, take
from agents.planner.offers.trials import Trials
from agents.planner.optimum.limits import SearchLimits
from agents.planner.plans.break_even import break_even, cost_by_month
from agents.planner.plans.planning import plan
from agents.planner.what_if.promo_end import promo_end
from data.answers.offer_result import OfferAnswer, OfferVerdict, Taken
from data.answers.plan import OfferTaken, Plan, PlanStatus, Strategy
from data.money import from_minor, to_minor
from data.portfolio.offer import Settlement
from data.portfolio.portfolio import Portfolio


def judge_offers(portfolio: Portfolio, strategy: Strategy = Strategy.AVALANCHE) -> OfferAnswer:
    """Each offer by itself, and the best of all together, under one strategy.

    Raises:
        InvalidPortfolio: it has no `start`, or the custom strategy has no order.
    """
    before = plan(take(portfolio, []), strategy)
    judge = _Judge(portfolio, strategy, before)
    if not portfolio.offers:
        return OfferAnswer(before=before, offers=[], best=Taken(take=False, plan=before, **NOTHING))
    search = OfferSearch(Trials(Taking(portfolio)), strategy)
    verdicts = [judge.alone(search, place) for place in range(len(portfolio.offers))]
    together = search.moves(search.best(range(len(portfolio.offers))))
    alone = [judge.moves_of(verdict.moves) for verdict in verdicts if verdict.take]
    # Offers that are worth taking alone too: the search together need not have found them.
    best = judge.taken([judge.own_moves(), together, *alone])
    bare = before.model_copy(update={"schedule": []})
    return OfferAnswer(before=bare, offers=verdicts, best=best)


def judge_moves(portfolio: Portfolio, strategy: Strategy, moves: Sequence[Move]) -> Taken:
    """Some moves, wherever they come from, against taking no offer.

    Raises:
        InvalidPortfolio: it has no `start`; or a move names what there is not, or moves more than may be moved.
    """
    return _Judge(portfolio, strategy, plan(take(portfolio, []), strategy)).taken([moves])


EACH = SearchLimits(time_limit_s=2.0)  # of a strategy that searches
NOTHING: dict[str, Any] = {"moves": [], "saved": None, "break_even": None}


class _Judge:
    def __init__(self, portfolio: Portfolio, strategy: Strategy, before: Plan) -> None:
        self.portfolio, self.strategy, self.before = portfolio, strategy, before

    def taken(self, choices: Sequence[Sequence[Move]]) -> Taken:
        """The best of some choices, or none of them, with the months of its plan."""
        judged = [self._judged(moves) for moves in choices if moves]
        worth = [one for one in judged if one["take"]]
        if not worth:
            return Taken(take=False, plan=self.before, **NOTHING)
        return Taken(**min(worth, key=lambda one: (one["plan"].total_paid, one["plan"].months or 0)))

    def alone(self, search: OfferSearch, place: int) -> OfferVerdict:
        """One offer: at its best amount, or where none is worth it, used to its limit."""
        offer = self.portfolio.offers[place]
        moves = search.moves(search.best([place])) or search.moves(search.fullest(place))
        fields = self._judged(moves)
        ends = promo_end(self.portfolio, moves, fields["plan"])
        fields["plan"] = fields["plan"].model_copy(update={"schedule": []})
        return OfferVerdict(name=offer.name, type=offer.type, promo_end=ends, **fields)

    def own_moves(self) -> list[Move]:
        """The moves of a strategy that takes offers by itself."""
        if self.strategy in CODES:
            return []
        return self.moves_of(plan(self.portfolio, self.strategy, schedule=False).offers_taken)

    def moves_of(self, taken: Sequence[OfferTaken]) -> list[Move]:
        """The moves of a plan's `offers_taken`."""
        return [Move(one.name, one.debt, to_minor(one.amount, self.portfolio.currency)) for one in taken]

    def _judged(self, moves: Sequence[Move]) -> dict[str, Any]:
        after = self._plan(moves)
        forgiven = self._forgiven(moves)
        breaks = self._breaks_a_settlement(after)
        ends = self.before.months is not None and after.months is not None and not breaks
        worth = _ends_better(self.before, after) and not breaks
        costs = cost_by_month(self.before), cost_by_month(after, forgiven)
        return {
            "take": worth,
            "moves": after.offers_taken,
            "saved": self.before.total_paid - after.total_paid if ends else None,
            "break_even": break_even(*costs, self.before.start) if after.months is not None and not breaks else None,
            "plan": after,
        }

    def _plan(self, moves: Sequence[Move]) -> Plan:
        """The plan after the moves; a settlement that the strategy would miss is paid first instead."""
        after = take(self.portfolio, moves)
        if self.strategy not in CODES:  # it may begin from the order that meets every settlement
            after = self._settled_first(after, moves)
        search = replace(EACH, none_missed=not self.before.missed)  # no plan that misses more would count
        made = plan(after, self.strategy, search=search)
        if self._breaks_a_settlement(made) and self.strategy != Strategy.MINIMUM_ONLY:
            made = plan(self._settled_first(after, moves), Strategy.CUSTOM)
        return made.model_copy(update={"offers_taken": offers_taken(self.portfolio, moves)})

    def _settled_first(self, after: Portfolio, moves: Sequence[Move]) -> Portfolio:
        settled = [name for name in dict.fromkeys(move.offer for move in moves) if name in self._settlements()]
        if not settled:
            return after
        dearest = sorted(after.debts, key=lambda debt: -apr_in(debt, after.start or ""))
        names = after.custom_order if self.strategy == Strategy.CUSTOM else [debt.name for debt in dearest]
        rest = [name for name in names or [] if name not in settled]
        return after.model_copy(update={"custom_order": [*settled, *rest]})

    def _settlements(self) -> dict[str, Settlement]:
        return {offer.name: offer for offer in self.portfolio.offers if isinstance(offer, Settlement)}

    def _breaks_a_settlement(self, after: Plan) -> bool:
        return any(missed.debt in self._settlements() for missed in after.missed)

    def _forgiven(self, moves: Sequence[Move]) -> Any:
        """What settlements take off the debts."""
        currency, settlements = self.portfolio.currency, self._settlements()
        after = take(self.portfolio, [move for move in moves if move.offer in settlements])
        owed = [sum(to_minor(debt.balance, currency) for debt in one.debts) for one in (self.portfolio, after)]
        return from_minor(owed[0] - owed[1], currency)


def _ends_better(before: Plan, after: Plan) -> bool:
    """True where it ends and costs less in all, missing no more minimums."""
    if after.months is None or len(after.missed) > len(before.missed):
        return False
    return before.status is PlanStatus.NEVER_PAID_OFF or before.months is None or after.total_paid < before.total_paid
