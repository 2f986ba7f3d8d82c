"""A batch from columns is the same as its portfolios from objects."""

from decimal import Decimal

import numpy as np

from agents.planner.arrays.from_columns import DebtColumns, from_columns
from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate
from agents.planner.kernel.layout import FIXED, FLAT_FEE, LEVEL, NONE, PERCENT
from data.answers.plan import ORDERS
from data.month import month_at, month_index
from data.portfolio.portfolio import Portfolio

START = month_index("2026-12")
KINDS = (FIXED, PERCENT, LEVEL, FLAT_FEE, NONE)


def columns(rng, owners):
    count = len(owners)
    balance = rng.integers(0, 1_000_000, count)
    balance[0] = 0
    return DebtColumns(
        portfolio=owners,
        balance=balance,
        rate=rng.integers(0, 3999, count) * 100_000_000,
        minimum_kind=rng.choice(KINDS, count),
        minimum_rate=rng.integers(1, 40, count) * 1_000_000_000,
        minimum_floor=rng.integers(0, 20_000, count),
        months=rng.integers(1, 60, count),
        promo_rate=rng.integers(0, 900, count) * 100_000_000,
        promo_until=np.where(rng.random(count) < 0.5, START + rng.integers(0, 20, count), 0),
        credit_limit=np.where(rng.random(count) < 0.5, rng.integers(1, 2_000_000, count), 0),
        due_day=rng.integers(1, 32, count),
        daily=rng.random(count) < 0.5,
        annual_fee=rng.integers(0, 9_900, count),
        late_fee=np.where(rng.random(count) < 0.5, 4_000, 0),
        secured=rng.random(count) < 0.2,
    )


def money(cents):
    return Decimal(int(cents)) / 100


def rate(units):
    return Decimal(int(units)).scaleb(-12)


def as_portfolio(table, owner, budget):
    debts = [debt(table, place) for place in np.flatnonzero(table.portfolio == owner)]
    fields = {} if budget < 0 else {"budget": {"monthly": money(budget)}}
    return Portfolio.model_validate({"start": month_at(START), "debts": debts, **fields})


def debt(table, i):
    floor, months = money(table.minimum_floor[i]), int(table.months[i])
    rules = {
        FIXED: {"type": "fixed", "amount": floor},
        PERCENT: {"type": "percent", "rate": rate(table.minimum_rate[i]), "floor": floor},
        LEVEL: {"type": "level", "months": months},
        FLAT_FEE: {
            "type": "flat_fee",
            "principal": money(table.balance[i]),
            "months": months,
            "fee_rate": rate(table.minimum_rate[i]),
        },
        NONE: {"type": "none"},
    }
    promo = {"apr": rate(table.promo_rate[i]), "until": month_at(int(table.promo_until[i]))}
    return {
        "name": f"debt {i}",
        "kind": "mortgage" if table.secured[i] else "other",
        "balance": money(table.balance[i]),
        "apr": rate(table.rate[i]),
        "minimum": rules[int(table.minimum_kind[i])],
        "accrual": "daily" if table.daily[i] else "monthly",
        "due_day": int(table.due_day[i]),
        "fees": {"annual": money(table.annual_fee[i]), "late": money(table.late_fee[i])},
        **({"promo": promo} if table.promo_until[i] else {}),
        **({"credit_limit": money(table.credit_limit[i])} if table.credit_limit[i] else {}),
    }


def test_columns_and_objects_give_the_same_results():
    rng = np.random.default_rng(7)
    owners = np.repeat(np.arange(60), rng.integers(1, 6, 60))
    table = columns(rng, owners)
    budgets = np.where(rng.random(60) < 0.8, rng.integers(0, 200_000, 60), -1)
    found = simulate(from_columns(table, np.full(60, START), budgets), ORDERS)
    objects = [as_portfolio(table, owner, budgets[owner]) for owner in range(60)]
    expected = simulate(from_portfolios(objects), ORDERS)
    assert found[expected.dtype.names[0]].any()
    for name in ("paid", "interest", "fees", "owed", "months", "missed", "status"):
        assert np.array_equal(found[name], expected[name])
