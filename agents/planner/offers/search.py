"""Which offers to take and how much of each: from plausible beginnings, to the cent.

The total paid is smooth in an amount but for corners (a limit, a debt that closes a month sooner, a minimum's floor).
So many beginnings are tried at once: every set of offers, filled in several orders of the debts. The best are then
improved: all directions are tried at once (an amount up or down, a part from one debt to another, a part from one offer
to another), and the best of them is followed by grids that close in on the cent. At the end amounts are made plain
(nothing, all, a round number) where that costs next to nothing: what was gained by the last cents was gained from
roundings. What is returned is never worse than taking nothing.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from agents.planner.offers.orders import orders, sources
from agents.planner.offers.scores import MONTHS, NEVER, PAID, Scores, best_of, in_order
from agents.planner.offers.taking import Move, is_whole
from agents.planner.offers.trials import Trials
from data.answers.plan import Strategy
from data.arrays import Ints

Pair = tuple[int, int]
ALL_SETS_OF = 6  # offers; of more, sets grow by one offer after another
BEGINNINGS = 3  # improved
GRID = 25  # points on a line
STEPS = np.array([1, 1 / 2, 1 / 4, 1 / 16, 1 / 128])  # of the way, tried in every direction
MOST_TRIALS = 40_000  # so that many debts and offers end too
MOST_CELLS = 4_000_000  # amounts held at once
NEXT_TO_NOTHING = 10_000  # a ten-thousandth of the total paid
HARDLY_LESS = 100_000


class OfferSearch:
    """The offers of one portfolio under one strategy."""

    def __init__(self, trials: Trials, strategy: Strategy) -> None:
        self.trials, self.offers = trials, trials.offers
        self.scores = Scores(trials, strategy)
        self.shape = (len(trials.offers), len(trials.balances))
        self._whole = np.array([is_whole(offer) for offer in trials.offers])  # (offer,)
        self._sources = sources(trials.portfolio)  # (offer, debt)
        self._orders = orders(trials.portfolio.debts)

    def best(self, allowed: Sequence[int]) -> Ints:
        """The best amounts found with these offers, by their places; all zero where none is worth taking.

        Shapes: (offer, debt).
        """
        self.scores.tried = 0
        ended = np.stack([self._improved(amounts, allowed) for amounts in self._beginnings(allowed)])
        return self._plain(ended[best_of(self.scores.of(ended))])

    def fullest(self, place: int) -> Ints:
        """What one offer moves when it is used to its limit, in the best order of debts: to show what it would cost."""
        filled = np.stack([self._filled([place], order) for order in self._orders])
        return filled[best_of(self.scores.of(filled))]

    def moves(self, amounts: Ints) -> list[Move]:
        """The moves of some amounts, in the order of the offers, then of the debts."""
        names = [debt.name for debt in self.trials.portfolio.debts]
        return [Move(self.offers[j].name, names[i], int(amounts[j, i])) for j, i in np.argwhere(amounts).tolist()]

    def _beginnings(self, allowed: Sequence[int]) -> list[Ints]:
        """The best few of many sets and orders, best first; taking nothing is one of them."""
        sets = list(_subsets(allowed)) if len(allowed) <= ALL_SETS_OF else list(self._grown(allowed))
        filled = [self._filled(chosen, order) for chosen in sets for order in self._orders]
        every = np.stack([np.zeros(self.shape, np.int64), *filled])  # (trial, offer, debt)
        different: Ints = np.unique(every, axis=0)
        return list(different[in_order(self.scores.of(different))[:BEGINNINGS]])

    def _grown(self, allowed: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """Sets that grow by the offer that helps most, in every order of the debts."""
        chosen: tuple[int, ...] = ()
        while len(chosen) < len(allowed):
            sets = [(*chosen, place) for place in allowed if place not in chosen]
            trials = np.stack([self._filled(one, order) for one in sets for order in self._orders])
            chosen = sets[best_of(self.scores.of(trials)) // len(self._orders)]
            yield chosen

    def _filled(self, chosen: Sequence[int], order: Sequence[int]) -> Ints:
        """Each offer in turn filled from the debts in an order; those that want a whole debt first."""
        amounts = np.zeros(self.shape, np.int64)
        left, limits = self.trials.balances.copy(), self.trials.limits
        for j in sorted(chosen, key=lambda place: not self._whole[place]):
            room = limits[j]
            for i in order:
                fits = self._sources[j, i] and (not self._whole[j] or left[i] == limits[j])
                amounts[j, i] = min(room, left[i]) if fits else 0
                room, left[i] = room - amounts[j, i], left[i] - amounts[j, i]
        return amounts

    def _improved(self, amounts: Ints, allowed: Sequence[int]) -> Ints:
        """Amounts that no single direction improves by more than hardly anything."""
        score = self.scores.of(amounts[None])[0]
        while self.scores.tried < MOST_TRIALS:
            directions = self._directions(amounts, allowed)
            if not len(directions):
                break
            better = self._along(amounts, directions[self._steepest(amounts, directions)])
            (new,) = self.scores.of(better[None])
            is_less = best_of(np.stack([score, new])) == 1
            amounts = better if is_less else amounts
            if not is_less or (
                new[NEVER] == score[NEVER] and score[PAID] - new[PAID] <= abs(score[PAID]) // HARDLY_LESS
            ):
                break
            score = new
        return amounts

    def _steepest(self, amounts: Ints, directions: Ints) -> int:
        """The direction in which one of the steps is the best of all."""
        low, high = self._ranges(amounts, directions)
        steps = np.concatenate([low[:, None] * STEPS, high[:, None] * STEPS], axis=1).astype(
            np.int64
        )  # (direction, step)
        trials = amounts + steps[:, :, None, None] * directions[:, None]
        scores = self.scores.of(trials.reshape(-1, *self.shape))
        return best_of(scores) // steps.shape[1]

    def _directions(self, amounts: Ints, allowed: Sequence[int]) -> Ints:
        """One amount alone; from one debt to another in an offer; from one offer to another of a debt."""
        free: list[Pair] = [
            (j, i) for j in allowed if not self._whole[j] for i in np.flatnonzero(self._sources[j]).tolist()
        ]
        moved = [pair for pair in free if amounts[pair]]
        # Between two debts of one offer, or two offers of one debt, never both.
        exchanges = [(to, away) for away in moved for to in free if (away[0] == to[0]) != (away[1] == to[1])]
        most = MOST_CELLS // (2 * len(STEPS) * self.shape[0] * self.shape[1])
        pairs = [*((pair, None) for pair in free), *exchanges][:most]
        return np.array([_direction(self.shape, to, away) for to, away in pairs], np.int64)  # (direction, offer, debt)

    def _along(self, amounts: Ints, direction: Ints) -> Ints:
        """The best amounts on a line, found by grids that close in on the cent."""
        low, high = (int(bound[0]) for bound in self._ranges(amounts, direction[None]))
        best = 0
        while high > low:
            # With the best so far among the points it never gets worse.
            steps = np.unique(np.append(np.linspace(low, high, GRID).round().astype(np.int64), best))
            place = best_of(self.scores.of(amounts + steps[:, None, None] * direction))
            best = int(steps[place])
            # Every cent between has been tried.
            if len(steps) > high - low:
                break
            low, high = int(steps[max(place - 1, 0)]), int(steps[min(place + 1, len(steps) - 1)])
        return amounts + best * direction

    def _ranges(self, amounts: Ints, directions: Ints) -> tuple[Ints, Ints]:
        """How far one may go down and up in each direction within zero, balances and limits."""
        up = np.full(len(directions), np.iinfo(np.int64).max)
        down = up.copy()
        rooms = [
            (amounts, directions),
            (self.trials.balances - amounts.sum(axis=0), -directions.sum(axis=1)),
            (self.trials.limits - amounts.sum(axis=1), -directions.sum(axis=2)),
        ]
        for room, change in rooms:
            axes = tuple(range(1, change.ndim))
            up = np.minimum(up, np.where(change < 0, room, up.max()).min(axis=axes))
            down = np.minimum(down, np.where(change > 0, room, down.max()).min(axis=axes))
        return -down, up

    def _plain(self, amounts: Ints) -> Ints:
        """Plain amounts in place of odd ones, the smallest first, where all together that costs next to nothing."""
        (limit,) = self.scores.of(amounts[None])
        if not amounts.any() or limit[NEVER]:
            return amounts
        limit[PAID] += limit[PAID] // NEXT_TO_NOTHING
        for j, i in sorted(np.argwhere(amounts).tolist(), key=lambda pair: int(amounts[tuple(pair)])):
            if not self._whole[j]:
                # The first that costs next to nothing is the plainest; the last are the amounts themselves, which
                # always pass.
                plainer = np.stack([*self._plainer(amounts, (j, i)), amounts])
                amounts = plainer[
                    np.argmax((self.scores.of(plainer)[:, : MONTHS + 1] <= limit[: MONTHS + 1]).all(axis=1))
                ]
        return amounts

    def _plainer(self, amounts: Ints, pair: Pair) -> Iterator[Ints]:
        """Amounts with this one plainer, the plainest first; the rest stays, or goes to another offer in use."""
        direction, own = _direction(self.shape, pair), int(amounts[pair])
        most = own + self._room(amounts, direction)
        others = [k for k in np.flatnonzero(amounts[:, pair[1]]).tolist() if k != pair[0] and not self._whole[k]]
        for value in (0, most, *(own // unit * unit for unit in self.trials.round_units)):
            plainer = amounts + (value - own) * direction
            yield plainer
            for other in others if value < own else []:
                to = _direction(self.shape, (other, pair[1]))
                yield plainer + min(own - value, self._room(plainer, to)) * to

    def _room(self, amounts: Ints, direction: Ints) -> int:
        return int(self._ranges(amounts, direction[None])[1][0])


def _subsets(allowed: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(1, len(allowed) + 1):
        for chosen in combinations(allowed, size):
            yield chosen
            # Also the other way round: an offer takes what those before it have left.
            if size > 1:
                yield chosen[::-1]


def _direction(shape: tuple[int, int], up: Pair, down: Pair | None = None) -> Ints:
    direction = np.zeros(shape, np.int64)
    direction[up] = 1
    if down is not None:
        direction[down] = -1
    return direction
