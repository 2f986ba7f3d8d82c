"""What missing a minimum brings, as equations: penalty rates, late fees, higher balances, who is paid in a shortfall.

A part of the least-cost plan's equations. Units and axes as there.
"""

import numpy as np

from agents.planner.equations.columns import Columns
from data.arrays import Floats, Ints


def add_penalties(equations: Columns) -> None:
    """A debt whose penalty rate is in force owes y; y = b w, told by what follows from b's own equation times w.

    y[t+1] >= (1 + r + more) y[t] + late m[t-1] - q[t] - cap left[t] + least come[t]
    w[t+1] = w[t] + come[t] - left[t]
    least w <= y <= cap w; b - y <= cap (1 - w); q <= p, q <= most w; w[t] >= m of each month that is still punished
    """
    on = np.argwhere(equations.can_be_penalised())
    if len(on) == 0:
        return
    t, i = on[:, 0], on[:, 1]
    rows, w, y, q = equations.model.rows, equations.w[t, i], equations.y[t, i], equations.q[t, i]
    most, least = equations.before[t, i], equations.least[t, i]
    rows((1.0, y), (-most, w), upper=0.0)
    rows((1.0, y), (-least, w), lower=0.0)
    rows((1.0, equations.b[t, i]), (-1.0, y), (most, w), upper=most)
    rows((1.0, q), (-1.0, equations.p[t, i]), upper=0.0)
    rows((1.0, q), (-equations.most_paid[t, i], w), upper=0.0)
    rows((1.0, w), (-1.0, equations.m[t - 1, i]), lower=0.0)
    _punished(equations, t, i)
    _penalised_balances(equations)


def _punished(equations: Columns, t: Ints, i: Ints) -> None:
    lasts = equations.debts["penalty_months"][i]
    for_good = lasts >= len(equations.money)
    for back in range(2, int(lasts[~for_good].max(initial=0)) + 1):
        far = ~for_good & (lasts >= back) & (t >= back)
        equations.model.rows((1.0, equations.w[t[far], i[far]]), (-1.0, equations.m[t[far] - back, i[far]]), lower=0.0)
    equations.model.rows(
        (1.0, equations.w[t[for_good], i[for_good]]), (-1.0, equations.w[t[for_good] - 1, i[for_good]]), lower=0.0
    )


def _penalised_balances(equations: Columns) -> None:
    can, terms = equations.can_be_penalised(), equations.terms
    t, i = np.nonzero(can[1:])  # w[t + 1] may be 1
    come = equations.model.columns(t.shape)
    left = equations.model.columns(t.shape)
    equations.model.rows(
        (1.0, equations.w[t + 1, i]),
        (-1.0 * can[t, i], equations.w[t, i]),
        (-1.0, come),
        (1.0, left),
        lower=0.0,
        upper=0.0,
    )
    growth = 1.0 + terms.rate[t, i] + terms.penalty[t, i]
    late = np.where((t > 0) & terms.short[t - 1], terms.late[i] / equations.unit, 0.0)
    equations.model.rows(
        *((1.0, equations.y[t + 1, i]), (-growth * can[t, i], equations.y[t, i]), (1.0 * can[t, i], equations.q[t, i])),
        *((-late, equations.m[t - 1, i]), (equations.cap[t, i], left), (-equations.least[t + 1, i], come)),
        (equations.half * can[t, i], equations.w[t, i]),
        lower=0.0,
    )


def add_caps_after_misses(equations: Columns) -> None:
    """b[t] <= usual z[t] + more m of each miss before, `usual` being the most that is owed where none was missed.

    What bears no penalty rate is held by the same: b[t] - y[t] <= usual (1 - w[t]) + more m.
    """
    short = np.flatnonzero(equations.terms.short)
    if len(short) == 0:
        return
    usual = np.minimum(equations.terms.usual * equations.loose / equations.unit, equations.cap)
    for i in np.flatnonzero(~equations.terms.is_recast).tolist():
        more = _more_by_miss(equations, short, i)  # (T, S)
        misses = np.broadcast_to(equations.m[short, i], more.shape)
        columns = np.hstack([equations.b[1:, [i]], equations.z[1:, [i]], misses])
        equations.model.sums(np.hstack([np.ones((len(more), 1)), -usual[:, [i]], -more]), columns, upper=0.0)
        t = np.flatnonzero(equations.can_be_penalised()[:, i])
        t = t[t > 0]
        if len(t):
            most = usual[t - 1, i]
            parts = [equations.b[t, i], equations.y[t, i], equations.w[t, i]]
            columns = np.hstack([np.stack(parts, axis=1), misses[t - 1]])
            ones = np.ones((len(t), 1))
            equations.model.sums(np.hstack([ones, -ones, most[:, None], -more[t - 1]]), columns, upper=most)


def _more_by_miss(equations: Columns, short: Ints, i: int) -> Floats:
    """How much more than on the path of minimums a debt can owe after each month, for each miss before.

    Shapes: (month, miss).
    """
    terms = equations.terms
    more = np.zeros((len(equations.money) + 1, len(short)))
    lasts = equations.debts["penalty_months"][i]
    usual, is_over = np.append(terms.opening[i], terms.usual[:-1, i]), terms.usual[:, i] < 1.0  # (T,)
    for t in range(len(equations.money)):
        punished = (short < t) & (t - short <= lasts)
        more[t + 1] = (1.0 + terms.rate[t, i]) * more[t] + punished * max(terms.penalty[t, i], 0) * equations.before[
            t, i
        ]
        more[t + 1] += (short == t - 1) * terms.late[i] / equations.unit + (short == t) * equations.due[t, i]
        if t > 0 and is_over[t - 1]:  # it would be closed, and bear no fee
            more[t + 1] += (short < t) * terms.fee[t, i] / equations.unit
        if t == terms.deadline[i] + 1:
            more[t + 1] += terms.deferred[:t, i] @ more[:t]
            if t > 0 and is_over[t - 1]:  # closed in time, it would never be charged what was put off
                more[t + 1] += (short < t) * (terms.deferred[:t, i] @ usual[:t]) / equations.unit
        more[t + 1] += (short <= t) / equations.unit  # two balances round apart by a minor unit at most
    return more[1:]


def add_lacking(equations: Columns) -> None:
    """What is not missed is paid: sum of least due m >= sum of least due - money. HiGHS finds covers in it."""
    t = np.flatnonzero(equations.terms.short)
    lacking = equations.least_due[t].sum(axis=1) - equations.money[t]
    t, lacking = t[lacking > 0], lacking[lacking > 0]
    equations.model.sums(equations.least_due[t], equations.m[t], lower=lacking)


def add_shortfalls(equations: Columns) -> Ints:
    """In a month that falls short all the money goes to minimums, none gets more, and secured debts come first.

    d <= what is due; p <= d + spare (1 - s), `spare` being the most that may be left above the minimums;
    sum of d >= money s; sum of p >= money s; m <= s <= sum of m; m[secured] + p[other] / money <= 1

    Gives the places of the rows that all money is spent (month that may fall short,).
    """
    t = np.flatnonzero(equations.terms.short)
    if len(t) == 0:
        return t
    model, count = equations.model, equations.cap.shape[1]
    d = model.columns((len(t), count), upper=equations.due[t])
    p, m, s, most = equations.p[t], equations.m[t], equations.s[t], equations.money[t]
    model.rows(
        (1.0, d), (-1.0, equations.b[t + 1]), (-1.0, p), (1.0 * equations.is_charged()[t], equations.c[t]), upper=0.0
    )
    spare = (most - equations.least_due[t].sum(axis=1)).clip(0)[:, None]
    model.rows((1.0, p), (-1.0, d), (spare, s[:, None]), upper=spare)
    ones = np.ones((len(t), count))
    spent = model.sums(np.hstack([ones, -most[:, None]]), np.hstack([p, s[:, None]]), lower=0.0)
    for amounts, times in ((d, most), (m, np.ones(len(t)))):
        model.sums(np.hstack([ones, -times[:, None]]), np.hstack([amounts, s[:, None]]), lower=0.0)
    model.rows((1.0, m), (-1.0, s[:, None]), upper=0.0)
    for i in range(count):
        _due_at_most(equations, i, t, d[:, i])
    if equations.reading.protect_secured:
        secured = equations.debts["secured"] > 0
        for i in np.flatnonzero(secured):
            model.rows((1.0, p[:, ~secured]), (most[:, None], m[:, [i]]), upper=most[:, None])
    return spent


def _due_at_most(equations: Columns, i: int, t: Ints, due: Ints) -> None:
    """D <= the sum of the rule's pieces, in months in which the whole statement is not due."""
    early = t < equations.whole_from[i]
    if equations.adds_up[i] and early.any():
        wanted = [(-factor, place) for factor, place in equations.sum_of_pieces(i, t[early])]
        equations.model.rows((1.0, due[early]), *wanted, upper=equations.constants(i))
