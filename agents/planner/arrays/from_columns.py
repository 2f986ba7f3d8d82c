"""Portfolios for the kernel from the columns of a table, without an object per debt: for batches.

Takes what a file of debts can say: one rate with one promotion, one minimum rule, one budget. Columns are trusted:
whoever reads the file has validated them.
"""

from dataclasses import dataclass

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.kernel.layout import (
    DAILY,
    DATED,
    DEBT,
    EQUAL_PRINCIPAL,
    FIXED,
    FLAT_FEE,
    FOREVER,
    HAS_CHARGES,
    HAS_DAYS,
    HAS_FEES,
    HAS_LATE_COST,
    HAS_RULES,
    HORIZON,
    LEVEL,
    MONTHLY,
    NONE,
    PERCENT,
    PORTFOLIO,
    RULE,
)
from data.arrays import Flags, Ints, Records


@dataclass(frozen=True, kw_only=True)
class DebtColumns:
    """One entry a debt, the debts of a portfolio next to each other; what is None is absent for all.

    Units: amounts in minor units of the portfolio's currency, rates in 10^-12 a year, months as
    `data.month.month_index`.

    Attributes:
        portfolio: 0, 1, 2 …, never falling; every portfolio has at least one debt.
        balance: what is owed now.
        rate: the annual rate.
        minimum_kind: `layout.FIXED`, `PERCENT`, `PERCENT_OF_OPENING`, `LEVEL`, `EQUAL_PRINCIPAL`, `FLAT_FEE` or `NONE`.
        minimum_rate: of percent rules; of `FLAT_FEE` the fee a month on the principal, which is the balance.
        minimum_floor: the amount of `FIXED`; the floor of a percent rule. The greatest of a fixed amount and a percent
            rule is the percent rule with the larger of amount and floor.
        months: instalments left of `LEVEL`, `EQUAL_PRINCIPAL` and `FLAT_FEE`.
        promo_rate: the rate until and including `promo_until`; a promotion that has ended counts for nothing, and
            `promo_until` 0 is none.
        credit_limit: 0 where there is none.
        due_day: 1 to 31.
        daily: true where interest accrues by the day, on 365 days.
        annual_fee: falls in January.
        late_fee: charged the month after a missed minimum.
        secured: true for mortgages and car loans.
    """

    portfolio: Ints
    balance: Ints
    rate: Ints
    minimum_kind: Ints
    minimum_rate: Ints | None = None
    minimum_floor: Ints | None = None
    months: Ints | None = None
    promo_rate: Ints | None = None
    promo_until: Ints | None = None
    credit_limit: Ints | None = None
    due_day: Ints | None = None
    daily: Flags | None = None
    annual_fee: Ints | None = None
    late_fee: Ints | None = None
    secured: Flags | None = None


def from_columns(debts: DebtColumns, start: Ints, budget: Ints) -> PortfolioArrays:
    """The arrays of many portfolios; `budget` is each one's monthly total in minor units, -1 for minimums only.

    Shapes: start (portfolio,), budget (portfolio,), every column of debts (debt,).
    """
    first = np.flatnonzero(np.diff(debts.portfolio, prepend=-1))  # (portfolio,)
    records = _debt_records(debts)
    rules = _rule_records(debts)
    portfolios = np.zeros(len(start), PORTFOLIO)
    portfolios["first_debt"] = first
    portfolios["debts"] = np.diff(first, append=len(records))
    portfolios["start"] = start
    portfolios["budgets"] = budget >= 0
    # Only portfolios with a budget have an entry: the place of one is how many came before it.
    portfolios["first_budget"] = np.cumsum(budget >= 0) - (budget >= 0)
    portfolios["last_event"] = _last_events(debts, records, rules, first, start)
    portfolios["flags"] = np.bitwise_or.reduceat(records["flags"], first)
    budgets = np.zeros(int((budget >= 0).sum()), DATED)
    budgets["value"], budgets["month"], budgets["debt"] = budget[budget >= 0], start[budget >= 0], -1
    return PortfolioArrays(portfolios, records, rules, np.zeros(0, DATED), budgets, np.zeros(0, DATED))


def _or(column: Ints | Flags | None, absent: int) -> Ints | Flags | int:
    return absent if column is None else column


def _debt_records(debts: DebtColumns) -> Records:
    records = np.zeros(len(debts.balance), DEBT)
    records["balance"] = debts.balance
    records["rate"] = debts.rate
    records["promo_rate"] = _or(debts.promo_rate, 0)
    records["promo_until"] = _or(debts.promo_until, 0)
    # What a table cannot say is switched off: penalty rates and prepayment charges.
    records["penalty_rate"] = -1
    records["penalty_months"] = FOREVER
    records["prepayment_until"] = FOREVER
    records["credit_limit"] = _or(debts.credit_limit, 0)
    records["annual_fee"] = _or(debts.annual_fee, 0)
    records["annual_month"] = 1
    records["late_fee"] = _or(debts.late_fee, 0)
    records["first_rule"] = np.arange(len(records))
    records["rules"] = 1
    records["day_basis"] = 365
    records["due_day"] = _or(debts.due_day, 1)
    records["secured"] = _or(debts.secured, 0)
    if debts.daily is not None:
        records["accrual"] = np.where(debts.daily, DAILY, MONTHLY)
    flat = debts.minimum_kind == FLAT_FEE
    fees = (records["annual_fee"] > 0) | (records["late_fee"] > 0) | flat
    records["flags"] = fees * HAS_FEES | (records["late_fee"] > 0) * HAS_LATE_COST | flat * HAS_CHARGES
    records["flags"] |= (records["accrual"] == DAILY) * HAS_DAYS
    records["flags"] |= ~np.isin(debts.minimum_kind, (NONE, FIXED, PERCENT)) * HAS_RULES
    return records


def _rule_records(debts: DebtColumns) -> Records:
    rules = np.zeros(len(debts.balance), RULE)
    rules["kind"] = debts.minimum_kind
    rules["rate"] = np.where(np.isin(debts.minimum_kind, (NONE, FIXED)), 0, _or(debts.minimum_rate, 0))
    rules["factor"] = rules["rate"] / 1e12
    rules["floor"] = np.where(debts.minimum_kind == NONE, 0, _or(debts.minimum_floor, 0))
    rules["principal"] = debts.balance
    rules["months"] = _or(debts.months, 0)
    rules["then_first"] = -1
    return rules


def _last_events(debts: DebtColumns, records: Records, rules: Records, first: Ints, start: Ints) -> Ints:
    ends = np.isin(rules["kind"], (LEVEL, EQUAL_PRINCIPAL, FLAT_FEE))
    starts = start[debts.portfolio]  # (debt,)
    events = np.maximum(np.where(ends, starts + rules["months"], starts), records["promo_until"] + 1)
    return np.minimum(np.maximum.reduceat(events, first), start + HORIZON)
