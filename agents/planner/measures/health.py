"""The measures of a portfolio today: rates, minimums, burden, and the cost of paying the minimums only.

Rates, interest and minimums are those of the first planned month, as the kernel computes them.
"""

from decimal import Decimal

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.rates import apr_in
from agents.planner.arrays.schedule import FromMinor
from agents.planner.arrays.simulation import simulate_rows
from agents.planner.kernel.layout import INTEREST, MINIMUM
from agents.planner.measures.disclosures import repayments, together
from agents.planner.measures.warnings import warnings_of
from data.answers.health import Health
from data.answers.plan import Strategy
from data.portfolio.debt import Debt
from data.portfolio.portfolio import Portfolio


def health(portfolio: Portfolio) -> Health:
    """Measures and warnings of one portfolio.

    Raises:
        InvalidPortfolio: it has no `start`.
    """
    # Without a budget: what the minimums are does not depend on the money.
    first = simulate_rows(from_portfolios([portfolio.model_copy(update={"budget": None})]), Strategy.MINIMUM_ONLY, 1)[0]
    cash = FromMinor(portfolio.currency)
    minimums, interest = int(first[:, MINIMUM].sum()), int(first[:, INTEREST].sum())
    total = sum((debt.balance for debt in portfolio.debts), Decimal(0))
    weighted = sum((debt.balance * apr_in(debt, portfolio.start or "") for debt in portfolio.debts), Decimal(0))
    each = repayments(portfolio)
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
        **together(portfolio, each),
        repayments=each,
        warnings=warnings_of(portfolio, first),
    )


def _utilisation(debts: list[Debt]) -> float | None:
    limits = [(debt.balance, debt.credit_limit) for debt in debts if debt.credit_limit is not None]
    if not limits:
        return None
    return float(sum(balance for balance, _ in limits) / sum(limit for _, limit in limits))
