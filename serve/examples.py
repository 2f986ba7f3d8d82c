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
RISK: Examples = {
    "usual": _example("What may go wrong, at the usual assumptions", {"portfolio": PORTFOLIO, "scenarios": 2000}),
    "own": _example(
        "Assumptions of one's own, two strategies",
        {
            "portfolio": PORTFOLIO,
            "strategies": ["avalanche", "snowball"],
            "scenarios": 500,
            "seed": 7,
            "by": "2030-06",
            "assumptions": {
                "income_loss": {"probability": 0.02, "months": 3},
                "expenses": {"per_month": 0.1, "median": "400.00"},
                "savings": "1000.00",
            },
        },
    ),
}
HEALTH: Examples = {"health": _example("A portfolio as it stands", {"portfolio": PORTFOLIO})}
APR: Examples = {
    "reg_z": _example(
        "5,000 repaid in 36 monthly payments of 166.07 (Regulation Z, Appendix J)",
        {
            "method": "reg_z",
            "periods_per_year": 12,
            "advances": [{"amount": "5000.00", "at": 0}],
            "payments": [{"amount": "166.07", "at": 1, "count": 36}],
        },
    ),
    "fee": _example(
        "12,000 in 12 instalments with a fee of 0.6 % a month on the original principal (等本等费)",
        {
            "method": "irr",
            "periods_per_year": 12,
            "advances": [{"amount": "12000.00", "at": 0}],
            "payments": [{"amount": "1072.00", "at": 1, "count": 12}],
        },
    ),
}
CARD_INTEREST: Examples = {
    "minimum": _example(
        "1,000 posted on 30 March, 100 paid on 23 April, reckoned to the statement of 5 May",
        {
            "daily_rate": 0.0005,
            "postings": [{"date": "2026-03-30", "amount": "1000.00"}],
            "payments": [{"date": "2026-04-23", "amount": "100.00"}],
            "until": "2026-05-05",
            "include_end_day": False,
            "due": "2026-04-23",
        },
    )
}
SAVED: Examples = {"save": _example("A portfolio and its title", {"title": "Client 42", "portfolio": PORTFOLIO})}
TASK: Examples = {
    "plan": _example("A plan, explained", {"type": "repayment_plan", "portfolio": PORTFOLIO}),
    "advice": _example(
        "A question in Chinese", {"type": "financial_advice", "question": "我欠了10万怎么办？", "language": "zh"}
    ),
}
KEY: Examples = {"key": _example("A key for one program", {"name": "nightly batch"})}
