"""What a portfolio weighs today: rates, minimums, burden, and what to act on.

Rates, interest and minimums are those of the first planned month, as the kernel reckons them. Knows nothing of plans.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np

from agents.planner.arrays import from_portfolios
from agents.planner.layout import INTEREST, MINIMUM
from agents.planner.schedule import Cash
from agents.planner.simulation import simulate_rows
from data.debt import Debt, Portfolio
from data.health import Health, HealthWarning
from data.month import shift_month
from data.plan import Strategy

Array = np.ndarray[Any, Any]
HIGH_UTILISATION = Decimal("0.8")
PROMO_MONTHS_AHEAD = 12


def health(portfolio: Portfolio) -> Health:
    """Measures and warnings of one portfolio.

    Raises:
        InvalidPortfolio: it has no `start`.
    """
    first = simulate_rows(from_portfolios([portfolio.model_copy(update={"budget": None})]), Strategy.MINIMUM_ONLY, 1)[0]
    cash = Cash(portfolio.currency)
    minimums, interest = int(first[:, MINIMUM].sum()), int(first[:, INTEREST].sum())
    total = sum((debt.balance for debt in portfolio.debts), Decimal(0))
    weighted = sum((debt.balance * apr_in(debt, portfolio.start or "") for debt in portfolio.debts), Decimal(0))
    return Health(
        currency=portfolio.currency,
        month=portfolio.start or "",
        total=total,
        weighted_apr=float(weighted / total) if total else 0.0,
        monthly_minimums=cash(minimums),
        monthly_interest=cash(interest),
        interest_share=interest / minimums if minimums else None,
        debt_to_income=float(cash(minimums) / portfolio.income) if portfolio.income else None,
        utilisation=_utilisation(portfolio.debts),
        warnings=[*_of_debts(portfolio, first, cash), *_of_money(portfolio, cash(minimums), minimums)],
    )


def apr_in(debt: Debt, month: str) -> Decimal:
    """The annual rate of a debt in a month: the promotion while it lasts, then the latest step, then the base rate."""
    if debt.promo is not None and month <= debt.promo.until:
        return debt.promo.apr
    steps = [step for step in debt.rate_steps if step.from_ <= month]
    return max(steps, key=lambda step: step.from_).apr if steps else debt.apr


def _utilisation(debts: list[Debt]) -> float | None:
    limits = [(debt.balance, debt.credit_limit) for debt in debts if debt.credit_limit is not None]
    if not limits:
        return None
    return float(sum(balance for balance, _ in limits) / sum(limit for _, limit in limits))


def _of_debts(portfolio: Portfolio, first: Array, cash: Cash) -> Iterator[HealthWarning]:
    for debt, row in zip(portfolio.debts, first.tolist(), strict=True):
        if debt.balance and row[MINIMUM] < row[INTEREST]:
            amounts = {"minimum": cash(row[MINIMUM]), "interest": cash(row[INTEREST])}
            yield HealthWarning(code="minimum_below_interest", debt=debt.name, amounts=amounts)
        yield from _promo_ends(debt, portfolio.start or "")
        if debt.credit_limit is not None and debt.balance > HIGH_UTILISATION * debt.credit_limit:
            rate = float(debt.balance / debt.credit_limit)
            yield HealthWarning(code="high_utilisation", debt=debt.name, rates={"utilisation": rate})


def _promo_ends(debt: Debt, start: str) -> Iterator[HealthWarning]:
    if debt.promo is None or not debt.balance:
        return
    if start <= debt.promo.until < shift_month(start, PROMO_MONTHS_AHEAD):
        after = apr_in(debt, shift_month(debt.promo.until, 1))
        yield HealthWarning(
            code="promo_ends",
            debt=debt.name,
            month=debt.promo.until,
            amounts={"balance": debt.balance},
            rates={"before": float(debt.promo.apr), "after": float(after)},
        )


def _of_money(portfolio: Portfolio, shown: Decimal, minimums: int) -> Iterator[HealthWarning]:
    budget = portfolio.budget
    if budget is not None and budget.mode == "total":
        arrays = from_portfolios([portfolio])
        money = int(arrays.budgets["value"][0])
        if money < minimums:
            amounts = {"budget": Cash(portfolio.currency)(money), "minimums": shown}
            yield HealthWarning(code="budget_below_minimums", amounts=amounts)
    if portfolio.income is not None and portfolio.income <= shown:
        yield HealthWarning(code="no_income_left", amounts={"income": portfolio.income, "minimums": shown})
