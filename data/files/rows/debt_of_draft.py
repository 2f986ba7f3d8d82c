"""A debt of one parsed row: which columns make which field, and what a row must say at least.

A finding of Pydantic's on a field is turned back into the row's column.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from data.files.cells.text import shortened
from data.files.columns.minimum_columns import MissingColumn, minimum_rule, unused_columns
from data.files.rows.row_draft import AMOUNTS, RATE_COLUMNS, Draft, annual_rate
from data.money import minor_digits
from data.portfolio.debt import Debt
from data.portfolio.errors_of_fields import field_sentence
from data.wording.sentence import Sentence, say

SAME_RATE = Decimal("0.00005")  # two rate columns agree within half of 0.01 %
COLUMN_OF_FIELD = {
    ("minimum", "amount"): "minimum",
    ("minimum", "rate"): "minimum_rate",
    ("minimum", "floor"): "minimum_floor",
    ("minimum", "months"): "months_left",
    ("minimum", "principal"): "balance",
    ("minimum", "fee_rate"): "fee_rate",
    ("minimum", "until"): "months_left",
    ("promo", "apr"): "promo_apr",
    ("promo", "until"): "promo_until",
    ("fees", "annual"): "annual_fee",
    ("fees", "late"): "late_fee",
    ("fees", "monthly"): "monthly_fee",
}
FEES = {"annual_fee": "annual", "late_fee": "late", "monthly_fee": "monthly"}


def debt_of_draft(draft: Draft, shared: dict[str, Any], currency: str) -> Debt | None:
    """The row's debt; none where the row is bad, with every reason in its rejects.

    Args:
        draft: the parsed row.
        shared: what the rows of its portfolio say together (`start`, for a rule that needs it).
        currency: the portfolio's, for the decimals that its amounts may have.
    """
    _check_needed(draft)
    _check_rates(draft)
    _check_decimals(draft, currency)
    fields = _fields(draft, shared)
    if draft.rejects:
        return None
    try:
        debt = Debt.model_validate(fields)
    except ValidationError as error:
        reject_findings(draft, error.errors(include_url=False))
        return None
    _warn_of_unread(draft, fields)
    return debt


def reject_findings(draft: Draft, findings: Sequence[ErrorDetails], skip: int = 0) -> None:
    """Pydantic's findings as rejects of the row; `skip` leading parts of each path lead to the debt itself."""
    for finding in findings:
        column = column_of_field(finding["loc"][skip:], draft)
        said = field_sentence(finding)
        if finding["type"] == "greater_than":
            said = said.having(or_empty=True)
        cell = draft.cells.get(column)
        if cell and finding["type"] != "contradiction":
            said = said.having(cell=shortened(cell))
        draft.reject(column, said)


def column_of_field(place: Sequence[str | int], draft: Draft) -> str:
    """The contract's column that a debt's field came from."""
    if place == ("apr",):
        return rate_column(draft) or "apr"
    return COLUMN_OF_FIELD.get((str(place[0]), str(place[-1])), str(place[0]))


def rate_column(draft: Draft) -> str | None:
    """The column that the row's rate stands in."""
    return next((column for column in RATE_COLUMNS if column in draft.cells), None)


def _check_needed(draft: Draft) -> None:
    if not draft.cells and draft.rejects:
        return  # all that the row holds stands past the header: that says enough
    is_workbook = draft.reading.sheet is not None  # in one a formula that was never calculated looks empty
    for column in ("name", "balance"):
        if column not in draft.cells:
            draft.reject(column, say("column_empty_or_unsaved" if is_workbook else "column_empty", name=column))
    if rate_column(draft) is None:
        own = next((column for column in RATE_COLUMNS if column in draft.reading.header.places), "apr")
        draft.reject(own, say("rate_empty_or_unsaved" if is_workbook else "rate_empty"))


def _check_rates(draft: Draft) -> None:
    rates = {column: annual_rate(column, draft.values) for column in RATE_COLUMNS if column in draft.values}
    first = next(iter(rates), None)
    for column, rate in rates.items():
        if first is not None and abs(rate - rates[first]) > SAME_RATE:
            here = {"value": shortened(draft.cells[column]), "yearly": _yearly(column, rate)}
            there = {"other": shortened(draft.cells[first]), "other_yearly": _yearly(first, rates[first])}
            draft.reject(column, say("rates_disagree", **here, column=first, **there))
            return


def _yearly(column: str, rate: Decimal) -> Sentence:
    percent = (Decimal(rate) * 100).normalize()
    return say("fee_without_interest") if column == "fee_rate" else say("rate_a_year", percent=percent)


def _check_decimals(draft: Draft, currency: str) -> None:
    digits = minor_digits(currency)
    for column in [column for column in draft.values if column in AMOUNTS]:  # in the file's order
        if draft.values[column].normalize().as_tuple().exponent < -digits:
            value = shortened(draft.cells[column])
            draft.reject(column, say("cell_too_precise", value=value, currency=currency, digits=digits))


def _fields(draft: Draft, shared: dict[str, Any]) -> dict[str, Any]:
    values = draft.values
    rate = next((column for column in RATE_COLUMNS if column in values), None)
    direct = ("name", "kind", "balance", "lender", "credit_limit", "due_day")
    return {
        **{column: values[column] for column in direct if column in values},
        "apr": annual_rate(rate, values) if rate else 0,
        "accrual": values.get("accrual", "daily" if "daily_rate" in values else "monthly"),
        "minimum": _minimum(draft, shared),
        "promo": _promo(draft, shared),
        "fees": {FEES[column]: values[column] for column in FEES if column in values},
    }


def _minimum(draft: Draft, shared: dict[str, Any]) -> dict[str, Any] | None:
    if draft.rejects:
        return None
    try:
        return minimum_rule({**shared, **draft.values})
    except MissingColumn as error:
        draft.reject(error.column, error.said)
        return None


def _promo(draft: Draft, shared: dict[str, Any]) -> dict[str, Any] | None:
    needed = ("promo_apr", "promo_until")
    missing = [column for column in needed if column not in draft.cells]
    if len(missing) == len(needed):
        if draft.values.get("promo_deferred"):
            draft.reject("promo_apr", say("promo_deferred_alone"))
        return None
    for column in missing:
        draft.reject(column, say("promo_incomplete", name=column))
    values, this_month = draft.values, draft.reading.this_month
    if this_month is not None and "start" not in shared and values.get("promo_until", this_month) < this_month:
        draft.warn("promo_until", say("promo_left_out", month=this_month))
        return None
    deferred = values.get("promo_deferred", False)
    return {"apr": values.get("promo_apr"), "until": values.get("promo_until"), "deferred_interest": deferred}


def _warn_of_unread(draft: Draft, fields: dict[str, Any]) -> None:
    if "fee_rate" in draft.values and fields["minimum"]["type"] == "flat_fee":
        draft.warn("balance", say("balance_as_principal"))
    for column in unused_columns(draft.values, fields["minimum"]):
        draft.warn(column, say("column_unused", name=column, minimum=fields["minimum"]["type"]))
