"""Requests to try, shown in the API's description; a test sends each of them."""

from typing import Any

Examples = dict[str, Any]

PORTFOLIO = {
    "id": "client-42",
    "currency": "USD",
    "income": "4800.00",
    "budget": {"monthly": "900.00"},
    "debts": [
        {
            "name": "Visa",
            "kind": "credit_card",
            "balance": "5200.00",
            "apr": 0.2499,
            "minimum": {"type": "interest_plus", "rate": 0.01, "floor": "35.00"},
            "credit_limit": "8000.00",
        },
        {"name": "Car", "kind": "auto_loan", "balance": "9000.00", "apr": 0.069},
    ],
}


def _example(summary: str, value: dict[str, Any]) -> Any:
    return {"summary": summary, "value": value}


PLAN: Examples = {"avalanche": _example("The dearest debt first", {"portfolio": PORTFOLIO, "strategy": "avalanche"})}
COMPARE: Examples = {
    "all": _example("Every strategy", {"portfolio": PORTFOLIO}),
    "two": _example("Two of them", {"portfolio": PORTFOLIO, "strategies": ["snowball", "avalanche"]}),
}
HEALTH: Examples = {"health": _example("A portfolio as it stands", {"portfolio": PORTFOLIO})}
SAVED: Examples = {"save": _example("A portfolio and its title", {"title": "Client 42", "portfolio": PORTFOLIO})}
TASK: Examples = {
    "plan": _example("A plan, explained", {"type": "repayment_plan", "portfolio": PORTFOLIO}),
    "advice": _example(
        "A question in Chinese", {"type": "financial_advice", "question": "我欠了10万怎么办？", "language": "zh"}
    ),
}
KEY: Examples = {"key": _example("A key for one program", {"name": "nightly batch"})}
