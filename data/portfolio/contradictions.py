"""What is wrong with a portfolio beyond its single fields: every contradiction at once, each with its path.

Where single fields are wrong too, what can be read of the portfolio is looked at: what is unknown contradicts nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from data.errors import FieldError, InvalidPortfolio
from data.money import minor_digits
from data.portfolio.budget import Budget
from data.portfolio.contradictions_of_offers import offer_contradictions
from data.portfolio.debt import Debt
from data.portfolio.field_findings import Finding, raise_findings
from data.portfolio.fields import PortfolioFields
from data.portfolio.partly_read import errors_of_entries, is_known, kind_of, partly_read
from data.portfolio.value import Value
from data.wording.sentence import say

FieldPath = tuple[str | int, ...]


def raise_contradictions(portfolio: PortfolioFields) -> None:
    """Refuse a portfolio whose fields contradict each other.

    Raises:
        ValidationError: with one entry for each contradiction, at the path of its field.
    """
    raise_findings("Portfolio", list(contradictions(portfolio)))


def refuse_contradictions(portfolio: PortfolioFields) -> None:
    """Refuse a portfolio that was right until its start became known.

    Raises:
        InvalidPortfolio: naming every field that contradicts another.
    """
    found = contradictions(portfolio)
    errors = [FieldError(".".join(map(str, path)), said, str(value)) for path, said, value in found]
    if errors:
        raise InvalidPortfolio(say("at_field", path=errors[0].path, said=errors[0].said), errors)


def raise_all(model: type[PortfolioFields], content: Any, error: ValidationError) -> None:
    """Refuse a portfolio for its wrong fields, and for the contradictions between those that can be read.

    Raises:
        ValidationError: with one entry for each.
    """
    wrong = list(_of_fields(model, content, error))
    found = contradictions(partly_read(model, content)) if isinstance(content, dict) else ()
    raise_findings("Portfolio", [one for one in found if is_known(one[2])], wrong)


def _of_fields(model: type[PortfolioFields], content: Any, error: ValidationError) -> Iterator[ErrorDetails]:
    for entry in error.errors(include_url=False):
        yield entry
        if entry["type"] == "too_long" and len(entry["loc"]) == 1:  # its entries have not been looked at
            name = str(entry["loc"][0])
            for inner in errors_of_entries(kind_of(model.model_fields[name]), content[name]):
                yield {**inner, "loc": (name, *inner["loc"])}


def contradictions(portfolio: PortfolioFields) -> Iterator[Finding]:
    """Each contradiction as its path, what to mend, and the value."""
    if is_known(portfolio.currency):
        yield from too_many_decimals((), portfolio, minor_digits(portfolio.currency), portfolio.currency)
    yield from _repeated_names(portfolio)
    names = {debt.name for debt in portfolio.debts}
    for place, debt in enumerate(portfolio.debts):
        yield from debt_contradictions(("debts", place), debt, portfolio.start)
    if portfolio.budget is not None:
        yield from _of_budget(portfolio.budget, names, portfolio.start)
    yield from offer_contradictions(portfolio)
    for place, name in enumerate(portfolio.custom_order or []):
        if is_known(name) and name not in names:
            yield ("custom_order", place), say("no_such_debt", name=name), name
    for name, count in Counter(portfolio.custom_order or []).items():
        if count > 1:
            yield ("custom_order",), say("order_repeats", name=name, count=count), name


def too_many_decimals(path: FieldPath, value: Any, digits: int, currency: str) -> Iterator[Finding]:
    """Each amount in a value that has more decimals than its currency."""
    # Rates are Decimals too, but only amounts have the decimals of a currency.
    if type(value).__name__ == "Money":
        if -_exponent(value) > digits:
            yield path, say("amount_too_precise", amount=str(value), currency=currency, digits=digits), str(value)
    elif isinstance(value, list):
        for place, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            yield from too_many_decimals((*path, place), item, digits, currency)
    # Through every model and list: an amount may stand anywhere, and new fields are found without a change here.
    elif isinstance(value, Value):
        for name, field in type(value).model_fields.items():
            yield from too_many_decimals((*path, field.alias or name), getattr(value, name), digits, currency)


def _exponent(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _repeated_names(portfolio: PortfolioFields) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for place, debt in enumerate(portfolio.debts):
        if debt.name in seen:
            taken = say("name_taken", name=debt.name, place=f"debts.{seen[debt.name]}")
            yield ("debts", place, "name"), taken, debt.name
        seen.setdefault(debt.name, place)


def debt_contradictions(path: FieldPath, debt: Debt, start: str | None) -> Iterator[Finding]:
    """What is wrong with a debt by itself."""
    if debt.promo is not None and start is not None and debt.promo.until < start:
        yield (*path, "promo", "until"), say("promo_over", start=start), debt.promo.until
    months = [step.from_ for step in debt.rate_steps]
    if len(set(months)) < len(months):
        yield (*path, "rate_steps"), say("rate_steps_collide"), months
    if debt.minimum.type == "interest_only" and start is not None and debt.minimum.until < start:
        yield (*path, "minimum", "until"), say("before_start", start=start), debt.minimum.until
    if (
        debt.minimum.type == "interest_only"
        and debt.minimum.then is not None
        and debt.minimum.then.type == "interest_only"
    ):
        yield (*path, "minimum", "then"), say("interest_only_twice"), "interest_only"
    if debt.penalty_months is not None and debt.penalty_apr is None:
        yield (*path, "penalty_months"), say("penalty_apr_missing"), debt.penalty_months


def _of_budget(budget: Budget, names: set[str], start: str | None) -> Iterator[Finding]:
    if budget.monthly is None and budget.paydays is None:
        yield ("budget", "monthly"), say("budget_empty"), None
    months = [change.from_ for change in budget.changes]
    if len(set(months)) < len(months):
        yield ("budget", "changes"), say("changes_collide"), months
    for place, lump in enumerate(budget.lump_sums):
        if lump.debt is not None and is_known(lump.debt) and lump.debt not in names:
            yield ("budget", "lump_sums", place, "debt"), say("no_such_debt", name=lump.debt), lump.debt
        if start is not None and lump.month < start:
            yield (
                ("budget", "lump_sums", place, "month"),
                say("before_start", start=start),
                lump.month,
            )
