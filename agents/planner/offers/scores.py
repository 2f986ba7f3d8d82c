"""What each way to take a portfolio's offers is worth under one strategy: to find the best of thousands."""

import numpy as np

from agents.planner.kernel.layout import PAID_OFF
from agents.planner.kernel.strategies import CODES
from agents.planner.offers.orders import custom_ranks
from agents.planner.offers.trials import Trials
from data.answers.plan import Strategy
from data.arrays import Flags, Ints, Records
from data.portfolio.offer import Settlement

NEVER, MISSED, PAID, MONTHS, MOVED = range(5)


class Scores:
    """Scores of trials, the smallest best: it ends, misses no more minimums, costs less, ends sooner, moves less.

    A strategy that is no order is scored as avalanche. A settlement counts only where no minimum at all is missed; one
    that the strategy would pay too late is paid first instead.
    """

    def __init__(self, trials: Trials, strategy: Strategy) -> None:
        self.trials = trials
        self.strategy = strategy if strategy in CODES else Strategy.AVALANCHE
        self.tried = 0
        self._ranks = custom_ranks(trials.portfolio, settled_first=self.strategy != Strategy.CUSTOM)
        self._settles = np.array([isinstance(offer, Settlement) for offer in trials.offers])  # (offer,)
        nothing = np.zeros((1, len(trials.offers), len(trials.balances)), np.int64)
        self._missed = int(trials.simulate(nothing, [self.strategy])[0, 0]["missed"])

    def of(self, amounts: Ints) -> Ints:
        """The scores of trials.

        Shapes: amounts (trial, offer, debt), the answer (trial, 5).
        """
        self.tried += len(amounts)
        settles = np.any(amounts[:, self._settles].reshape(len(amounts), -1), axis=1)  # (trial,)
        strategies = [self.strategy]
        # A settlement that the usual order pays too late may be met if it comes first.
        if np.any(settles) and self.strategy not in (Strategy.CUSTOM, Strategy.MINIMUM_ONLY):
            strategies.append(Strategy.CUSTOM)
        results = self.trials.simulate(amounts, strategies, self._ranks)  # (trial, strategy)
        moved = amounts.sum(axis=(1, 2))
        allowed = np.where(settles, 0, self._missed)
        usual = _scores(results[:, 0], moved, allowed)
        if len(strategies) == 1:
            return usual
        settled_first = _scores(results[:, 1], moved, allowed)
        return np.where((settles & _is_less(settled_first, usual))[:, None], settled_first, usual)


def _scores(results: Records, moved: Ints, allowed: Ints) -> Ints:
    ends = results["status"] == PAID_OFF
    lost = results["interest"] + results["fees"] - results["paid"]
    missed = np.maximum(results["missed"] - allowed, 0)
    cost, months = np.where(ends, results["paid"], lost), np.where(ends, results["months"], 0)
    return np.stack([~ends, missed, cost, months, moved], axis=1)  # (trial, 5)


def _is_less(one: Ints, other: Ints) -> Flags:
    """Row by row, whether the first difference is in favour of `one`."""
    differs = one != other
    first = differs.argmax(axis=1)
    rows = np.arange(len(one))
    return differs.any(axis=1) & (one[rows, first] < other[rows, first])


def in_order(scores: Ints) -> Ints:
    """The places of trials, the best first; equals in the order given."""
    # lexsort takes its last key first.
    return np.lexsort(scores.T[::-1])


def best_of(scores: Ints) -> int:
    """The place of the best."""
    return int(in_order(scores)[0])
