"""The portfolios that the planner's speed is measured on, drawn by seeds: plain cards, and every rule on."""

import numpy as np

from data.month import month_at, month_index
from data.portfolio.portfolio import Portfolio

DEBTS = 5
START = month_index("2026-12")


def plain_cards(count):
    """Five cards each: 2 % of the statement and at least 25, a budget of 2.7 % of what is owed."""
    draw = np.random.default_rng(1)
    balances = draw.integers(100_000, 1_200_000, (count, DEBTS))  # (portfolio, debt)
    rates = draw.integers(999, 2999, (count, DEBTS)) / 10_000
    budgets = (balances.sum(axis=1) * 0.027).astype(np.int64)
    return [
        Portfolio.model_validate({
            "start": month_at(START),
            "custom_order": [f"debt {i}" for i in range(DEBTS)],
            "budget": {"monthly": money(budgets[p])},
            "debts": [
                {
                    "name": f"debt {i}",
                    "kind": "credit_card",
                    "balance": money(balances[p, i]),
                    "apr": share(rates[p, i]),
                    "credit_limit": money(balances[p, i] * 2),
                }
                for i in range(DEBTS)
            ],
        })
        for p in range(count)
    ]  # fmt: skip


def every_rule_on(count):
    """Five debts each, about 60 months: between them they use every rule of a month."""
    draw = np.random.default_rng(2)
    return [Portfolio.model_validate(_every_rule(draw)) for _ in range(count)]


def _every_rule(draw):
    debts = [_promo_card(draw), _daily_card(draw), _car_loan(draw), _loan_in_china(draw), _interest_only(draw)]
    owed = sum(float(debt["balance"]) for debt in debts)
    monthly = owed * 0.0255
    tight = int(draw.integers(6, 18))  # one month of hardship: minimums are missed
    budget = {
        "monthly": f"{monthly:.2f}",
        "yearly_raise": "0.02",
        "changes": [
            {"from": later(tight), "monthly": f"{monthly * 0.3:.2f}"},
            {"from": later(tight + 1), "monthly": f"{monthly:.2f}"},
        ],
        "lump_sums": [
            {"month": later(draw.integers(1, 40)), "amount": "500"},
            {"month": later(draw.integers(1, 40)), "amount": "800.50", "debt": "car"},
        ],
    }
    order = [debt["name"] for debt in debts]
    return {"start": month_at(START), "budget": budget, "debts": debts, "custom_order": order}


def _promo_card(draw):
    return {
        "name": "promo card",
        "kind": "credit_card",
        "balance": balance(draw),
        "apr": rate(draw),
        "minimum": {"type": "percent", "rate": "0.02", "floor": "25"},
        "promo": {
            "apr": "0.0099",
            "until": later(draw.integers(5, 15)),
            "deferred_interest": bool(draw.random() < 0.5),
        },
        "fees": {"annual": "95", "annual_month": int(draw.integers(1, 13)), "late": "40"},
        "penalty_apr": "0.2999",
        "penalty_months": 6,
        "credit_limit": "15000",
    }


def _daily_card(draw):
    percent = {"type": "percent", "rate": "0.015", "of": "opening"}
    plus = {"type": "interest_plus", "rate": "0.01"}
    return {
        "name": "daily card",
        "kind": "credit_card",
        "balance": balance(draw),
        "apr": rate(draw),
        "accrual": "daily",
        "day_basis": basis(draw),
        "due_day": int(draw.integers(1, 32)),
        "minimum": {"type": "greatest", "rules": [{"type": "fixed", "amount": "35"}, percent, plus]},
        "rate_steps": [{"from": later(draw.integers(3, 30)), "apr": rate(draw)}],
        "fees": {"late": "35"},
        "credit_limit": "14000",
    }


def _car_loan(draw):
    return {
        "name": "car",
        "kind": "auto_loan",
        "balance": balance(draw),
        "apr": rate(draw, 0.04, 0.12),
        "minimum": {"type": "level", "months": int(draw.integers(54, 72)), "recast": bool(draw.random() < 0.5)},
        "prepayment": {"rate": "0.01", "until": later(draw.integers(12, 30))},
        "rate_steps": [{"from": later(24), "apr": rate(draw, 0.04, 0.12)}],
        "fees": {"monthly": "2.50", "opening": "75"},
    }


def _loan_in_china(draw):
    months = int(draw.integers(48, 61))
    amount = balance(draw)
    flat = {
        "type": "flat_fee",
        "principal": amount,
        "months": months,
        "fee_rate": "0.004",
        "refundable": bool(draw.random() < 0.5),
    }
    rules = [flat, {"type": "equal_principal", "months": months}]
    return {
        "name": "instalments",
        "balance": amount,
        "apr": "0" if (rule := rules[int(draw.integers(2))]) is flat else rate(draw),
        "minimum": rule,
    }


def _interest_only(draw):
    then = {"type": "level", "months": 48}
    return {
        "name": "line",
        "balance": balance(draw),
        "apr": rate(draw, 0.06, 0.15),
        "accrual": "daily_compounded",
        "day_basis": basis(draw),
        "due_day": int(draw.integers(1, 32)),
        "month_length": "equal" if draw.random() < 0.3 else "calendar",
        "minimum": {"type": "interest_only", "until": later(draw.integers(6, 24)), "then": then},
    }


def later(months):
    return month_at(START + int(months))


def balance(draw):
    return money(draw.integers(300_000, 1_200_000))


def basis(draw):
    return [365, 360, "actual"][int(draw.integers(3))]


def rate(draw, low=0.0999, high=0.2999):
    return share(draw.uniform(low, high))


def money(cents):
    return f"{int(cents) / 100:.2f}"


def share(number):
    return f"{number:.4f}"
