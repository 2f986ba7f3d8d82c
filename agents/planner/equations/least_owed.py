"""How little each debt can owe, month by month, whatever the plan: all money but the others' minimums goes to it.

What can be paid follows from what the others must get, and that from how little they can owe: the two are found month
by month. Big constants of the optimum's equations are tightened by it, and debts that cannot be closed yet are known to
be open. Units: minor units as floats. Axes: month, debt.
"""

import numpy as np

from agents.planner.equations.due_pieces import Piece
from agents.planner.equations.terms import Terms
from data.arrays import Floats


def least_owed(
    terms: Terms, pieces: list[list[Piece]], opening: Floats, *, misses_free: bool
) -> tuple[Floats, Floats, Floats]:
    """The least that a debt can owe after each month, the most that can be paid on it, and the least that is due.

    `opening` is what each debt owes at least before the first month. Shapes: (month, debt) each.
    """
    months, count = terms.rate.shape
    owed, most, least_due = (np.zeros((months, count)) for _ in range(3))
    before = opening
    rate = terms.rate + terms.penalty.clip(None, 0)  # a penalty rate may be the lower one
    for t in range(months):
        interest = rate[t] * (before - terms.still_charged[t]).clip(0)
        statement = np.where(before > 0, before + interest + terms.fee[t] - 0.5, 0.0)
        least_due[t] = due = _due(pieces, t, before, interest, statement)
        if misses_free:
            most[t] = terms.money[t]
        else:  # where the money falls short, no more than what is due
            most[t] = np.maximum(terms.money[t] - (due.sum() - due), terms.due[t] * terms.short[t])
        owed[t] = (statement - most[t]).clip(0)
        before = owed[t]
    return owed, most, least_due


def _due(pieces: list[list[Piece]], t: int, before: Floats, interest: Floats, statement: Floats) -> Floats:
    """What is due at least on debts that owe so little."""
    due = np.zeros(len(pieces))
    for i, rule in enumerate(pieces):
        for piece in rule if before[i] > 0 else []:
            if piece.months[t]:
                opening = piece.opening if np.isscalar(piece.opening) else piece.opening[t]
                slack = piece.slack if np.isscalar(piece.slack) else piece.slack[t]
                wanted = piece.statement * statement[i] + opening * before[i] + piece.interest * interest[i]
                due[i] = max(due[i], wanted + piece.constant - slack)
    return np.minimum(due, statement)
