"""What regulators want borrowers told: the cost of paying the minimum only, and what a flat fee truly costs.

- Paying the minimum only, in months and in money, beside the level payment that clears the debt in 36 months
  (12 CFR 1026.7(b)(12), Appendices M1 and M2):

      A = P i / (1 - (1 + i)^-36),   i = the mean of the rates of the next 36 months / 12,

  which for a promotional rate of m months is M2's average, m/36 of one and 1 - m/36 of the other; several balances
  weigh by their amounts. Appendix M1 leaves fees aside; here the minimums pay them, and 36 months bear their own.
- Persistent debt: over 18 months, interest, fees and charges are more than the principal repaid; balances that fall
  below 200 pounds are no such debt (FCA Handbook, CONC 6.7.27R).
- The true annual rate of an instalment loan with a flat fee (等本等费): the internal rate of return of P repaid by
  n payments of P/n + P f.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any

from agents.planner.arrays.rates import apr_in
from agents.planner.arrays.schedule import FromMinor
from agents.planner.kernel.layout import CLOSING, FEES, INTEREST, PAID_OFF, PAYMENT
from agents.planner.measures.alone import minimum_results
from agents.planner.measures.apr import annual_rate
from data.answers.apr import Advance, AnnualRate, RatePayment, RateQuestion
from data.answers.health import Repayment
from data.arrays import Ints
from data.money import round_half_up
from data.month import shift_month
from data.portfolio.debt import Debt, DebtKind
from data.portfolio.minimum_rule import FlatFee
from data.portfolio.portfolio import Portfolio

MONTHS = 36
PERSISTENT_MONTHS = 18
REVOLVING_CREDIT = frozenset({DebtKind.CREDIT_CARD, DebtKind.LINE_OF_CREDIT})
TOO_SMALL = {"GBP": 200_00}  # minor units below which CONC 6.7.27R sees no persistent debt


def flat_fee_rate(fee_rate: Decimal, months: int) -> AnnualRate:
    """The true annual rate of a loan repaid in equal parts with a fee on the original principal each month.

    >>> round(flat_fee_rate(Decimal("0.006"), 12).apr, 4)
    0.1303
    """
    # With as much lent as there are months, each instalment repays exactly 1.
    lent = Advance(amount=Decimal(months), at=0)
    paid = RatePayment(amount=1 + months * fee_rate, at=1, count=months)
    return annual_rate(RateQuestion(method="irr", periods_per_year=12, advances=[lent], payments=[paid]))


def true_apr(debt: Debt) -> Decimal | None:
    """The true annual rate of an instalment loan with a flat fee, and what it bears besides; None for other debts."""
    rule = debt.minimum
    if not isinstance(rule, FlatFee):
        return None
    # By its text: a float's own digits would go on for fifty places.
    return debt.apr + Decimal(str(flat_fee_rate(rule.fee_rate, rule.months).apr))


def payment_36(debts: Sequence[Debt], start: str, currency: str) -> Decimal:
    """The level payment that clears balances and interest in 36 months, rounded once; 0 where nothing is owed."""
    owed = sum((debt.balance for debt in debts), Decimal(0))
    if not owed:
        return round_half_up(owed, currency)
    with localcontext() as context:
        # Enough digits that powers of 36 do not reach the cent.
        context.prec = 50
        i = sum((debt.balance * _mean_apr(debt, start) for debt in debts), Decimal(0)) / owed / 12
        return round_half_up(owed * i / (1 - (1 + i) ** -MONTHS) if i else owed / MONTHS, currency)


def _mean_apr(debt: Debt, start: str) -> Decimal:
    return sum((apr_in(debt, shift_month(start, month)) for month in range(MONTHS)), Decimal(0)) / MONTHS


def repayments(portfolio: Portfolio) -> list[Repayment]:
    """Paying the minimums only, beside 36 level payments, for each debt that owes something."""
    owing = [debt for debt in portfolio.debts if debt.balance]
    if not owing:
        return []
    ends = minimum_results(portfolio, owing)
    soon = minimum_results(portfolio, owing, months=MONTHS)
    return [_repayment(portfolio, *each) for each in zip(owing, ends, soon, strict=True)]


def _repayment(portfolio: Portfolio, debt: Debt, end: Any, soon: Any) -> Repayment:
    cash = FromMinor(portfolio.currency)
    is_paid_off = int(end["status"]) == PAID_OFF
    total = cash(int(end["paid"])) if is_paid_off else None
    level = payment_36([debt], portfolio.start or "", portfolio.currency)
    total_36 = level * MONTHS + cash(int(soon["fees"]))
    rate = true_apr(debt)
    return Repayment(
        debt=debt.name,
        minimum_months=int(end["months"]) if is_paid_off else None,
        minimum_total=total,
        payment_36=level,
        total_36=total_36,
        savings_36=None if total is None else total - total_36,
        true_apr=None if rate is None else float(rate),
    )


def together(portfolio: Portfolio, each: Sequence[Repayment]) -> dict[str, Any]:
    """The measures of all debts, by their names in `Health`."""
    level = payment_36(portfolio.debts, portfolio.start or "", portfolio.currency)
    total_36 = level * MONTHS + sum((one.total_36 - one.payment_36 * MONTHS for one in each), Decimal(0))
    months = [one.minimum_months for one in each if one.minimum_months is not None]
    totals = [one.minimum_total for one in each if one.minimum_total is not None]
    # Nothing, in the currency's decimals.
    total = sum(totals, 0 * level) if len(totals) == len(each) else None
    return {
        "minimum_months": max(months, default=0) if total is not None else None,
        "minimum_total": total,
        "payment_36": level,
        "savings_36": None if total is None else total - total_36,
    }


def cost_and_principal(rows: Ints) -> tuple[int, int]:
    """Interest, fees and charges of some months, and the principal repaid in them (less than 0 where it grew).

    Shapes: rows (month, 6).
    """
    cost = int(rows[:, INTEREST].sum() + rows[:, FEES].sum())
    return cost, int(rows[:, PAYMENT].sum()) - cost


def is_persistent(rows: Ints, currency: str) -> bool:
    """True where 18 months of a debt cost more than they repay.

    Shapes: rows (month, 6).
    """
    cost, principal = cost_and_principal(rows)
    return cost > principal and int(rows[:, CLOSING].min()) >= max(TOO_SMALL.get(currency, 0), 1)
