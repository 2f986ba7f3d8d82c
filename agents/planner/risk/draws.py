"""Random numbers for scenarios: from a seed, one word for each scenario and month, and further numbers from each word.

PCG64 (O'Neill 2014) fills the words, one stream a kind of event, scenario after scenario: the same seed gives the same
scenarios, whatever their number and however they are cut into blocks. A word is the state of a SplitMix64 generator
(Steele, Lea and Flood 2014) of its own, so that the rare cell in which something happens has as many numbers as it
needs, and the others cost nothing. Knows nothing of what the numbers stand for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.arrays import Floats, Ints

RandomWords = NDArray[np.uint64]
GOLDEN = 0x9E3779B97F4A7C15
ONE = 2**64


@dataclass(frozen=True)
class Draws:
    """The numbers of some scenarios.

    Shapes: losses, bills and moves (scenario, month); moves are standard normal, the others words of 64 bits.
    """

    losses: RandomWords
    bills: RandomWords
    moves: Floats


def draw(seed: int, scenarios: int, months: int, block: int) -> Iterator[Draws]:
    """The numbers of all scenarios, in blocks of so many."""
    # One stream a kind of event, so that more bills do not shift the losses.
    losses, bills, moves = (np.random.Generator(np.random.PCG64(one)) for one in np.random.SeedSequence(seed).spawn(3))
    for first in range(0, scenarios, block):
        shape = (min(block, scenarios - first), months)
        yield Draws(
            losses.integers(0, ONE, shape, np.uint64),
            bills.integers(0, ONE, shape, np.uint64),
            moves.standard_normal(shape),
        )


def below(words: RandomWords, probability: float) -> Ints:
    """The places, in the flat array, of the words that stand for less than a probability."""
    threshold = int(probability * ONE)
    if threshold >= ONE:
        return np.arange(words.size)
    return np.flatnonzero(words.ravel() < np.uint64(threshold))


def share_of(words: RandomWords) -> Floats:
    """The words as fractions, from 0 to below 1."""
    # A float holds 53 bits.
    return (words >> np.uint64(11)) * np.float64(2.0**-53)


def further(words: RandomWords, nth: int) -> Floats:
    """The nth further number of each word, a fraction above 0 and at most 1."""
    state = words + np.uint64(GOLDEN * nth % ONE)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    # Above 0, because its logarithm is taken.
    return share_of(state ^ (state >> np.uint64(31))) + 2.0**-53


def normal(words: RandomWords, nth: int) -> Floats:
    """The nth standard normal number of each word, from two further ones (Box and Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log(further(words, 2 * nth)))
    return radius * np.cos(2.0 * np.pi * further(words, 2 * nth + 1))
