"""The annual rate of a cash flow: the rate at which what is lent is worth what is paid.

    Σ A_k d(q_k, e_k) = Σ P_j d(t_j, f_j),   whole unit-periods q and t, odd fractions e and f, i the rate of one

`reg_z`: d(t, f) = 1 / ((1 + f i) (1 + i)^t), the odd fraction linear; `eu_aprc` and `irr`: d(t, f) = (1 + i)^-(t + f).
Found in u = ln(1 + i), in which the equation keeps its sign however it is scaled, by Brent's method.

Source: 12 CFR 1026 (Regulation Z), Appendix J (b)(8); Directive 2008/48/EC, Annex I, and Directive 2014/17/EU, Annex I.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from data.answers.apr import AnnualRate, RateQuestion
from data.arrays import Floats
from data.errors import BadInput, FieldError
from data.wording.sentence import Sentence, say

FARTHEST = 690.0  # |ln(1 + i)|: beyond it (1 + i) leaves the floats
FINEST = 1e-7  # the smallest |ln(1 + i)| at which roots are told apart where there may be several
SCANNED = 1000  # steps from FINEST to FARTHEST


def annual_rate(question: RateQuestion) -> AnnualRate:
    """The annual rate of a cash flow, unrounded; a flow of less than was lent has a negative one.

    Raises:
        BadInput: no rate above -100 % balances the flow, or several do.
    """
    flow = _Flow.of(question)
    log_rate = _single_root(flow) if flow.sign_changes == 1 else _only_root(flow)
    return _annual(log_rate, question)


@dataclass(frozen=True)
class _Flow:
    """What is lent (positive) less what is paid, in order of time, each time once.

    Shapes: amounts, whole and odd (time,). `total` is the exact sum of the amounts.
    """

    amounts: Floats
    whole: Floats
    odd: Floats
    total: Decimal
    is_linear: bool

    @classmethod
    def of(cls, question: RateQuestion) -> "_Flow":
        net: dict[tuple[int, float], Decimal] = {}
        for amount, whole, odd in _entries(question):
            net[whole, odd] = net.get((whole, odd), Decimal(0)) + amount
        # Amounts at one time that cancel out are no change of sign.
        times = sorted(time for time, amount in net.items() if amount)
        flow = cls(
            np.array([float(net[time]) for time in times]),
            np.array([whole for whole, _ in times], float),
            np.array([odd for _, odd in times], float),
            sum(net.values(), Decimal(0)),
            question.method == "reg_z",
        )
        flow.check()
        return flow

    @property
    def sign_changes(self) -> int:
        """How often lending turns into paying or back: with one change there is one rate (Descartes, Norstrom)."""
        return int(np.count_nonzero(np.diff(np.sign(self.amounts))))

    def check(self) -> None:
        """Refuse a flow that is no loan."""
        if len(self.amounts) == 0 or (self.sign_changes == 0 and self.amounts[0] > 0):
            raise _no_rate(say("nothing_repaid_after"))
        if self.amounts[0] < 0:
            raise _no_rate(say("paid_before_lent"))

    def balance(self, log_rate: float) -> float:
        """What is lent less what is paid, both at their value, scaled so that the largest weight is 1.

        The sign is that of the equation; it is positive where the rate is too high.
        """
        weights = -self.whole * log_rate  # (time,)
        if self.is_linear:
            weights -= np.log1p(self.odd * math.expm1(log_rate))
        else:
            weights -= self.odd * log_rate
        # By the largest weight, so that none overflows; the sign stays.
        return float(np.dot(self.amounts, np.exp(weights - weights.max())))


def _entries(question: RateQuestion) -> Iterator[tuple[Decimal, int, float]]:
    for advance in question.advances:
        yield advance.amount, advance.at, advance.fraction
    for payment in question.payments:
        for number in range(payment.count):
            yield -payment.amount, payment.at + number * payment.every, payment.fraction


def _single_root(flow: _Flow) -> float:
    """The rate of a flow that is lent first and paid then: the equation falls through zero once."""
    if flow.total == 0:
        return 0.0
    side = 1.0 if flow.total < 0 else -1.0  # more is paid than lent: the rate is positive
    near, far = 0.0, side * FINEST
    while flow.balance(far) * side < 0:
        if abs(far) >= FARTHEST:
            raise _no_rate(say("never_worth_the_loan"))
        near, far = far, side * min(abs(far) * 4, FARTHEST)
    if flow.balance(near) * side > 0:
        return near  # 0, but for what floats tell apart
    return _root(flow.balance, near, far)


def _only_root(flow: _Flow) -> float:
    """The rate of a flow in which lending and paying alternate, where there is just one."""
    # Evenly by size: small roots are told apart as well as large ones.
    upwards = np.geomspace(FINEST, FARTHEST, SCANNED)
    points = [*(-upwards[::-1]).tolist(), *upwards.tolist()]
    too_high = np.array([flow.balance(point) >= 0 for point in points])
    places = np.flatnonzero(too_high[:-1] != too_high[1:]).tolist()
    roots = [
        0.0 if flow.total == 0 and points[place] == -FINEST else _root(flow.balance, points[place], points[place + 1])
        for place in places
    ]
    if not roots:
        raise _no_rate(say("no_rate_balances"))
    if len(roots) > 1:
        shown = [f"{math.expm1(root):.4%}" for root in roots]
        raise _no_rate(say("several_rates_balance", count=len(roots), rates=shown))
    return roots[0]


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415 (a quarter of a second that no other question need wait)

    solve: Callable[..., Any] = brentq
    return float(solve(function, low, high, xtol=1e-16, rtol=1e-15, maxiter=500))


def _annual(log_rate: float, question: RateQuestion) -> AnnualRate:
    periods = question.periods_per_year
    if log_rate * periods > FARTHEST:
        raise _no_rate(say("rate_beyond_writing"))
    effective = math.expm1(log_rate * periods)
    nominal = math.expm1(log_rate) * periods
    return AnnualRate(apr=effective if question.method == "eu_aprc" else nominal, effective=effective)


def _no_rate(why: Sentence) -> BadInput:
    return BadInput(say("no_annual_rate", why=why), [FieldError("payments", why)])
