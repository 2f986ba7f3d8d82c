"""The annual rate of a debt in a month, as its fields say it."""

from decimal import Decimal

from data.portfolio.debt import Debt


def apr_in(debt: Debt, month: str) -> Decimal:
    """The annual rate of a debt in a month: the promotion while it lasts, then the latest step, then the base rate."""
    if debt.promo is not None and month <= debt.promo.until:
        return debt.promo.apr
    return contract_apr(debt, month)


def contract_apr(debt: Debt, month: str) -> Decimal:
    """The annual rate of a debt in a month, its promotion aside: the latest step, else the base rate."""
    steps = [step for step in debt.rate_steps if step.from_ <= month]
    return max(steps, key=lambda step: step.from_).apr if steps else debt.apr
