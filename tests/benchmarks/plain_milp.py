"""The least-cost plan as one would first write it: a plain model for HiGHS, and nothing around it.

One binary for each debt and month in which it is open, one for each minimum that may be missed, and for each debt one
big constant: three times what it owes. No rounding, no tighter bounds, no start, no dominance. What the planner's
optimum is measured against.
"""

from dataclasses import dataclass

import highspy
import numpy as np

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.equations.terms import money_of
from agents.planner.kernel.layout import MINIMUM, PAID_OFF
from data.answers.plan import Strategy
from data.month import month_index


class Quiet(highspy.Highs):
    """HiGHS without its callbacks: setting them up prints a banner."""

    def enableCallbacks(self):
        pass


@dataclass
class Loan:
    """What the model knows of one debt, in currency units."""

    balance: float
    rates: list  # a month, by month
    penalty: float | None
    penalty_months: int | None
    late: float
    amount: float  # a fixed minimum or a floor
    of_statement: float = 0.0
    of_opening: float | None = None  # beside interest and fees
    fee: float = 0.0  # a month while it is open
    put_off: tuple | None = None  # the month by which it must be closed, and the rate that is charged if it is not

    @property
    def big(self):
        """No less than it can come to."""
        return 3 * self.balance


def loan(debt, first, start, months):
    """One debt of a portfolio; `first` is its first minimum, which a level loan keeps."""
    until = month_index(debt.promo.until) if debt.promo else -1
    rates = [float(debt.promo.apr if start + t <= until else debt.apr) / 12 for t in range(months)]
    penalty = None if debt.penalty_apr is None else float(debt.penalty_apr) / 12
    rule, known = debt.minimum, (float(debt.balance), rates, penalty, debt.penalty_months, float(debt.fees.late))
    put_off = (until - start, float(debt.apr) / 12) if debt.promo and debt.promo.deferred_interest else None
    rest = {"fee": float(debt.fees.monthly), "put_off": put_off}
    if rule.type == "level":
        return Loan(*known, first, **rest)
    if rule.type == "fixed":
        return Loan(*known, float(rule.amount), **rest)
    if rule.type == "percent":
        return Loan(*known, float(rule.floor), of_statement=float(rule.rate), **rest)
    return Loan(*known, float(rule.floor), of_opening=float(rule.rate), **rest)


@dataclass
class Found:
    """The least cost and the bound that HiGHS found, in currency units; infinite where it found none."""

    cost: float
    bound: float
    took_s: float

    @property
    def gap(self):
        return (self.cost - self.bound) / self.cost if np.isfinite(self.cost) else np.inf


class PlainModel:
    """Over as many months as avalanche needs, and one more."""

    def __init__(self, portfolio, *, misses_free=False):
        arrays = from_portfolios([portfolio])
        result = simulate(arrays, [Strategy.AVALANCHE])[0, 0]
        self.months = int(result["months"]) + 1 if result["status"] == PAID_OFF else 120
        self.money = money_of(arrays, self.months) / 100
        firsts = simulate_rows(arrays, Strategy.MINIMUM_ONLY, 1)[0, :, MINIMUM] / 100
        start, pairs = month_index(portfolio.start), zip(portfolio.debts, firsts.tolist(), strict=True)
        self.loans = [loan(debt, first, start, self.months) for debt, first in pairs]
        self.misses_free = misses_free
        self.may_miss = misses_free or any(self.money[t] < sum(firsts) for t in range(self.months))
        self.solver = Quiet()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.dues, self.paid, self.left = [], [], []
        self.short = [self.solver.addBinary() for _ in range(self.months)] if self._has_shortfalls() else []
        for one in self.loans:
            self._state(one)
        self._share_the_money()

    def _has_shortfalls(self):
        return self.may_miss and not self.misses_free

    def _state(self, one):
        s, months, big = self.solver, self.months, one.big
        b = [s.addVariable(one.balance, one.balance), *(s.addVariable(0, big) for _ in range(months))]
        p = [s.addVariable(0, big) for _ in range(months)]
        z = [s.addBinary() for _ in range(months + 1)]
        m = [s.addBinary() if self.may_miss else None for _ in range(months)]
        y = self._penalised(one, b, m)
        for t in range(months):
            statement = (1 + one.rates[t]) * b[t] + one.fee * z[t]
            if one.put_off and t == one.put_off[0] + 1:
                statement = statement + self._put_off(one, b[:t], z[t])
            if self.may_miss and t and one.late:
                statement = statement + one.late * m[t - 1]
            if y and y[t] is not None:
                statement = statement + (one.penalty - one.rates[t]) * y[t]
            s.addConstr(b[t + 1] + p[t] == statement)
            s.addConstr(b[t + 1] <= big * z[t + 1])
            s.addConstr(z[t + 1] <= z[t])
            self._minimum(one, t, (b, p, z, m), statement)
        self.paid.append(p)
        self.left.append(b[months])

    def _put_off(self, one, b, is_open):
        """Interest that falls due where the debt is open after its promotion."""
        due = self.solver.addVariable(0, one.big)
        self.solver.addConstr(due >= one.put_off[1] * self.solver.qsum(b) - one.big * (1 - is_open))
        return due

    def _minimum(self, one, t, columns, statement):
        s, (b, p, z, m) = self.solver, columns
        wanted = [(one.amount * z[t + 1], one.amount)]
        if one.of_statement:
            wanted.append((one.of_statement * statement, one.big))
        if one.of_opening is not None:
            wanted.append((statement - (1 - one.of_opening) * b[t] - one.big * (1 - z[t + 1]), one.big))
        for least, most in wanted:
            s.addConstr(p[t] >= (least - most * m[t] if self.may_miss else least))
        if self._has_shortfalls():
            due = s.addVariable(0, one.amount)
            s.addConstr(due <= statement)
            s.addConstr(p[t] <= due + one.big * (1 - self.short[t]))
            s.addConstr(m[t] <= self.short[t])
            self.dues.append((t, due))

    def _penalised(self, one, b, m):
        """What bears the penalty rate: all that is owed in the months that follow a miss."""
        if not self.may_miss or one.penalty is None:
            return None
        s, y = self.solver, [None]
        w = [s.addBinary() for _ in range(self.months)]
        for t in range(1, self.months):
            y.append(s.addVariable(0, one.big))
            s.addConstr(y[t] >= b[t] - one.big * (1 - w[t]))
            for back in range(1, min(one.penalty_months or 1, t) + 1):
                s.addConstr(w[t] >= m[t - back])
            if one.penalty_months is None:
                s.addConstr(w[t] >= w[t - 1])
        return y

    def _share_the_money(self):
        s = self.solver
        for t in range(self.months):
            total = s.qsum(p[t] for p in self.paid)
            s.addConstr(total <= self.money[t])
            if self._has_shortfalls():  # all the money goes to minimums, which come to more
                s.addConstr(total >= self.money[t] * self.short[t])
                s.addConstr(s.qsum(due for month, due in self.dues if month == t) >= self.money[t] * self.short[t])

    def solve(self, time_limit_s, gap=2e-5):
        """What HiGHS finds in that time."""
        s = self.solver
        s.setOptionValue("time_limit", float(time_limit_s))
        s.setOptionValue("mip_rel_gap", gap)
        s.minimize(s.qsum(one for p in self.paid for one in p) + s.qsum(self.left))
        info = s.getInfo()
        has = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        return Found(info.objective_function_value if has else np.inf, info.mip_dual_bound, s.getRunTime())
