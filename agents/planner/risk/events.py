"""What goes wrong in each scenario: months with an income loss, unexpected bills, and the way of variable rates.

Each is a function of the draws that only grows with its assumption: where a loss is likelier, longer or larger, every
loss that there was is still there. docs/methodology.md, section 8, has the equations.
"""

import numpy as np

from agents.planner.risk.draws import RandomWords, below, further, normal, share_of
from data.answers.risk import Expenses, IncomeLoss, RateMoves
from data.arrays import Floats, Ints

MOST_BILL = 1e15  # minor units
RATE_STEP = 10**8  # rates move by whole hundredths of a percent, in 10^-12
FIRST, SECOND = 1, 2


def lost_months(words: RandomWords, loss: IncomeLoss) -> Ints:
    """The cells, as places in the flat array, of months in which income is lost; where losses overlap, repeatedly.

    A loss begins with the month's probability and lasts 1 + floor(ln u / ln(1 - 1/mean)) months: geometric.
    Shapes: words (scenario, month).
    """
    starts = below(words, loss.probability)
    left = words.shape[1] - starts % words.shape[1]
    lengths = np.minimum(_lengths(words.ravel()[starts], loss.months, words.shape[1]), left)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.repeat(starts, lengths) + within


def _lengths(words: RandomWords, mean: float, most: int) -> Ints:
    if mean <= 1:
        return np.ones(len(words), np.int64)
    more = np.log(further(words, FIRST)) / np.log1p(-1 / mean)
    return 1 + np.minimum(more, most).astype(np.int64)


def bills(words: RandomWords, expenses: Expenses, median: int) -> tuple[Ints, Ints]:
    """The cells, as places in the flat array, of months with unexpected bills, each once; and what these come to.

    The number of a month is Poisson, by inversion; each amount is median exp(sigma z), their sum rounded once.
    Units: the median and the amounts in minor units.
    """
    chances = _poisson(expenses.per_month)
    # Most months have no bill: only the others are worked on.
    cells = np.flatnonzero(words.ravel() >= np.uint64(min(int(chances[0] * 2**64), 2**64 - 1)))
    words = words.ravel()[cells]
    counts = np.searchsorted(chances, share_of(words), side="right")
    amounts = np.zeros(len(cells))
    for nth in range(1, int(counts.max(initial=0)) + 1):
        some = np.flatnonzero(counts >= nth)
        amounts[some] += median * np.exp(expenses.sigma * normal(words[some], nth))
    return cells, np.floor(np.minimum(amounts, MOST_BILL) + 0.5).astype(np.int64)


def _poisson(mean: float) -> Floats:
    """The probabilities of at most 0, 1, 2 … events, up to where no fraction of 53 bits lies above."""
    # The mean is at most 10: 80 events are beyond any fraction of 53 bits.
    counts = np.arange(1, 80)
    terms = np.concatenate([[1.0], np.cumprod(mean / counts)])
    return np.cumsum(np.exp(-mean) * terms)


def rate_shifts(moves: Floats, rates: RateMoves) -> Ints:
    """How far variable rates have moved: x[t] = phi x[t-1] + s z[t], 0 in the first month, held within `most`.

    phi = e^(-k/12) and s = sigma sqrt((1 - phi^2) / 2k): the yearly process dx = -k x dt + sigma dW, seen monthly.
    Units: 10^-12, in whole hundredths of a percent. Shapes: (scenario, month). Source: Vasicek 1977.
    """
    keep = np.exp(-rates.reversion / 12)
    years = 1 / 12 if rates.reversion == 0 else (1 - keep**2) / (2 * rates.reversion)
    steps = moves * (rates.volatility * np.sqrt(years))
    at = steps[:, 0] = np.zeros(len(moves))
    for month in range(1, moves.shape[1]):
        at = steps[:, month] = keep * at + steps[:, month]
    # Bounded only now: the walk itself goes on beyond the bound.
    np.clip(steps, -rates.most, rates.most, out=steps)
    return np.rint(steps * 1e4).astype(np.int64) * RATE_STEP
