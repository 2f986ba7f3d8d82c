"""Portfolios as a CSV that `read_portfolios` reads back to the same portfolios.

Text that a spreadsheet would run as a formula is guarded by an apostrophe, numbers never are. What a table of debts
cannot hold is refused by name rather than left out.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from data.errors import FieldError, InvalidPortfolio
from data.files.cells.text import guarded_text
from data.files.columns.column_names import COLUMNS
from data.month import month_index
from data.portfolio.debt import Debt, Promo
from data.portfolio.portfolio import Portfolio
from data.wording.sentence import say

RowCells = dict[str, str]

ALWAYS = ("name", "kind", "balance", "apr")
TEMPLATE_COLUMNS = (
    *("name", "kind", "balance", "apr", "minimum", "minimum_rate", "minimum_floor", "months_left", "promo_apr"),
    *("promo_until", "credit_limit", "due_day", "annual_fee", "late_fee", "monthly_budget", "currency", "income"),
)
IN_JSON = say("not_in_a_table")
DEBT_FIELDS = ("day_basis", "month_length", "rate_steps", "penalty_apr", "penalty_months", "prepayment", "agreed")
BUDGET_FIELDS = ("mode", "changes", "lump_sums", "yearly_raise", "paydays")


def portfolios_to_csv(portfolios: Sequence[Portfolio]) -> str:
    """The portfolios as CSV text with English headers; save it with a byte order mark for Excel.

    Raises:
        InvalidPortfolio: naming every field that a table of debts cannot hold.
    """
    errors = [error for place, portfolio in enumerate(portfolios) for error in _not_in_a_table(place, portfolio)]
    errors += _unclear_ids(portfolios)
    if errors:
        raise InvalidPortfolio(say("not_for_csv", count=len(errors), path=errors[0].path), errors)
    rows = [row for portfolio in portfolios for row in _rows(portfolio)]
    used = {column for row in rows for column, cell in row.items() if cell}
    columns = [column for column in (*COLUMNS, "lender") if column in used or column in ALWAYS]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def csv_template() -> str:
    """An empty table with the columns that most debts need, to fill in."""
    return ",".join(TEMPLATE_COLUMNS) + "\r\n"


def _rows(portfolio: Portfolio) -> Iterator[RowCells]:
    shared = {
        "portfolio_id": guarded_text(portfolio.id or ""),
        "monthly_budget": _amount(portfolio.budget.monthly if portfolio.budget else None),
        "currency": portfolio.currency,
        "start": portfolio.start or "",
        "income": _amount(portfolio.income),
    }
    for debt in portfolio.debts:
        yield {**shared, **_debt_cells(debt), **_minimum_cells(debt, portfolio.start)}


def _debt_cells(debt: Debt) -> RowCells:
    flat = debt.minimum.type == "flat_fee"
    return {
        "name": guarded_text(debt.name),
        "lender": guarded_text(debt.lender or ""),
        "kind": debt.kind.value,
        "balance": _amount(debt.balance),
        # A flat-fee plan has no interest; an empty cell reads back as 0, a rate beside the fee would be refused.
        "apr": "" if flat else _percent(debt.apr),
        "accrual": "" if debt.accrual == "monthly" else debt.accrual,
        "credit_limit": _amount(debt.credit_limit),
        "due_day": "" if debt.due_day == 1 else str(debt.due_day),
        "annual_fee": _amount(debt.fees.annual or None),
        "late_fee": _amount(debt.fees.late or None),
        "monthly_fee": _amount(debt.fees.monthly or None),
        **(_promo_cells(debt.promo) if debt.promo else {}),
    }


def _promo_cells(promo: Promo) -> RowCells:
    deferred = "yes" if promo.deferred_interest else ""
    return {"promo_apr": _percent(promo.apr), "promo_until": promo.until, "promo_deferred": deferred}


def _minimum_cells(debt: Debt, start: str | None) -> RowCells:
    """The columns of a minimum rule; `minimum_type` only where the others do not tell it."""
    rule = debt.minimum
    cells: dict[str, RowCells] = {
        "fixed": {"minimum": _amount(getattr(rule, "amount", None))},
        "level": {"months_left": str(getattr(rule, "months", ""))},
        "none": {"minimum_type": "none"},
    }
    match rule.type:
        case "percent" | "interest_plus":
            return _rate_cells(rule)
        case "greatest":
            return {"minimum": _amount(getattr(rule.rules[0], "amount", None)), **_rate_cells(rule.rules[1])}
        case "equal_principal":
            return {"months_left": str(rule.months), "minimum_type": "equal_principal"}
        case "interest_only":
            months = month_index(rule.until) - month_index(start or rule.until) + 1
            return {"months_left": str(months), "minimum_type": "interest_only"}
        case "flat_fee":
            return {"months_left": str(rule.months), "fee_rate": _percent(rule.fee_rate)}
        case _:
            return cells[rule.type]


def _rate_cells(rule: Any) -> RowCells:
    kind = "" if rule.type == "percent" else rule.type
    return {"minimum_rate": _percent(rule.rate), "minimum_floor": _amount(rule.floor or None), "minimum_type": kind}


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else format(amount, "f")


# `normalize` alone would write 1E+1 for 10 %; the format with "f" writes it out.
def _percent(rate: Decimal) -> str:
    return format((rate * 100).normalize(), "f")


def _unclear_ids(portfolios: Sequence[Portfolio]) -> list[FieldError]:
    """Of several portfolios each needs an id of its own, or their rows would run together."""
    if len(portfolios) < 2:
        return []
    seen: set[str] = set()
    errors: list[FieldError] = []
    for place, portfolio in enumerate(portfolios):
        if portfolio.id is None or portfolio.id in seen:
            errors.append(FieldError(f"{place}.id", say("ids_needed"), portfolio.id))
        seen.add(portfolio.id or "")
    return errors


def _not_in_a_table(place: int, portfolio: Portfolio) -> Iterator[FieldError]:
    for field in ("offers", "custom_order"):
        if getattr(portfolio, field):
            yield FieldError(f"{place}.{field}", IN_JSON)
    if portfolio.budget is not None:
        yield from _differing(portfolio.budget, BUDGET_FIELDS, f"{place}.budget")
    for number, debt in enumerate(portfolio.debts):
        path = f"{place}.debts.{number}"
        yield from _differing(debt, DEBT_FIELDS, path)
        if debt.fees.annual_month != 1:
            yield FieldError(f"{path}.fees.annual_month", IN_JSON, debt.fees.annual_month)
        if not _minimum_fits(debt, portfolio.start):
            yield FieldError(f"{path}.minimum", IN_JSON, debt.minimum.type)


def _differing(value: Any, fields: Sequence[str], path: str) -> Iterator[FieldError]:
    for field in fields:
        # An empty list and an absent value are both the default.
        if (getattr(value, field) or None) != (
            type(value).model_fields[field].get_default(call_default_factory=True) or None
        ):
            yield FieldError(f"{path}.{field}", IN_JSON)


def _minimum_fits(debt: Debt, start: str | None) -> bool:
    rule = debt.minimum
    match rule.type:
        case "percent":
            return rule.of == "statement"
        case "interest_plus":
            return not rule.add
        case "greatest":
            return len(rule.rules) == 2 and rule.rules[0].type == "fixed" and _rated_fits(rule.rules[1])
        case "level":
            return not rule.recast
        case "interest_only":
            return start is not None and rule.then is None and month_index(rule.until) - month_index(start) < 1200
        case "flat_fee":
            return rule.principal == debt.balance and not debt.apr and not rule.refundable
        case _:
            return True


def _rated_fits(rule: Any) -> bool:
    if rule.type == "percent":
        return rule.of == "statement"
    return rule.type == "interest_plus" and not rule.add
