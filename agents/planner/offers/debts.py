"""The debts on both sides of a move: the new one that an offer makes, and the old one with what is left on it."""

from decimal import ROUND_HALF_UP, Decimal

from data.money import from_minor, round_half_up, to_minor
from data.month import shift_month
from data.portfolio.debt import Debt, DebtKind, Fees, Promo
from data.portfolio.minimum_rule import EqualPrincipal, Fixed, FlatFee, InterestOnly, InterestPlus, Level
from data.portfolio.offer import BalanceTransfer, Consolidation, Instalment, Offer, Refinance, Settlement
from data.portfolio.portfolio import Portfolio
from data.portfolio.value import Money


def debt_of_offer(offer: Offer, portfolio: Portfolio, amount: int, cost: int) -> Debt:
    """The debt that an offer makes of an amount moved, its costs charged in the first month.

    Units: amount and cost in minor units.
    """
    moved = from_minor(amount, portfolio.currency)
    fees = Fees().model_copy(update={"opening": Money(from_minor(cost, portfolio.currency))})
    if isinstance(offer, BalanceTransfer):
        return _card(offer, portfolio, moved, fees)
    if isinstance(offer, Settlement):
        return _settled(offer, portfolio, moved, fees)
    if isinstance(offer, Instalment):
        rule = FlatFee(principal=moved, months=offer.months, fee_rate=offer.fee_rate, refundable=offer.refundable)
        return Debt(name=offer.name, kind=DebtKind.INSTALMENT, balance=moved, apr=Decimal(0), minimum=rule, fees=fees)
    return _loan(offer, portfolio, moved, fees)


def _card(offer: BalanceTransfer, portfolio: Portfolio, moved: Decimal, fees: Fees) -> Debt:
    promo = None
    if offer.promo is not None:
        last = shift_month(portfolio.start or "", offer.promo.months - 1)
        promo = Promo(apr=offer.promo.apr, until=last)
    return Debt(
        name=offer.name,
        kind=DebtKind.CREDIT_CARD,
        balance=moved,
        apr=offer.apr,
        promo=promo,
        minimum=offer.minimum,
        fees=fees,
    )


def _loan(offer: Consolidation | Refinance, portfolio: Portfolio, moved: Decimal, fees: Fees) -> Debt:
    kind, recast = DebtKind.PERSONAL_LOAN, False
    if isinstance(offer, Refinance):
        kind, recast = _named(portfolio, offer.debt).kind, offer.recast
    rule = Level(months=offer.months, recast=recast)
    return Debt(name=offer.name, kind=kind, balance=moved, apr=offer.apr, minimum=rule, fees=fees)


def _settled(offer: Settlement, portfolio: Portfolio, moved: Decimal, fees: Fees) -> Debt:
    """Missed, a settlement lapses: what was forgiven is owed again, and bears interest at the debt's own rate."""
    debt = _named(portfolio, offer.debt)
    share = round_half_up(moved * offer.share, portfolio.currency)
    return Debt(
        name=offer.name,
        kind=debt.kind,
        balance=share,
        apr=Decimal(0),
        # No interest until then, and the whole share at once.
        minimum=InterestOnly(until=offer.by),
        fees=fees.model_copy(update={"late": Money(moved - share)}),
        penalty_apr=debt.apr,
    )


def _named(portfolio: Portfolio, name: str) -> Debt:
    return next(debt for debt in portfolio.debts if debt.name == name)


def what_is_left(debt: Debt, moved: int, first_minimum: int, currency: str) -> Debt:
    """The debt with so much less owed; its instalment stays, so that its term is the shorter (缩短年限).

    A level loan that recasts (减少月供) spreads what is left over its months. Units: minor units.
    """
    if not moved:
        return debt
    left = from_minor(to_minor(debt.balance, currency) - moved, currency)
    rule = debt.minimum
    if left and isinstance(rule, Level) and not rule.recast:
        rule = Fixed.model_construct(
            amount=Money(from_minor(first_minimum, currency))
        )  # it may pass what a client may say
    elif left and isinstance(rule, EqualPrincipal):
        # The part of principal stays as agreed: fewer months, not smaller parts.
        part = (debt.balance / rule.months).quantize(debt.balance, rounding=ROUND_HALF_UP)
        rule = InterestPlus(rate=Decimal(0), add=part)
    return debt.model_copy(update={"balance": left, "minimum": rule})
