"""What is wrong with a portfolio's offers beyond their single fields: each contradiction with its path."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from data.portfolio.field_findings import Finding
from data.portfolio.fields import PortfolioFields
from data.portfolio.offer import BalanceTransfer, Consolidation, Instalment, Offer
from data.portfolio.partly_read import is_known
from data.wording.sentence import Sentence, say

FAR_ABOVE = 5  # times what is owed: a lender's limit may be generous, but a slipped decimal point is caught


def offer_contradictions(portfolio: PortfolioFields) -> Iterator[Finding]:
    """Each contradiction as its path, what to mend, and the value."""
    yield from _names(portfolio)
    balances = {debt.name: debt.balance for debt in portfolio.debts}
    for place, offer in enumerate(portfolio.offers):
        yield from _source(("offers", place), offer, balances)
        yield from _size(("offers", place), offer, portfolio)
        if offer.type == "settlement" and portfolio.start is not None and offer.by < portfolio.start:
            yield ("offers", place, "by"), say("before_start", start=portfolio.start), offer.by


def _names(portfolio: PortfolioFields) -> Iterator[Finding]:
    # Reversed, so that of two debts with one name the first is told.
    seen = {debt.name: f"debts.{place}" for place, debt in reversed(list(enumerate(portfolio.debts)))}
    for place, offer in enumerate(portfolio.offers):
        if offer.name in seen:
            yield ("offers", place, "name"), say("name_taken", name=offer.name, place=seen[offer.name]), offer.name
        seen.setdefault(offer.name, f"offers.{place}")


def _source(path: tuple[str | int, ...], offer: Offer, balances: dict[str, Decimal]) -> Iterator[Finding]:
    if isinstance(offer, BalanceTransfer | Consolidation) or not is_known(offer.debt):
        return
    if offer.debt not in balances:
        yield (*path, "debt"), say("no_such_debt", name=offer.debt), offer.debt
    elif not balances[offer.debt]:
        yield (*path, "debt"), say("nothing_owed", name=offer.debt), offer.debt


def _size(path: tuple[str | int, ...], offer: Offer, portfolio: PortfolioFields) -> Iterator[Finding]:
    """A limit above what is owed only bounds; one far above it, or one on a single debt, is a mistake."""
    if isinstance(offer, Instalment):
        most = next((debt.balance for debt in portfolio.debts if debt.name == offer.debt), None)
        if offer.limit is not None and most is not None and offer.limit > most:
            said = _of_what_is_owed("offer_above_debt", most, portfolio).having(name=offer.debt)
            yield (*path, "limit"), said, str(offer.limit)
    elif isinstance(offer, BalanceTransfer | Consolidation):
        field, limit = ("limit", offer.limit) if isinstance(offer, BalanceTransfer) else ("amount", offer.amount)
        known = [debt.balance for debt in portfolio.debts if is_known(debt.balance)]
        owed = sum(known, Decimal(0))
        if known and limit > FAR_ABOVE * owed:
            is_whole = len(known) == len(portfolio.debts)
            code = "offer_far_above_debts" if is_whole else "offer_far_above_known_debts"
            yield (*path, field), _of_what_is_owed(code, owed, portfolio).having(times=FAR_ABOVE), str(limit)


def _of_what_is_owed(code: str, owed: Decimal, portfolio: PortfolioFields) -> Sentence:
    """A sentence with what is owed; as a bare number where its currency is not known."""
    said = say(code, owed=owed)
    return said.having(currency=portfolio.currency) if is_known(portfolio.currency) else said
