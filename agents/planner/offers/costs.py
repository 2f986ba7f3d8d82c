"""What it costs to move a balance: the offer's own fee, and what the old lender charges for being paid early.

Units: minor units.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from agents.planner.kernel.minimums import instalments_left
from data.money import to_minor
from data.portfolio.debt import Debt
from data.portfolio.minimum_rule import FlatFee
from data.portfolio.offer import BalanceTransfer, Consolidation, Offer, Refinance
from data.portfolio.portfolio import Portfolio


@dataclass(frozen=True)
class Cost:
    """What one move costs."""

    fee: int
    charge: int


def cost_of(offer: Offer, amount: int, currency: str) -> int:
    """The offer's fee for moving so much in all: 3 % of 1,000.00 is 30.00.

    A monthly fee, as of an instalment plan, is no part of it: the new debt bears it.
    """
    if not amount or not isinstance(offer, BalanceTransfer | Consolidation | Refinance):
        return 0
    fixed = to_minor(offer.fee, currency) if isinstance(offer, Refinance) else 0
    return fixed + _rounded(amount * offer.fee_rate)


def early_charge(debt: Debt, amount: int, portfolio: Portfolio) -> int:
    """What the debt's lender charges if so much of it is paid before the first month.

    The prepayment charge on the amount, and of a flat-fee loan that refunds nothing the fees of the instalments that
    the amount takes away.
    """
    return _rounded(amount * _prepayment_rate(debt, portfolio)) + _shares_lost(debt, amount, portfolio.currency)


def least_early_charge(debt: Debt, portfolio: Portfolio) -> tuple[float, float]:
    """A line below what the lender charges, for any part that is moved: so much a unit moved, less so much.

    Of a flat-fee loan a part of an instalment, and the cents that roundings have left, may cost no fee.
    """
    rate, rule, currency = float(_prepayment_rate(debt, portfolio)), debt.minimum, portfolio.currency
    if not isinstance(rule, FlatFee) or rule.refundable:
        return rate, 1.0
    share, instalment = _flat_fee(rule, currency)
    if not instalment:
        return rate, 1.0
    balance = to_minor(debt.balance, currency)
    kept = max(balance / instalment - instalments_left(balance, instalment, rule.months), 0.0)
    return rate + share / instalment, 1.0 + share * (1.0 + rule.months / instalment + kept)


def _prepayment_rate(debt: Debt, portfolio: Portfolio) -> Decimal:
    charge = debt.prepayment
    holds = charge is not None and (charge.until is None or charge.until >= (portfolio.start or ""))
    return charge.rate if charge is not None and holds else Decimal(0)


def _shares_lost(debt: Debt, amount: int, currency: str) -> int:
    rule = debt.minimum
    if not isinstance(rule, FlatFee) or rule.refundable or not amount:
        return 0
    share, instalment = _flat_fee(rule, currency)
    balance = to_minor(debt.balance, currency)
    before = instalments_left(balance, instalment, rule.months)
    after = instalments_left(balance - amount, instalment, rule.months) if balance > amount else 0
    return (before - after) * share


def _flat_fee(rule: FlatFee, currency: str) -> tuple[int, int]:
    """The fee of a month, and the part of the principal that each instalment repays."""
    principal = to_minor(rule.principal, currency)
    return _rounded(principal * rule.fee_rate), _rounded(Decimal(principal) / rule.months)


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
