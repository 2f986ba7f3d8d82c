"""Portfolios whose optimum hangs on single cents: deferred interest, fees while open, prepayment charges, offers.

Each from a seed. `deferred` has one or two cards whose promotion defers its interest; each of the others adds one rule
to debts without it, and `everything` has them all.
"""

from collections.abc import Callable

import numpy as np

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate
from data.answers.plan import Strategy
from data.month import month_at, month_index
from data.portfolio.portfolio import Portfolio

START = "2027-01"


def _month(after):
    return month_at(month_index(START) + int(after))


def _deferred_card(g, name):
    """All its interest falls due if it is open after its promotion."""
    return {
        **{"name": name, "kind": "credit_card", "balance": f"{g.uniform(800, 3000):.2f}"},
        **{"apr": round(g.uniform(0.24, 0.32), 4), "minimum": {"type": "fixed", "amount": str(g.integers(25, 41))}},
        "promo": {"apr": 0, "until": _month(g.integers(7, 16)), "deferred_interest": True},
    }


def _minimum(g):
    kind, floor = str(g.choice(["percent", "interest_plus", "fixed"])), str(g.choice([15, 25, 35]))
    if kind == "fixed":
        return {"type": "fixed", "amount": str(g.integers(30, 91))}
    rate = float(g.choice([0.01, 0.02, 0.025, 0.03])) if kind == "percent" else 0.01
    return {"type": kind, "rate": rate, "floor": floor}


def _card(g, name, fee):
    """Two in five in a plain promotion; `fee` in ten cost a fee each month while they are open."""
    apr = round(g.uniform(0.12, 0.30), 4)
    card = {"name": name, "kind": "credit_card", "balance": f"{g.uniform(600, 8000):.2f}", "apr": apr}
    card["minimum"] = _minimum(g)
    if g.random() < 0.4:
        card["promo"] = {"apr": float(g.choice([0, 0.0299])), "until": _month(g.integers(3, 15))}
    if g.random() < fee / 10:
        card["fees"] = {"monthly": f"{g.uniform(3, 15):.2f}"}
    return card


def _loan(g, name):
    minimum = {"type": "level", "months": int(g.integers(18, 61))}
    balance, apr = f"{g.uniform(1500, 12000):.2f}", round(g.uniform(0.05, 0.15), 4)
    return {"name": name, "kind": "personal_loan", "balance": balance, "apr": apr, "minimum": minimum}


def _others(g, count, fee):
    made = (_loan if g.random() < 0.3 else _card for _ in range(count))
    return [make(g, f"d{i}") if make is _loan else make(g, f"d{i}", fee) for i, make in enumerate(made)]


def _charged(g, debts):
    """Two in three cost a charge on what is paid above the minimum, half of these for some months only."""
    for debt in debts:
        if g.random() < 2 / 3:
            until = {"until": _month(g.integers(4, 20))} if g.random() < 0.5 else {}
            debt["prepayment"] = {"rate": round(float(g.uniform(0.005, 0.03)), 4), **until}


def _with_money(g, debts, offers=()):
    """15 to 90 % above the first minimums, and 2.4 to 5 % of what is owed at least."""
    bare = Portfolio.model_validate({"start": START, "debts": debts})
    due = int(simulate(from_portfolios([bare]), [Strategy.MINIMUM_ONLY], horizon=1)[0, 0]["first_minimums"]) / 100
    owed = sum(float(debt["balance"]) for debt in debts)
    money = max(due * g.uniform(1.15, 1.9), owed * g.uniform(0.024, 0.05))
    content = {"start": START, "debts": debts, "budget": {"monthly": f"{money:.2f}"}, "offers": list(offers)}
    return Portfolio.model_validate(content)


def deferred(seed):
    """3 to 6 debts, one or two of them cards whose promotion defers interest; one card in five costs a fee."""
    g = np.random.default_rng(seed + 20_000)
    count, late = int(g.integers(3, 7)), int(g.integers(1, 3))
    cards = [_deferred_card(g, f"deferred {i}") for i in range(late)]
    return _with_money(g, [*cards, *_others(g, count - late, 2)])


def with_fees(seed):
    """3 to 6 debts; seven cards in ten cost a fee while they are open."""
    g = np.random.default_rng(seed + 30_000)
    return _with_money(g, _others(g, int(g.integers(3, 7)), 7))


def with_charges(seed):
    """3 to 6 debts, most with a charge on what is paid above the minimum."""
    g = np.random.default_rng(seed + 40_000)
    debts = _others(g, int(g.integers(3, 7)), 2)
    _charged(g, debts)
    return _with_money(g, debts)


def _offers(g, debts):
    """One or two offers of different types, on terms that may or may not pay."""
    debt = str(g.choice([one["name"] for one in debts]))
    made = [
        {
            **{"type": "balance_transfer", "name": "transfer", "limit": f"{g.uniform(1000, 6000):.2f}"},
            **{"fee_rate": round(float(g.uniform(0, 0.05)), 4), "apr": round(float(g.uniform(0.15, 0.28)), 4)},
            "promo": {"apr": float(g.choice([0, 0.0299])), "months": int(g.integers(6, 19))},
        },
        {
            **{"type": "consolidation", "name": "consolidation", "amount": f"{g.uniform(3000, 12000):.2f}"},
            **{"apr": round(float(g.uniform(0.07, 0.18)), 4), "months": int(g.integers(24, 61))},
            "fee_rate": round(float(g.uniform(0, 0.04)), 4),
        },
        {
            **{"type": "refinance", "name": "refinanced", "debt": debt, "apr": round(float(g.uniform(0.06, 0.16)), 4)},
            **{"months": int(g.integers(24, 61)), "fee": f"{g.uniform(0, 150):.2f}"},
        },
        {
            **{"type": "settlement", "name": "settled", "debt": debt, "share": round(float(g.uniform(0.4, 0.8)), 2)},
            "by": _month(g.integers(3, 13)),
        },
        {
            **{"type": "instalment", "name": "instalments", "debt": debt, "months": int(g.integers(6, 25))},
            "fee_rate": round(float(g.uniform(0.004, 0.009)), 4),
        },
    ]
    chosen = sorted(g.choice(len(made), size=int(g.integers(1, 3)), replace=False).tolist())
    return [made[place] for place in chosen]


def with_offers(seed):
    """3 to 6 debts and one or two offers: transfer, consolidation, refinancing, settlement, instalments."""
    g = np.random.default_rng(seed + 50_000)
    debts = _others(g, int(g.integers(3, 7)), 2)
    return _with_money(g, debts, _offers(g, debts))


def everything(seed):
    """Deferred interest, fees while open, prepayment charges and offers together."""
    g = np.random.default_rng(seed + 60_000)
    count, late = int(g.integers(3, 7)), int(g.integers(1, 3))
    others = _others(g, count - late, 5)
    _charged(g, others)
    debts = [*(_deferred_card(g, f"deferred {i}") for i in range(late)), *others]
    return _with_money(g, debts, _offers(g, others))


DRAWS: dict[str, Callable[[int], Portfolio]] = {
    "interest put off": deferred,
    "fees while open": with_fees,
    "charges on prepaying": with_charges,
    "offers": with_offers,
    "all of them": everything,
}
