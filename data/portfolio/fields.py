"""The fields of a portfolio, each right by itself: what `data/portfolio/contradictions.py` looks through.

`data/portfolio/portfolio.py` adds that they agree with each other.
"""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from data.money import is_currency
from data.month import Month
from data.portfolio.budget import Budget
from data.portfolio.debt import Debt
from data.portfolio.offer import Offer
from data.portfolio.value import Amount, Name, Value
from data.wording.sentence import Refused, say


def _known_currency(code: str) -> str:
    if not is_currency(code):
        raise Refused(say("not_iso_4217", value=code))
    return code


class PortfolioFields(Value):
    """One client's debts and the money for them, not yet held against each other.

    Attributes:
        id: your own id of it; it comes back as it is.
        currency: the currency of every amount in it, by its ISO 4217 code.
        start: the first planned month; null is this month.
        income: the household's income a month, after taxes; null where it is not known.
        budget: the money for debts; null means that only the minimums are paid.
        debts: what is owed, 1 to 100 debts.
        offers: what lenders offer instead; the optimal plan takes what pays.
        custom_order: the names of debts in the order in which the strategy `custom` pays them.
    """

    id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)] | None = None
    currency: Annotated[
        str, Field(max_length=80, json_schema_extra={"pattern": "^[A-Z]{3}$"}), AfterValidator(_known_currency)
    ] = "USD"
    start: Month | None = None
    income: Amount | None = None
    budget: Budget | None = None
    debts: Annotated[list[Debt], Field(min_length=1, max_length=100)]
    offers: list[Offer] = Field(default_factory=list[Offer], max_length=20)
    custom_order: list[Name] | None = None
