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


PLAN: Examples = {
    "avalanche": _example("The dearest debt first", {"portfolio": PORTFOLIO, "strategy": "avalanche"}),
    "optimal": _example(
        "The least in all, with a proof of how near that is, within 10 seconds",
        {"portfolio": PORTFOLIO, "strategy": "optimal", "time_limit_s": 10},
    ),
}
COMPARE: Examples = {
    "all": _example("Every strategy, and what each pays above the optimal plan", {"portfolio": PORTFOLIO}),
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
OFFERED = {
    **PORTFOLIO,
    "start": "2026-12",
    "offers": [
        {
            "type": "balance_transfer",
            "name": "0% card",
            "limit": "5000.00",
            "fee_rate": 0.03,
            "promo": {"apr": 0.0, "months": 18},
            "apr": 0.2299,
        },
        {"type": "settlement", "name": "Visa's offer", "debt": "Visa", "share": 0.6, "by": "2027-12"},
    ],
}
WHAT_IF: Examples = {
    "more": _example("100 more a month", {"portfolio": PORTFOLIO, "changes": [{"type": "budget", "by": "100.00"}]}),
    "optimal": _example(
        "100 more a month, the optimal plan before and after",
        {"portfolio": PORTFOLIO, "changes": [{"type": "budget", "by": "100.00"}], "strategy": "optimal"},
    ),
    "prepay": _example(
        "提前还款: 2,000 for the car at once, the instalment lowered (减少月供), at a charge of 1 %",
        {
            "portfolio": {**PORTFOLIO, "start": "2026-12"},
            "changes": [
                {
                    "type": "prepay",
                    "debt": "Car",
                    "month": "2026-12",
                    "amount": "2000.00",
                    "mode": "lower_payment",
                    "charge_rate": 0.01,
                }
            ],
        },
    ),
    "offer": _example(
        "An offer taken, a debt dropped, a rate that rises",
        {
            "portfolio": OFFERED,
            "changes": [
                {"type": "take_offer", "offer": "0% card", "amount": "3000.00", "from": ["Visa"]},
                {"type": "drop_debt", "debt": "Car"},
                {"type": "rate", "debt": "Visa", "apr": 0.2999},
            ],
            "strategy": "snowball",
        },
    ),
}
OFFERS: Examples = {"offers": _example("Which offers to take", {"portfolio": OFFERED})}
REQUIRED_BUDGET: Examples = {
    "date": _example(
        "Debt-free by June 2029",
        {"portfolio": {**PORTFOLIO, "start": "2026-12"}, "by": "2029-06", "strategy": "avalanche"},
    )
}
FRONTIER: Examples = {"frontier": _example("What more money brings", {"portfolio": PORTFOLIO, "points": 12})}
SAVED: Examples = {"save": _example("A portfolio and its title", {"title": "Client 42", "portfolio": PORTFOLIO})}
TASK: Examples = {
    "plan": _example("A plan, explained", {"type": "repayment_plan", "portfolio": PORTFOLIO}),
    "advice": _example(
        "A question in Chinese", {"type": "financial_advice", "question": "我欠了10万怎么办？", "language": "zh"}
    ),
}
KEY: Examples = {
    "key": _example("A key for one program", {"name": "nightly batch"}),
    "scoped": _example(
        "A key that only sends and reads batches", {"name": "nightly batch", "scopes": ["batches:write"]}
    ),
}
USER: Examples = {"user": _example("An analyst", {"name": "Ann Li", "role": "analyst", "email": "ann.li@example.org"})}
USER_CHANGE: Examples = {"role": _example("Another role", {"role": "viewer"})}
