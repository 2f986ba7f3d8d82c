"""Which offers to take and how much of each: from plausible beginnings, to the cent.

The total paid is smooth in an amount but for corners (a limit, a debt that closes a month sooner, a minimum's floor).
So many beginnings are tried at once: every set of offers, filled in several orders of the debts. The best are then
improved one direction at a time, by grids that close in on the cent: an amount up or down, a part from one debt to
another, a part from one offer to another. At the end amounts are made plain (nothing, all, a round number) where that
costs next to nothing: what was gained by the last cents was gained from roundings. What is returned is never worse than
taking nothing. Knows nothing of plans or the wire.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from agents.planner.layout import PAID_OFF
from agents.planner.offer_orders import custom_ranks, orders, sources
from agents.planner.offer_trials import Trials
from agents.planner.offers import Move, is_whole
from agents.planner.strategies import CODES
from data.offer import Settlement
from data.plan import Strategy

Array = np.ndarray[Any, Any]
Key = tuple[int, int, int, int, int]
ALL_SETS_OF = 6  # offers; of more, sets grow by one offer after another
BEGINNINGS = 3  # improved
PASSES = 4
GRID = 25  # points
MOST_TRIALS = 60_000  # so that many debts and offers end too
MOST_DIRECTIONS = 400
NEXT_TO_NOTHING = 10_000  # a ten-thousandth of the total paid


class Search:
    """The offers of one portfolio under one strategy; a strategy that is no order is searched as avalanche."""

    def __init__(self, trials: Trials, strategy: Strategy) -> None:
        self.trials, self.offers = trials, trials.offers
        self.strategy = strategy if strategy in CODES else Strategy.AVALANCHE
        self.shape = (len(trials.offers), len(trials.balances))
        self._sources = sources(trials.portfolio)  # (offer, debt)
        self._orders = orders(trials.portfolio.debts)
        self._ranks = custom_ranks(trials.portfolio, settled_first=self.strategy != Strategy.CUSTOM)
        self._settles = np.array([isinstance(offer, Settlement) for offer in trials.offers])  # (offer,)
        nothing = trials.simulate(np.zeros((1, *self.shape), np.int64), [self.strategy])[0, 0]
        self._missed = int(nothing["missed"])
        self._tried = 0

    def best(self, allowed: Sequence[int]) -> Array:
        """The best amounts found with these offers, by their places; all zero where none is worth taking.

        Shapes: (offer, debt).
        """
        self._tried = 0
        ended = np.stack([self._settled(amounts, allowed) for amounts in self._beginnings(allowed)])
        return self._plain(ended[_first(self._keys(ended))])

    def fullest(self, place: int) -> Array:
        """What one offer moves when it is used to its limit, in the best order of debts: to show what it would cost."""
        filled = np.stack([self._filled([place], order) for order in self._orders])
        return filled[_first(self._keys(filled))]

    def moves(self, amounts: Array) -> list[Move]:
        """The moves of some amounts, in the order of the offers, then of the debts."""
        names = [debt.name for debt in self.trials.portfolio.debts]
        return [Move(self.offers[j].name, names[i], int(amounts[j, i])) for j, i in np.argwhere(amounts).tolist()]

    def _keys(self, amounts: Array) -> list[Key]:
        """What each trial is worth, the smallest best: it ends, misses no more minimums, costs less, ends sooner.

        A settlement is worth nothing unless every minimum is paid, its own above all.
        """
        self._tried += len(amounts)
        settles: Array = np.any(amounts[:, self._settles].reshape(len(amounts), -1), axis=1)  # (trial,)
        strategies = [self.strategy]
        if settles.any() and self.strategy not in (Strategy.CUSTOM, Strategy.MINIMUM_ONLY):
            strategies.append(Strategy.CUSTOM)
        results = self.trials.simulate(amounts, strategies, self._ranks)  # (trial, strategy)
        moved = amounts.sum(axis=(1, 2)).tolist()
        allowed = np.where(settles, 0, self._missed).tolist()
        keys = [
            [_key(one, moved[k], allowed[k]) for one in results[k, : len(strategies) if settles[k] else 1]]
            for k in range(len(amounts))
        ]
        return [min(each) for each in keys]

    def _beginnings(self, allowed: Sequence[int]) -> list[Array]:
        """The best few of many sets and orders, best first; taking nothing is one of them."""
        sets = list(_subsets(allowed)) if len(allowed) <= ALL_SETS_OF else list(self._grown(allowed))
        filled = [self._filled(chosen, order) for chosen in sets for order in self._orders]
        different: Array = np.unique(
            np.stack([np.zeros(self.shape, np.int64), *filled]), axis=0
        )  # (trial, offer, debt)
        keys = self._keys(different)
        return [different[k] for k in sorted(range(len(keys)), key=lambda k: keys[k])[:BEGINNINGS]]

    def _grown(self, allowed: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """Sets that grow by the offer that helps most, in every order of the debts."""
        chosen: tuple[int, ...] = ()
        while len(chosen) < len(allowed):
            sets = [(*chosen, place) for place in allowed if place not in chosen]
            trials = np.stack([self._filled(one, order) for one in sets for order in self._orders])
            chosen = sets[_first(self._keys(trials)) // len(self._orders)]
            yield chosen

    def _filled(self, chosen: Sequence[int], order: Sequence[int]) -> Array:
        """Each offer in turn filled from the debts in an order; those that want a whole debt first."""
        amounts = np.zeros(self.shape, np.int64)
        left, limits = self.trials.balances.copy(), self.trials.limits
        for j in sorted(chosen, key=lambda place: not is_whole(self.offers[place])):
            room = limits[j]
            for i in order:
                fits = self._sources[j, i] and (not is_whole(self.offers[j]) or left[i] == limits[j])
                amounts[j, i] = min(room, left[i]) if fits else 0
                room, left[i] = room - amounts[j, i], left[i] - amounts[j, i]
        return amounts

    def _settled(self, amounts: Array, allowed: Sequence[int]) -> Array:
        """Amounts that no single direction improves, or the best when the trials are used up."""
        for _ in range(PASSES):
            before = amounts
            for direction in self._directions(amounts, allowed):
                if self._tried < MOST_TRIALS:
                    amounts = self._along(amounts, direction)
            if (amounts == before).all():
                break
        return amounts

    def _directions(self, amounts: Array, allowed: Sequence[int]) -> list[Array]:
        """One amount alone; from one debt to another in an offer; from one offer to another of a debt."""
        free = [
            (j, i) for j in allowed if not is_whole(self.offers[j]) for i in range(self.shape[1]) if self._sources[j, i]
        ]
        moved = [pair for pair in free if amounts[pair]]
        exchanges = [(one, other) for one in moved for other in free if (one[0] == other[0]) != (one[1] == other[1])]
        single = [_direction(self.shape, pair) for pair in free]
        return [*single, *(_direction(self.shape, to, away) for away, to in exchanges)][:MOST_DIRECTIONS]

    def _along(self, amounts: Array, direction: Array) -> Array:
        """The best amounts on a line, found by grids that close in on the cent."""
        low, high = self._range(amounts, direction)
        best = 0
        while high > low:
            steps = np.unique(np.append(np.linspace(low, high, GRID).round().astype(np.int64), best))
            keys = self._keys(amounts + steps[:, None, None] * direction)
            place = _first(keys)
            best = int(steps[place])
            if len(steps) > high - low:
                break
            low, high = int(steps[max(place - 1, 0)]), int(steps[min(place + 1, len(steps) - 1)])
            if self._tried >= MOST_TRIALS:
                break
        return amounts + best * direction

    def _range(self, amounts: Array, direction: Array) -> tuple[int, int]:
        """How far one may go down and up within balances, limits and zero."""
        bounds = [(amounts, direction)]
        bounds.append((self.trials.balances - amounts.sum(axis=0), -direction.sum(axis=0)))
        bounds.append((self.trials.limits - amounts.sum(axis=1), -direction.sum(axis=1)))
        up = min(int(room[change < 0].min(initial=2**62)) for room, change in bounds)
        down = min(int(room[change > 0].min(initial=2**62)) for room, change in bounds)
        return -down, up

    def _plain(self, amounts: Array) -> Array:
        """Plain amounts in place of odd ones, the smallest first, where all together that costs next to nothing."""
        (best,) = self._keys(amounts[None])
        if not amounts.any() or best[0]:
            return amounts
        limit = (*best[:2], best[2] + best[2] // NEXT_TO_NOTHING, best[3])
        for j, i in sorted(np.argwhere(amounts).tolist(), key=lambda pair: int(amounts[tuple(pair)])):
            if not is_whole(self.offers[j]):
                plainer = np.stack([*self._plainer(amounts, (j, i)), amounts])
                fits = [key[:4] <= limit and key[3] <= limit[3] for key in self._keys(plainer)]
                amounts = plainer[fits.index(True)] if any(fits) else amounts
        return amounts

    def _plainer(self, amounts: Array, pair: tuple[int, int]) -> Iterator[Array]:
        """Amounts with this one plainer, the plainest first; the rest stays, or goes to another offer in use."""
        direction, own = _direction(self.shape, pair), int(amounts[pair])
        most = own + self._range(amounts, direction)[1]
        others = [k for k in np.flatnonzero(amounts[:, pair[1]]).tolist() if k != pair[0]]
        for value in (0, most, *(own // unit * unit for unit in self.trials.round_units)):
            plainer = amounts + (value - own) * direction
            yield plainer
            for other in others if value < own else []:
                to = _direction(self.shape, (other, pair[1]))
                yield plainer + min(own - value, self._range(plainer, to)[1]) * to


def _key(result: Any, moved: int, allowed: int) -> Key:
    missed = max(int(result["missed"]) - allowed, 0)
    if result["status"] != PAID_OFF:
        return 1, missed, int(result["interest"]) + int(result["fees"]) - int(result["paid"]), 0, moved
    return 0, missed, int(result["paid"]), int(result["months"]), moved


def _first(keys: list[Key]) -> int:
    return keys.index(min(keys))


def _subsets(allowed: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(1, len(allowed) + 1):
        for chosen in combinations(allowed, size):
            yield chosen
            if size > 1:
                yield chosen[::-1]


def _direction(shape: tuple[int, int], up: tuple[int, int], down: tuple[int, int] | None = None) -> Array:
    direction = np.zeros(shape, np.int64)
    direction[up] = 1
    if down is not None:
        direction[down] = -1
    return direction
