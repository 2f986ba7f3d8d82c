"""The portfolio: one client's debts and the money for them, frozen, validated, no time in them."""

from __future__ import annotations

from typing import Any, Self

from pydantic import ModelWrapValidatorHandler, ValidationError, model_validator

from data.portfolio.contradictions import raise_all, raise_contradictions, refuse_contradictions
from data.portfolio.fields import PortfolioFields
from data.portfolio.value import in_minor_units


class Portfolio(PortfolioFields):
    """One client's debts and the money for them; `budget` absent means minimums only.

    Amounts are held with exactly the currency's decimals.

    Raises:
        ValidationError: naming every field that is out of range or contradicts another, all at once.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _consistent(cls, content: Any, parse: ModelWrapValidatorHandler[Self]) -> Self:
        # `wrap`, to see the raw content where fields are wrong: contradictions among the good ones are reported too.
        try:
            portfolio = parse(content)
        except ValidationError as error:
            raise_all(cls, content, error)
            raise
        raise_contradictions(portfolio)
        for field in cls.model_fields:
            # The model is frozen; this is still its construction.
            object.__setattr__(portfolio, field, in_minor_units(getattr(portfolio, field), portfolio.currency))
        return portfolio

    def starting(self, month: str) -> Portfolio:
        """The same portfolio; its plan starts in `month` where it names no start of its own.

        Raises:
            InvalidPortfolio: naming each promotion, maturity and dated amount that would lie before the plan.
        """
        if self.start is not None:
            return self
        # A copy is not validated, so the new month has to be checked against every date by hand.
        begun = self.model_copy(update={"start": month})
        refuse_contradictions(begun)
        return begun
