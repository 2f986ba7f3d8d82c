"""What is wrong with a portfolio's offers beyond their single fields: each contradiction with its path.

Knows nothing of whether an offer is worth taking.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from data.money import display_money
from data.portfolio.fields import PortfolioFields
from data.portfolio.offer import BalanceTransfer, Consolidation, Instalment, Offer
from data.portfolio.partly_read import is_known

FAR_ABOVE = 5  # times what is owed: a lender's limit may be generous, but a slipped decimal point is caught
Finding = tuple[tuple[str | int, ...], str, Any]


def offer_contradictions(portfolio: PortfolioFields) -> Iterator[Finding]:
    """Each contradiction as its path, what to mend, and the value."""
    yield from _names(portfolio)
    balances = {debt.name: debt.balance for debt in portfolio.debts}
    for place, offer in enumerate(portfolio.offers):
        yield from _source(("offers", place), offer, balances)
        yield from _size(("offers", place), offer, portfolio)
        if offer.type == "settlement" and portfolio.start is not None and offer.by < portfolio.start:
            yield ("offers", place, "by"), f"this month lies before the plan's start ({portfolio.start})", offer.by


def _names(portfolio: PortfolioFields) -> Iterator[Finding]:
    seen = {debt.name: f"debts.{place}" for place, debt in reversed(list(enumerate(portfolio.debts)))}
    for place, offer in enumerate(portfolio.offers):
        if offer.name in seen:
            yield ("offers", place, "name"), f'"{offer.name}" is already the name of {seen[offer.name]}', offer.name
        seen.setdefault(offer.name, f"offers.{place}")


def _source(path: tuple[str | int, ...], offer: Offer, balances: dict[str, Decimal]) -> Iterator[Finding]:
    if isinstance(offer, BalanceTransfer | Consolidation) or not is_known(offer.debt):
        return
    if offer.debt not in balances:
        yield (*path, "debt"), f'no debt is named "{offer.debt}"', offer.debt
    elif not balances[offer.debt]:
        yield (*path, "debt"), f'nothing is owed on "{offer.debt}"', offer.debt


def _size(path: tuple[str | int, ...], offer: Offer, portfolio: PortfolioFields) -> Iterator[Finding]:
    """A limit above what is owed only bounds; one far above it, or one on a single debt, is a mistake."""
    if isinstance(offer, Instalment):
        most = next((debt.balance for debt in portfolio.debts if debt.name == offer.debt), None)
        if offer.limit is not None and most is not None and offer.limit > most:
            told = f'"{offer.debt}" comes to {_shown(most, portfolio)}; an offer moves no more than is owed'
            yield (*path, "limit"), told, str(offer.limit)
    elif isinstance(offer, BalanceTransfer | Consolidation):
        field, limit = ("limit", offer.limit) if isinstance(offer, BalanceTransfer) else ("amount", offer.amount)
        known = [debt.balance for debt in portfolio.debts if is_known(debt.balance)]
        owed = sum(known, Decimal(0))
        if known and limit > FAR_ABOVE * owed:
            those = "the debts" if len(known) == len(portfolio.debts) else "the debts whose balance can be read"
            told = f"{those} come to {_shown(owed, portfolio)}; an offer is at most {FAR_ABOVE} times as large"
            yield (*path, field), told, str(limit)


def _shown(amount: Decimal, portfolio: PortfolioFields) -> str:
    return display_money(amount, portfolio.currency) if is_known(portfolio.currency) else str(amount)
