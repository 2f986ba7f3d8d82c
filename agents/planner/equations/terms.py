"""What the optimum's equations are made of: rates, fees, caps and minimums of each month and debt, read off the kernel.

Nothing of the month's rule is written here again: the kernel is asked what it charges on a probe balance, and what a
debt comes to that gets its minimum only. Units: minor units as floats, rates as fractions of the opening balance a
month. Axes: month, debt.
"""

from dataclasses import dataclass, replace

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.arrays.simulation import simulate, simulate_rows
from agents.planner.kernel.layout import (
    CLOSING,
    COMPOUNDED,
    DAILY,
    DATED,
    FEES,
    FLAT_FEE,
    FOREVER,
    HAS_DEFERRED,
    HAS_FEES,
    HAS_LATE_COST,
    HAS_RULES,
    INTEREST,
    INTEREST_ONLY,
    MINIMUM,
    MONTHLY,
    NONE,
    OPENING,
    RULE,
)
from data.answers.plan import Strategy
from data.arrays import Flags, Floats, Ints, Records

PROBE = 10**12
PLENTY = 10**17


@dataclass(frozen=True)
class Terms:
    """One portfolio's months as numbers.

    Attributes:
        opening: balances before the first month (debt,).
        rate: interest on a balance of 1, no minimum having been missed (month, debt).
        penalty: how much more it is while the penalty rate is in force; 0 where there is none (month, debt).
        deferred: deferred interest that accrues aside (month, debt), and `deadline`, the month whose closing decides on
            it, -1 where there is none (debt,).
        fee: fees of a debt that is open (month, debt); late: of the month after a missed minimum (debt,).
        share: a flat-fee loan's fee a month, from the start on (debt,); its fees are part of `fee` where prepaying
            spares them, else they are owed whatever is paid: `opening`, `cap` and `still_charged` hold those to come.
        money: of each month (month,).
        is_recast: loans whose instalment changes with what was paid (debt,).
        path: rows of a debt that gets its minimum and no more, none being missed (month, debt, 6).
        usual: no closing is above it where no minimum has been missed (month, debt).
        cap: no closing is above it (month, debt); due: no minimum is above it (month, debt).
        short: months in which the minimums may come to more than the money (month,).
    """

    opening: Floats
    rate: Floats
    penalty: Floats
    deferred: Floats
    deadline: Ints
    fee: Floats
    late: Floats
    share: Floats
    still_charged: Floats
    money: Floats
    is_recast: Flags
    path: Ints
    usual: Floats
    cap: Floats
    due: Floats
    short: Flags

    @property
    def months(self) -> int:
        """How many months the equations span."""
        return len(self.money)


def terms_of(arrays: PortfolioArrays, months: int, *, misses_free: bool = False, none_missed: bool = False) -> Terms:
    """The terms of a single portfolio with a budget, over so many months.

    `misses_free` says that a minimum may be missed in any month; `none_missed` that only plans that miss none count.
    """
    rate, fee = probe(arrays, months)
    money = money_of(arrays, months)
    path = _least_paid(arrays, np.zeros(months, bool))
    penalty = _penalised(arrays, rate)
    recast = _Recast(arrays, rate + penalty.clip(0))
    if none_missed:
        cap, short = path[:, :, CLOSING].astype(float), np.zeros(months, bool)
        due = recast.dues(path, short).astype(float)
    else:
        cap, due, short = _caps(arrays, money, recast, path, all_short=misses_free)
    debts = arrays.debts
    share, refunded = _flat_fees(arrays, path, fee)
    lasts = (path[:, :, OPENING] > 0) & (share > 0) & (not short.any())  # (T, D); where minimums are missed, left out
    to_come = np.where(lasts & ~refunded, share, 0.0)[::-1].cumsum(axis=0)[::-1]  # of this month and those after it
    after = np.vstack([to_come[1:], np.zeros_like(to_come[:1])])
    return Terms(
        opening=debts["balance"] + to_come[0],
        rate=rate,
        penalty=penalty if short.any() else np.zeros_like(rate),
        deferred=_deferred(arrays, months),
        deadline=np.where(debts["flags"] & HAS_DEFERRED, debts["promo_until"] - _start(arrays), -1),
        fee=fee + np.where(lasts & refunded, share, 0.0),
        late=debts["late_fee"].astype(float),
        share=share,
        still_charged=to_come,
        money=money.astype(float),
        is_recast=recast.is_recast,
        path=path,
        usual=path[:, :, CLOSING].astype(float) + after,
        cap=cap + after,
        due=due,
        short=short,
    )


def _start(arrays: PortfolioArrays) -> int:
    return int(arrays.portfolios["start"][0])


def probe(arrays: PortfolioArrays, months: int) -> tuple[Floats, Floats]:
    """Interest on a balance of 1, and fees, of every debt while it is open, no minimum being missed.

    Shapes: (month, debt) each.
    """
    debts = arrays.debts.copy()
    debts["balance"] = PROBE
    # Without what a miss or a deferral would add: those have terms of their own.
    debts["flags"] = (debts["flags"] | HAS_RULES) & ~(HAS_DEFERRED | HAS_LATE_COST)
    debts["first_rule"], debts["rules"] = 0, 1
    rules = np.zeros(1, RULE)
    # Interest only, for ever: nothing but interest and fees is due, so the probe stays open.
    rules["kind"], rules["until"], rules["then_first"] = INTEREST_ONLY, FOREVER, -1
    rows = simulate_rows(_unpaid(replace(arrays, debts=debts, rules=rules)), Strategy.MINIMUM_ONLY, months)
    return rows[:, :, INTEREST] / np.maximum(rows[:, :, OPENING], 1), rows[:, :, FEES].astype(float)


def _unpaid(arrays: PortfolioArrays) -> PortfolioArrays:
    """Without a budget, and never given up as endless."""
    portfolios = arrays.portfolios.copy()
    portfolios["budgets"], portfolios["lumps"], portfolios["last_event"] = 0, 0, FOREVER
    return replace(arrays, portfolios=portfolios)


def _flat_fees(arrays: PortfolioArrays, path: Ints, fee: Floats) -> tuple[Floats, Flags]:
    """The fee a month of loans that are flat-fee from the start, and whether prepaying spares it.

    Shapes: (debt,) each.
    """
    rules = arrays.rules[arrays.debts["first_rule"]]
    is_flat = rules["kind"] == FLAT_FEE
    return np.where(is_flat, path[0, :, FEES] - fee[0], 0.0), rules["refundable"] > 0


def _penalised(arrays: PortfolioArrays, rate: Floats) -> Floats:
    """How much more a debt is charged while its penalty rate is in force."""
    debts = arrays.debts.copy()
    has = debts["penalty_rate"] >= 0
    debts["rate"] = np.maximum(debts["penalty_rate"], 0)
    debts["steps"], debts["variable"] = 0, False
    # Before the first month: a penalty rate overrides a promotion.
    debts["promo_until"] = _start(arrays) - 2
    return np.where(has, probe(replace(arrays, debts=debts), len(rate))[0] - rate, 0.0)


def _deferred(arrays: PortfolioArrays, months: int) -> Floats:
    debts = arrays.debts.copy()
    has = (debts["flags"] & HAS_DEFERRED) > 0
    if not has.any():
        return np.zeros((months, len(debts)))
    simple = np.where(debts["equal_months"], MONTHLY, DAILY)
    debts["accrual"] = np.where(debts["accrual"] == COMPOUNDED, simple, debts["accrual"])
    lasts = debts["promo_until"] - _start(arrays)
    debts["promo_until"] = _start(arrays) - 2
    rates = probe(replace(arrays, debts=debts), months)[0]
    return np.where(has & (np.arange(months)[:, None] <= lasts), rates, 0.0)


def money_of(arrays: PortfolioArrays, months: int) -> Ints:
    """The money of each month: budget and lump sums, aimed ones too.

    Shapes: (month,).
    """
    portfolio = arrays.portfolios[0]
    start = _start(arrays)
    first, count = int(portfolio["first_budget"]), int(portfolio["budgets"])
    budgets = arrays.budgets[first : first + count]
    place = np.searchsorted(budgets["month"], np.arange(start, start + months), side="right") - 1
    money = budgets["value"][place]
    if portfolio["extra"]:
        money = money + int(simulate(arrays, [Strategy.MINIMUM_ONLY], horizon=1)[0, 0]["first_minimums"])
    first, count = int(portfolio["first_lump"]), int(portfolio["lumps"])
    lumps = arrays.lumps[first : first + count]
    within = lumps["month"] - start < months
    np.add.at(money, lumps["month"][within] - start, lumps["value"][within])
    # Raises grow without end; more than this makes no difference.
    return np.minimum(money, PLENTY)


class _Recast:
    """The most that can be due on level loans that are recast: prepaying one with fees owed may raise its instalment.

    No payment of an annuity is above P / n + P i; i may be a twelfth of the year's where `rate` is of a short month.
    """

    def __init__(self, arrays: PortfolioArrays, rate: Floats) -> None:
        first = arrays.rules[arrays.debts["first_rule"]]
        then = arrays.rules[np.maximum(first["then_first"], 0)]
        later = (first["then_first"] >= 0) & (then["recast"] > 0)
        self.is_recast = (first["recast"] > 0) | later  # (D,)
        debts = arrays.debts
        self.opening_fee = debts["opening_fee"]
        self.is_put_off = (debts["flags"] & HAS_DEFERRED > 0) & (debts["penalty_rate"] >= 0)
        self.is_erratic = self.is_recast | self.is_put_off
        began = np.where(later, first["until"] - _start(arrays), 0)
        months = np.where(later, then["months"], first["months"])
        left = began + months - np.arange(len(rate))[:, None]  # (T, D)
        self.share = np.where(left <= 1, np.inf, 1.0 / left.clip(1) + 1.2 * rate)  # in the end the whole is due

    def without_minimum(self, arrays: PortfolioArrays) -> PortfolioArrays:
        """The portfolio in which erratic debts want nothing, and cost the late fee each month.

        After a miss a recast loan's instalment may rise or fall, and deferred interest may stop to accrue, so that
        paying least is not paying the minimum.
        """
        rules, debts = arrays.rules.copy(), arrays.debts.copy()
        rules["kind"][debts["first_rule"][self.is_erratic]] = NONE
        own = arrays.rules[debts["first_rule"]]
        share = np.where(own["kind"] == FLAT_FEE, np.ceil(own["principal"] * (own["rate"] / 1e12)) + 1, 0)
        costs = debts["late_fee"] + share.astype(np.int64)
        debts["monthly_fee"] += np.where(self.is_erratic, costs, 0)
        debts["flags"] |= np.where(self.is_erratic, HAS_FEES, 0).astype(debts["flags"].dtype)
        return replace(arrays, rules=rules, debts=debts)

    def dues(self, rows: Ints, short: Flags) -> Floats:
        """The dues of some rows, at their most for recast loans, and for erratic debts after a miss (month, debt)."""
        statement = rows[:, :, OPENING] + rows[:, :, INTEREST] + rows[:, :, FEES]
        repaid = rows[:, :, OPENING].copy()
        repaid[0] += self.opening_fee
        instalment = np.maximum(repaid, 1) * self.share + 1.0
        most = np.minimum(np.maximum(instalment, rows[:, :, INTEREST]), statement)  # deferred, it is above any rate
        found = np.where(self.is_recast, np.maximum(most, rows[:, :, MINIMUM]), rows[:, :, MINIMUM])
        return np.where(self.is_put_off & short.any(), statement, found)


def _caps(
    arrays: PortfolioArrays, money: Ints, recast: _Recast, path: Ints, *, all_short: bool
) -> tuple[Floats, Floats, Flags]:
    """The most that a debt can owe and that can be due, and the months whose minimums may come to more than the money.

    A debt owes most when it gets no more than its minimum, and nothing in months that may fall short. Which months
    those are follows from what can be due; the two are found in turn, until no further month may.
    """
    short = np.full(len(money), all_short)
    unpaid = recast.without_minimum(arrays)
    rows = _least_paid(unpaid, short) if all_short else path
    # It only grows, so it ends after as many rounds as there are months.
    while not all_short:
        more = short | (recast.dues(rows, short).sum(axis=1) > money)
        if (more == short).all():
            break
        short = more
        rows = _least_paid(unpaid, short)
    return rows[:, :, CLOSING].astype(float), recast.dues(rows, short).astype(float), short


def _least_paid(arrays: PortfolioArrays, short: Flags) -> Ints:
    """Each debt on its own, paid its minimum and no more, and nothing in the months that are short.

    Shapes: (month, debt, 6).
    """
    months = len(short)
    budgets = np.zeros(months, DATED)
    budgets["month"] = _start(arrays) + np.arange(months)
    budgets["value"] = np.where(short, 0, PLENTY)
    portfolio = arrays.portfolios[:1].copy()
    portfolio["debts"], portfolio["extra"], portfolio["lumps"], portfolio["last_event"] = 1, 0, 0, FOREVER
    portfolio["first_budget"], portfolio["budgets"] = 0, months
    debts = _dearest(arrays) if short.any() else arrays.debts
    rows = np.zeros((months, len(debts), 6), np.int64)
    for i in range(len(debts)):
        alone = replace(arrays, portfolios=portfolio, debts=debts[i : i + 1], budgets=budgets)
        rows[:, i] = simulate_rows(alone, Strategy.MINIMUM_ONLY, months)[:, 0]
        given_up = np.flatnonzero((rows[:-1, i, CLOSING] > 0) & (rows[1:, i, OPENING] == 0))  # grown beyond counting
        if len(given_up):
            rows[given_up[0] :, i] = PLENTY
    return rows


def _dearest(arrays: PortfolioArrays) -> Records:
    """The debts so dear that missing a minimum never makes one cheaper.

    No penalty rate is below another rate of its debt; where nothing can be missed, the highest rate is borne all the
    time instead.
    """
    debts = arrays.debts.copy()
    for debt in debts:
        if debt["penalty_rate"] >= 0:
            steps = arrays.steps["value"][debt["first_step"] : debt["first_step"] + debt["steps"]]
            highest = max(debt["penalty_rate"], debt["rate"], debt["promo_rate"], *steps.tolist())
            debt["penalty_rate"] = highest
            if arrays.rules["kind"][debt["first_rule"]] == NONE:
                debt["rate"] = debt["promo_rate"] = highest
                debt["penalty_rate"], debt["steps"] = -1, 0
    return debts
