"""Portfolios with offers that the optimum is measured on: one of each type in turn, now and then others beside it."""

import numpy as np

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate
from data.answers.plan import Strategy
from data.month import month_at, month_index
from data.portfolio.portfolio import Portfolio
from tests.benchmarks.drawn import KINDS, START, _card, _loan

TYPES = ("balance_transfer", "consolidation", "refinance", "settlement", "instalment")


def type_of(seed):
    """The type that every portfolio of this seed has an offer of."""
    return TYPES[seed % len(TYPES)]


def with_offers(seed):
    """3 to 6 cards, promotions and loans, 5 to 70 % more money than the first month's minimums, one to three offers."""
    g = np.random.default_rng(seed + 20_000)
    kinds = ["card", *(str(g.choice(KINDS)) for _ in range(int(g.integers(2, 6))))]
    debts = [_loan(g, f"d{i}") if kind == "loan" else _card(g, f"d{i}", kind) for i, kind in enumerate(kinds)]
    bare = Portfolio.model_validate({"start": START, "debts": debts})
    due = int(simulate(from_portfolios([bare]), [Strategy.MINIMUM_ONLY], horizon=1)[0, 0]["first_minimums"])
    owed = sum(float(debt["balance"]) for debt in debts)
    money = max(due / 100 * g.uniform(1.05, 1.7), owed * g.uniform(0.024, 0.05))
    types = [type_of(seed), *(str(one) for one in g.choice(TYPES, int(g.choice([0, 0, 0, 1, 1, 2]))))]
    offers = [MAKERS[kind](g, f"offer {place}", debts) for place, kind in enumerate(types)]
    content = {"start": START, "debts": debts, "offers": offers, "budget": {"monthly": f"{money:.2f}"}}
    return Portfolio.model_validate(content)


def _one(g, debts):
    return debts[int(g.integers(len(debts)))]


def _transfer(g, name, debts):
    offer = {
        **{"type": "balance_transfer", "name": name, "limit": f"{g.uniform(1500, 12000):.0f}"},
        **{"fee_rate": float(g.choice([0, 0.03, 0.04, 0.05])), "apr": round(g.uniform(0.16, 0.28), 4)},
    }
    promo = {"apr": float(g.choice([0, 0, 0.0299])), "months": int(g.integers(6, 22))}
    return offer | ({"promo": promo} if g.random() < 0.9 else {})


def _consolidation(g, name, debts):
    owed = sum(float(debt["balance"]) for debt in debts)
    return {
        **{"type": "consolidation", "name": name, "amount": f"{owed * g.uniform(0.2, 0.8):.0f}"},
        **{"apr": round(g.uniform(0.06, 0.16), 4), "months": int(g.choice([24, 36, 48, 60]))},
        "fee_rate": float(g.choice([0, 0.01, 0.03, 0.05])),
    }


def _refinance(g, name, debts):
    debt = _one(g, debts)
    return {
        **{"type": "refinance", "name": name, "debt": debt["name"], "months": int(g.choice([24, 36, 60]))},
        **{"apr": round(debt["apr"] * g.uniform(0.4, 0.95), 4), "fee": f"{g.choice([0, 50, 150])}"},
        **{"fee_rate": float(g.choice([0, 0.01, 0.02])), "recast": bool(g.random() < 0.3)},
    }


def _settlement(g, name, debts):
    share, by = round(g.uniform(0.4, 0.9), 2), month_at(month_index(START) + int(g.integers(2, 18)))
    return {"type": "settlement", "name": name, "debt": _one(g, debts)["name"], "share": share, "by": by}


def _plan_of_instalments(g, name, debts):
    debt = _one(g, debts)
    offer = {
        **{"type": "instalment", "name": name, "debt": debt["name"], "months": int(g.choice([6, 12, 18, 24]))},
        **{"fee_rate": round(g.uniform(0.001, 0.009), 4), "refundable": bool(g.random() < 0.4)},
    }
    limit = {"limit": f"{float(debt['balance']) * g.uniform(0.3, 1.0):.0f}"}
    return offer | (limit if g.random() < 0.5 else {})


MAKERS = dict(zip(TYPES, (_transfer, _consolidation, _refinance, _settlement, _plan_of_instalments), strict=True))
