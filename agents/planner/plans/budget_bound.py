"""With how little a month nobody can be debt-free within so many months, whatever the strategy.

Minimums, fees, charges, deferred interest and penalties only add to what must be paid; so without them a bound remains.
Let F[i,t] be what 1 owed on debt i at the start has grown to by month t. Paid off within N months,
sum_t p[i,t] / F[i,t] = b[i], and each month sum_i p[i,t] <= B + lump[t]. For any weights w[t] >= 0 that sum to 1

    B >= sum_i b[i] * min_t (w[t] * F[i,t]) - sum_t w[t] * lump[t]

because sum_t w[t] p[i,t] = sum_t (w[t] F[i,t]) (p[i,t] / F[i,t]). The best weights are a linear program's (its dual is
the cheapest continuous plan); any others give a bound too. Interest may be rounded down by half a minor unit a month.
"""

from calendar import monthrange
from datetime import date

import numpy as np

from agents.planner.arrays.rates import apr_in
from data.arrays import Floats
from data.money import to_minor
from data.month import month_at, month_index
from data.portfolio.debt import Debt
from data.portfolio.portfolio import Portfolio

LARGEST_PROGRAM = 30_000  # debt-months; beyond, weights that fall at one rate
LONGEST_YEAR = 366
MOST_GROWTH = 200.0  # as a logarithm; what has grown less than it has gives a bound too


def least_budget(portfolio: Portfolio, months: int) -> int:
    """The bound, in minor units: with less, no strategy pays everything off within so many months."""
    debts = [debt for debt in portfolio.debts if debt.balance]
    if not debts:
        return 0
    growth = np.stack([_growth(debt, portfolio.start or "", months) for debt in debts])  # (debt, month)
    owed = np.array([to_minor(debt.balance, portfolio.currency) for debt in debts], float)
    owed = np.maximum(owed - 0.5 * (1 / growth).sum(axis=1), 0)  # roundings
    lumps = _lumps(portfolio, months)
    tried = [_falling(growth[i]) for i in range(len(debts))]
    if growth.size <= LARGEST_PROGRAM:
        tried.append(_best_weights(growth, owed, lumps))
    bound = max(float((owed * (growth * weights).min(axis=1)).sum() - weights @ lumps) for weights in tried)
    # Downwards, past every error of the floats.
    return max(int(np.floor(bound * (1 - 1e-9))) - 1, 0)


def _growth(debt: Debt, start: str, months: int) -> Floats:
    first = month_index(start)
    rates = np.array([float(apr_in(debt, month_at(first + t))) * _part(debt, first + t) for t in range(months)])
    return np.exp(np.minimum(np.cumsum(np.log1p(rates)), MOST_GROWTH))  # (month,)


def _part(debt: Debt, month: int) -> float:
    """The least part of a year's interest that a month can bear."""
    if debt.accrual == "monthly" or debt.month_length == "equal":
        return 1 / 12
    days = (_due(debt, month) - _due(debt, month - 1)).days
    return days / (LONGEST_YEAR if debt.day_basis == "actual" else debt.day_basis)


def _due(debt: Debt, month: int) -> date:
    year, number = month // 12, month % 12 + 1
    return date(year, number, min(debt.due_day, monthrange(year, number)[1]))


def _lumps(portfolio: Portfolio, months: int) -> Floats:
    lumps = np.zeros(months)
    first = month_index(portfolio.start or "")
    for lump in portfolio.budget.lump_sums if portfolio.budget else []:
        at = month_index(lump.month) - first
        if 0 <= at < months:
            lumps[at] += to_minor(lump.amount, portfolio.currency)
    return lumps


def _falling(growth: Floats) -> Floats:
    """Weights that fall as one debt grows."""
    return 1 / growth / (1 / growth).sum()


def _best_weights(growth: Floats, owed: Floats, lumps: Floats) -> Floats:
    """Maximise sum_i owed[i] m[i] - w @ lumps, with m[i] <= w[t] growth[i,t] and sum w = 1."""
    from scipy.optimize import linprog  # noqa: PLC0415 (a quarter of a second that no other question need wait)
    from scipy.sparse import coo_array  # noqa: PLC0415 (the same)

    debts, months = growth.shape
    row = np.arange(debts * months)
    at_debt, at_month = np.repeat(np.arange(debts), months), np.tile(np.arange(months), debts)
    scale = growth.max(axis=1)  # so that no number is far from 1
    values = np.concatenate([np.ones(row.size), -(growth / scale[:, None]).reshape(-1)])
    columns = np.concatenate([months + at_debt, at_month])
    above = coo_array((values, (np.tile(row, 2), columns)), shape=(row.size, months + debts))
    worth = owed * scale
    unit = worth.sum() or 1.0
    found = linprog(
        np.concatenate([lumps / unit, -worth / unit]),
        A_ub=above,
        b_ub=np.zeros(row.size),
        A_eq=np.concatenate([np.ones(months), np.zeros(debts)])[None],
        b_eq=[1.0],
        method="highs",
    )
    if not found.success:
        # Any weights give a bound, though a lower one.
        return np.full(months, 1 / months)
    weights = np.maximum(found.x[:months], 0)
    return weights / weights.sum()
