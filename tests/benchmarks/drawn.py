"""The portfolios that the optimum is measured on: typical ones, and ones whose income falls short. Each from a seed."""

import numpy as np

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate
from data.answers.plan import Strategy
from data.month import month_at, month_index
from data.portfolio.portfolio import Portfolio

START = "2027-01"
KINDS = ("card", "card", "card", "loan", "promo")


def _month(after):
    return month_at(month_index(START) + after)


def _card(g, name, kind):
    minimum = {
        "type": "percent",
        "rate": float(g.choice([0.01, 0.02, 0.025, 0.03])),
        "floor": str(g.choice([15, 25, 35])),
    }
    if g.random() < 0.3:
        minimum = {"type": "interest_plus", "rate": 0.01, "floor": "35"}
    balance, apr = f"{g.uniform(500, 12000):.2f}", round(g.uniform(0.12, 0.32), 4)
    card = {"name": name, "kind": "credit_card", "balance": balance, "apr": apr, "minimum": minimum}
    if kind == "promo":
        card["promo"] = {"apr": float(g.choice([0, 0, 0.0299])), "until": _month(int(g.integers(3, 20)))}
    return card


def _loan(g, name):
    balance, apr = f"{g.uniform(2000, 25000):.2f}", round(g.uniform(0.04, 0.15), 4)
    minimum = {"type": "level", "months": int(g.integers(24, 84))}
    if g.random() < 0.3:
        minimum = {"type": "fixed", "amount": f"{float(balance) * 0.03:.2f}"}
    return {"name": name, "kind": "personal_loan", "balance": balance, "apr": apr, "minimum": minimum}


def typical(seed):
    """3 to 10 cards, promotions and loans, and 2 to 60 % more money than the first month's minimums."""
    g = np.random.default_rng(seed)
    kinds = [str(g.choice(KINDS)) for _ in range(int(g.integers(3, 11)))]
    debts = [_loan(g, f"d{i}") if kind == "loan" else _card(g, f"d{i}", kind) for i, kind in enumerate(kinds)]
    bare = Portfolio.model_validate({"start": START, "debts": debts})
    due = int(simulate(from_portfolios([bare]), [Strategy.MINIMUM_ONLY], horizon=1)[0, 0]["first_minimums"])
    budget = {"monthly": f"{due / 100 * g.uniform(1.02, 1.6):.2f}"}
    return Portfolio.model_validate({"start": START, "debts": debts, "budget": budget})


def _instalment(g, name):
    """A loan over 12 to 47 months with a late fee and a penalty rate, half of them for a few months only."""
    apr, balance, months = round(g.uniform(0.08, 0.40), 4), g.uniform(1000, 15000), int(g.integers(12, 48))
    instalment = balance * apr / 12 / (1 - (1 + apr / 12) ** -months)
    debt = {
        **{"name": name, "balance": f"{balance:.2f}", "apr": apr},
        **{"minimum": {"type": "fixed", "amount": f"{instalment:.2f}"}, "fees": {"late": f"{g.uniform(15, 45):.2f}"}},
        "penalty_apr": round(apr + g.uniform(0.05, 0.15), 4),
    }
    return debt | ({"penalty_months": int(g.integers(3, 13))} if g.random() < 0.5 else {})


def _falling_short(seed, stretches, longest):
    g = np.random.default_rng(seed + 10_000)
    debts = [_instalment(g, f"d{i}") for i in range(int(g.integers(10, 21)))]
    usual = sum(float(debt["minimum"]["amount"]) for debt in debts) * g.uniform(1.03, 1.25)
    changes, at = [], int(g.integers(1, 5))
    for _ in range(int(g.integers(*stretches))):
        lasts = int(g.integers(1, longest + 1))
        low = f"{usual * g.uniform(0.5, 0.95):.2f}"
        changes += [{"from": _month(at), "monthly": low}, {"from": _month(at + lasts), "monthly": f"{usual:.2f}"}]
        at += lasts + int(g.integers(2, 8))
    budget = {"monthly": f"{usual:.2f}", "changes": changes}
    return Portfolio.model_validate({"start": START, "debts": debts, "budget": budget})


def hard(seed):
    """10 to 20 instalment loans; income falls below the instalments in two to four stretches of one to three months."""
    return _falling_short(seed, (2, 5), 3)


def mild(seed):
    """The same loans; income falls below the instalments in one to three single months."""
    return _falling_short(seed, (1, 4), 1)
