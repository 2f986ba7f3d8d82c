"""A solution of the equations played in cents, and put right where cents spoil it.

What a solution closes in a month may be left with a few cents once everything is rounded: then a fee is due for another
month, or all deferred interest. Such cents are paid in a month before, out of what another debt gets above its minimum.
"""

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.arrays.simulation import simulate_targets
from agents.planner.kernel.layout import CLOSE, CLOSING, MINIMUM, PAYMENT
from agents.planner.optimum.played import Played, Wanted
from data.arrays import Ints

ROUNDED = 2  # minor units by which a target may pass a minimum because both were rounded
TRIFLE = 500  # minor units: what is left above that was no rounding's work
MOST_TURNS = 24
KEPT = 1  # minor unit more than is lacking, for roundings of the months between


class InCents:
    """One portfolio's targets, played by the kernel in one way (`strategies.TARGETS` and its like)."""

    def __init__(self, arrays: PortfolioArrays, code: int, *, none_missed: bool = False) -> None:
        self.arrays, self.code, self.none_missed = arrays, code, none_missed

    def play(self, wanted: Wanted) -> Played:
        """What is wanted as it is, and put right; the best of both."""
        first = self.played(wanted.targets)
        exact = self._put_right(wanted, self._at_minimums(wanted, first))
        return min(first, exact, key=lambda played: played.worth)

    def played(self, targets: Ints) -> Played:
        """Targets as the kernel plays them."""
        return Played(*simulate_targets(self.arrays, targets, self.code), self.none_missed)

    def _at_minimums(self, wanted: Wanted, played: Played) -> Ints:
        """The targets, but no cent above a minimum where no more than that was wanted: others would lack it."""
        targets = wanted.targets.copy()
        rows = played.rows[: len(targets)]
        part = targets[: len(rows)]
        # Only so far above a minimum that rounding explains it.
        part[(part >= 0) & (part != CLOSE) & (part <= rows[:, :, MINIMUM] + ROUNDED)] = 0
        return targets

    def _put_right(self, wanted: Wanted, targets: Ints) -> Played:
        """Play, and move what is lacking to what is left open, until everything closes in time or nothing helps."""
        best = played = self.played(targets)
        for _ in range(MOST_TURNS):
            late = _first_late(wanted, played.rows)
            if late is None:
                break
            moved = _moved(targets, played.rows, late)
            if moved is None:
                break
            targets = moved
            played = self.played(targets)
            best = min(best, played, key=lambda one: one.worth)
        return best


def _first_late(wanted: Wanted, rows: Ints) -> tuple[int, int, int] | None:
    """The first month after which a debt is left with cents though it was to be closed: month, debt, how much."""
    months = min(len(rows), len(wanted.closed))
    left = rows[:months, :, CLOSING]
    late = np.argwhere(wanted.closed[:months] & (left > 0))
    if len(late) == 0:
        return None
    t, i = (int(one) for one in late[0])
    return (t, i, int(left[t, i])) if left[t, i] <= TRIFLE else None


def _moved(targets: Ints, rows: Ints, late: tuple[int, int, int]) -> Ints | None:
    """The targets with so much more for the debt in the latest months before in which others get more than they must.

    None where no month has enough.
    """
    month, debt, lacking = late
    lacking += KEPT
    changed = targets.copy()
    # From the latest month back: money moved late changes least before it.
    for t in range(month - 1, -1, -1):
        paid = rows[t, :, PAYMENT].copy()
        above = np.where(rows[t, :, CLOSING] > 0, paid - rows[t, :, MINIMUM], 0)
        above[debt] = 0
        given = min(int(above.max()), lacking)
        if given <= 0 or rows[t, debt, CLOSING] == 0:
            continue
        giver = int(above.argmax())
        paid[giver] -= given
        paid[debt] += given
        told = (changed[t] != CLOSE) & (changed[t] >= 0)
        changed[t, told] = paid[told]
        lacking -= given
        if lacking == 0:
            return changed
    return None
