"""Portfolios as arrays for the kernel, from objects; `from_columns.py` makes them from the columns of a table.

Amounts become whole minor units, rates whole numbers of 10^-12, months whole numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agents.planner.arrays.budgets import budget_path
from agents.planner.arrays.records import debt_record, last_event, rate_units, rule_records
from agents.planner.kernel.layout import DATED, DEBT, PORTFOLIO, RULE
from data.arrays import Records
from data.errors import FieldError, InvalidPortfolio
from data.money import to_minor
from data.month import month_index
from data.portfolio.debt import Debt
from data.portfolio.portfolio import Portfolio
from data.wording.sentence import say

MOST_OWED = 10**17
NO_SHIFTS = np.zeros(0, DATED)


@dataclass(frozen=True)
class PortfolioArrays:
    """Portfolios as the kernel reads them; each holds its debts, and each debt its rules and steps, as a range.

    Shapes: portfolios (portfolio,), debts (debt,), rules, steps, budgets, lumps and shifts one entry each.
    """

    portfolios: Records
    debts: Records
    rules: Records
    steps: Records
    budgets: Records
    lumps: Records
    shifts: Records = field(default_factory=lambda: NO_SHIFTS)

    @property
    def most_debts(self) -> int:
        """The debts of the largest portfolio."""
        return int(self.portfolios["debts"].max(initial=1))


def from_portfolios(portfolios: Sequence[Portfolio]) -> PortfolioArrays:
    """The arrays of some portfolios, each with its `start` set.

    Raises:
        InvalidPortfolio: one has no start, or owes more than can be counted in whole minor units.
    """
    build = _Build([], [], [], [], [], [])
    for portfolio in portfolios:
        build.add(portfolio)
    return PortfolioArrays(
        np.array(build.portfolios, PORTFOLIO),
        np.array(build.debts, DEBT),
        np.array(build.rules, RULE),
        np.array(build.steps, DATED),
        np.array(build.budgets, DATED),
        np.array(build.lumps, DATED),
    )


@dataclass
class _Build:
    portfolios: list[tuple[Any, ...]]
    debts: list[tuple[Any, ...]]
    rules: list[tuple[Any, ...]]
    steps: list[tuple[Any, ...]]
    budgets: list[tuple[Any, ...]]
    lumps: list[tuple[Any, ...]]

    def add(self, portfolio: Portfolio) -> None:
        start = _start_of(portfolio)
        first_debt, first_budget, first_lump = len(self.debts), len(self.budgets), len(self.lumps)
        for debt in portfolio.debts:
            self._add_debt(debt, portfolio, start)
        self._add_budget(portfolio, start)
        # The second field of a dated entry is its month.
        dated = [entry[1] for entry in (*self.budgets[first_budget:], *self.lumps[first_lump:])]
        flags = 0
        for record in self.debts[first_debt:]:
            flags |= record[DEBT.names.index("flags")]  # pyright: ignore[reportOptionalMemberAccess]
        fields = {
            "first_debt": first_debt,
            "debts": len(portfolio.debts),
            "start": start,
            "first_budget": first_budget,
            "budgets": len(self.budgets) - first_budget,
            "first_lump": first_lump,
            "lumps": len(self.lumps) - first_lump,
            "first_shift": 0,
            "shifts": 0,
            "last_event": max([start, *dated, *(last_event(debt, start) for debt in portfolio.debts)]),
            "extra": portfolio.budget is not None and portfolio.budget.mode == "extra",
            "flags": flags,
        }
        self.portfolios.append(_tuple(PORTFOLIO, fields))

    def _add_debt(self, debt: Debt, portfolio: Portfolio, start: int) -> None:
        rules, main = rule_records(debt.minimum, portfolio.currency, len(self.rules))
        fields = debt_record(debt, portfolio, start)
        steps = sorted((month_index(step.from_), rate_units(step.apr)) for step in debt.rate_steps)
        fields |= {"first_step": len(self.steps), "steps": len(steps), "first_rule": len(self.rules), "rules": main}
        self.debts.append(_tuple(DEBT, fields))
        self.rules.extend(_tuple(RULE, rule) for rule in rules)
        self.steps.extend((rate, month, -1) for month, rate in steps)

    def _add_budget(self, portfolio: Portfolio, start: int) -> None:
        if portfolio.budget is None:
            return
        for month, amount in budget_path(portfolio.budget, start, portfolio.currency):
            # Yearly raises grow without end; this is more than all debts, and two of it still fit into 64 bits.
            self.budgets.append((min(to_minor(amount, portfolio.currency), 4 * 10**18), month, -1))
        places = {debt.name: place for place, debt in enumerate(portfolio.debts)}
        for lump in sorted(portfolio.budget.lump_sums, key=lambda lump: lump.month):
            # Money of months before the plan has been spent.
            if month_index(lump.month) >= start:
                place = -1 if lump.debt is None else places[lump.debt]
                self.lumps.append((to_minor(lump.amount, portfolio.currency), month_index(lump.month), place))


def _tuple(dtype: np.dtype[Any], fields: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(fields[name] for name in dtype.names or ())


def _start_of(portfolio: Portfolio) -> int:
    if portfolio.start is None:
        raise InvalidPortfolio(say("no_start"), [FieldError("start", say("month_needed"))])
    owed = sum(to_minor(debt.balance, portfolio.currency) for debt in portfolio.debts)
    # Interest and fees of many months must still fit into 64 bits on top.
    if owed > MOST_OWED:
        raise InvalidPortfolio(
            say("debts_beyond_reckoning", minor_units=str(owed)),
            [FieldError("debts", say("together_too_large"), str(owed))],
        )
    return month_index(portfolio.start)
