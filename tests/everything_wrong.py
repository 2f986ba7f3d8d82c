"""A portfolio that is wrong in every way of the contract at once: single fields, contradictions, and too many debts."""

from typing import Any

CARD = {"balance": "5200", "apr": 0.2, "kind": "credit_card"}
DEBTS: list[dict[str, Any]] = [
    {**CARD, "name": "Visa", "promo": {"apr": 0, "until": "2026-05"}},
    {**CARD, "name": "Visa", "balance": "-3"},
    {**CARD, "name": "Loan", "minimum": {"type": "interest_only", "until": "2026-01"}},
    {**CARD, "name": "Store", "balance": "NaN", "penalty_months": 3},
    *({**CARD, "name": f"Card {number}"} for number in range(97)),
]
PORTFOLIO: dict[str, Any] = {
    "start": "2026-12",
    "income": "-1",
    "budget": {"monthly": "-5", "lump_sums": [{"month": "2026-01", "amount": "5", "debt": "Nobody"}]},
    "debts": DEBTS,
    "offers": [
        {"type": "balance_transfer", "name": "Visa", "limit": "99999999", "apr": 0.2},
        {"type": "refinance", "name": "New", "debt": "Nobody", "apr": 0.1, "months": 12},
        {"type": "instalment", "name": "分期", "debt": "Loan", "limit": "5200.01", "months": 12, "fee_rate": 0.006},
        {"type": "settlement", "name": "Half", "debt": "Loan", "share": 0.5, "by": "2026-11"},
    ],
    "custom_order": ["Visa", "Ghost"],
}
WRONG = {
    "income",
    "budget.monthly",
    "budget.lump_sums.0.month",
    "budget.lump_sums.0.debt",
    "debts",
    "debts.0.promo.until",
    "debts.1.name",
    "debts.1.balance",
    "debts.2.minimum.until",
    "debts.3.balance",
    "debts.3.penalty_months",
    "offers.0.name",
    "offers.0.limit",
    "offers.1.debt",
    "offers.2.limit",
    "offers.3.by",
    "custom_order.1",
}
