"""Many ways to take a portfolio's offers, simulated at once: one kernel call for thousands of amounts.

Equal to `take` and the kernel on one after the other, without an object a trial. Axes: trial, offer, debt. Units: minor
units.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

import numpy as np

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.records import flat_fee_of
from agents.planner.arrays.simulation import simulate
from agents.planner.kernel.layout import DATED, HAS_FEES, RULE
from agents.planner.offers.costs import cost_of, early_charge
from agents.planner.offers.debts import debt_of_offer, what_is_left
from agents.planner.offers.taking import Taking, limit_of
from data.answers.plan import Strategy
from data.arrays import Ints, Records
from data.money import to_minor
from data.portfolio.offer import Instalment, Settlement
from data.portfolio.portfolio import Portfolio
from data.portfolio.value import Money


class Trials:
    """A portfolio and its offers, ready to be tried with any amounts."""

    def __init__(self, taking: Taking) -> None:
        portfolio = taking.portfolio
        self.portfolio, self.offers = portfolio, portfolio.offers
        self.balances = np.array([to_minor(debt.balance, portfolio.currency) for debt in portfolio.debts])  # (debt,)
        self.limits = np.array([limit_of(offer, portfolio) for offer in portfolio.offers], np.int64)  # (offer,)
        unit = to_minor(Decimal(1), portfolio.currency)
        self.round_units = [1000 * unit, 100 * unit, 10 * unit, unit]
        self._arrays = from_portfolios([_with_every_debt(taking)])
        self._records = self._arrays.debts.copy()  # every debt untouched, every debt with a part moved, every offer's
        self._new = self._records[2 * len(self.balances) :]
        # Each may have an opening fee: what the move costs.
        self._new["flags"] |= HAS_FEES
        self._settled = np.array([isinstance(offer, Settlement) for offer in self.offers])  # (offer,)
        self._charging = [i for i, debt in enumerate(portfolio.debts) if debt.prepayment or flat_fee_of(debt.minimum)]

    def simulate(self, amounts: Ints, strategies: list[Strategy], ranks: Ints | None = None) -> Records:
        """The result of each strategy with each trial's amounts; `ranks` are the custom order of debts, then offers.

        Shapes: amounts (trial, offer, debt), ranks (debt + offer,); the answer (trial, strategy).
        """
        count = len(amounts)
        debts = self._debts(amounts)  # (trial, debt + offer)
        if ranks is not None:
            debts["custom_rank"] = ranks
        rules = self._rules(amounts, debts)
        portfolios = np.repeat(self._arrays.portfolios, count)  # (trial,)
        portfolios["debts"] = debts.shape[1]
        portfolios["first_debt"] = np.arange(count) * debts.shape[1]
        portfolios["flags"] = np.bitwise_or.reduce(debts["flags"], axis=1)
        lumps = self._lumps(amounts, portfolios)
        return simulate(
            replace(self._arrays, portfolios=portfolios, debts=debts.reshape(-1), rules=rules, lumps=lumps), strategies
        )

    def _debts(self, amounts: Ints) -> Records:
        n, offers = len(self.balances), len(self.offers)
        moved, taken = amounts.sum(axis=1), amounts.sum(axis=2)  # (trial, debt), (trial, offer)
        places = np.empty((len(amounts), n + offers), np.int64)
        # A debt with a part moved may have another minimum rule, so it has a record of its own.
        places[:, :n] = np.where(moved == 0, np.arange(n), n + np.arange(n))
        places[:, n:] = 2 * n + np.arange(offers)
        debts = self._records[places]
        debts["balance"][:, :n] = self.balances - moved
        # The debt that a settlement makes is the share to pay, not all that was moved.
        debts["balance"][:, n:] = np.where(self._settled, np.minimum(taken, self._new["balance"]), taken)
        debts["opening_fee"][:, n:] = self._fees(taken) + self._charges(amounts)
        return debts

    def _fees(self, taken: Ints) -> Ints:
        currency = self.portfolio.currency
        columns = [
            _each(taken[:, j], partial(cost_of, offer, currency=currency)) for j, offer in enumerate(self.offers)
        ]
        return np.stack(columns, axis=1)  # (trial, offer)

    def _charges(self, amounts: Ints) -> Ints:
        """The old lenders' charges, on the offer for which each was due: earlier offers move first."""
        charges = np.zeros(amounts.shape[:2], np.int64)  # (trial, offer)
        for i in self._charging:
            debt = self.portfolio.debts[i]
            before, moved = np.zeros(len(amounts), np.int64), np.zeros(len(amounts), np.int64)
            for j, offer in enumerate(self.offers):
                if isinstance(offer, Settlement):
                    continue
                moved = moved + amounts[:, j, i]
                due = _each(moved, partial(early_charge, debt, portfolio=self.portfolio))
                charges[:, j] += due - before
                before = due
        return charges

    def _rules(self, amounts: Ints, debts: Records) -> Records:
        """The rules of all debts; an instalment plan has one a trial, for its principal is what was moved."""
        rules = [self._arrays.rules]
        for j, offer in enumerate(self.offers):
            if isinstance(offer, Instalment):
                place = len(self.portfolio.debts) + j
                own: Records = np.repeat(self._arrays.rules[self._new["first_rule"][j]], len(amounts)).astype(RULE)
                own["principal"] = amounts[:, j].sum(axis=1)
                debts["first_rule"][:, place] = sum(map(len, rules)) + np.arange(len(amounts))
                rules.append(own)
        return np.concatenate(rules)

    def _lumps(self, amounts: Ints, portfolios: Records) -> Records:
        """Lump sums; one aimed at a debt that one offer takes over whole is aimed at the offer's debt."""
        lumps = self._arrays.lumps
        aimed = lumps["debt"] >= 0
        if not aimed.any():
            return lumps
        own: Records = np.repeat(lumps[None, :], len(amounts), axis=0).astype(DATED)  # (trial, lump)
        portfolios["first_lump"] = np.arange(len(amounts)) * len(lumps)
        gone = (amounts.sum(axis=1) == self.balances) & ((amounts > 0).sum(axis=1) == 1)  # (trial, debt)
        heirs = len(self.balances) + amounts.argmax(axis=1)  # (trial, debt)
        places = np.where(gone, heirs, np.arange(len(self.balances)))
        own["debt"][:, aimed] = places[:, lumps["debt"][aimed]]
        return own.reshape(-1)


def _with_every_debt(taking: Taking) -> Portfolio:
    """A portfolio of every debt untouched, then with a part moved, then every offer's debt, to copy records from."""
    portfolio = taking.portfolio
    parts = [
        what_is_left(debt, min(1, to_minor(debt.balance, portfolio.currency)), minimum, portfolio.currency)
        for debt, minimum in zip(portfolio.debts, taking.minimums, strict=True)
    ]
    nothing = {"balance": Money(0)}  # so that together they stay within what can be reckoned
    renamed = [debt.model_copy(update={"name": f"part of {place}"} | nothing) for place, debt in enumerate(parts)]
    new = [debt_of_offer(offer, portfolio, limit_of(offer, portfolio), 0) for offer in portfolio.offers]
    debts = [*portfolio.debts, *renamed, *new]
    return portfolio.model_copy(update={"debts": debts, "budget": taking.budget, "offers": []})


def _each(amounts: Ints, cost: Callable[[int], int]) -> Ints:
    """The cost of every amount, each different one computed once."""
    different, places = np.unique(amounts, return_inverse=True)
    return np.array([cost(int(amount)) for amount in different], np.int64)[places]
