"""Debts as rows of an editable grid, and back: what a cell does not show (steps, fees, penalties) is kept as it was.

Checks nothing: the API does, and its errors are led back to row and column here.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from dashboard.asking.client import WrongField
from data.wire.task_result import Json
from data.wording.sentence import Sentence

TEXT = ("name", "kind", "minimum_type", "promo_until")
NUMBERS = ("balance", "apr", "minimum_amount", "minimum_rate", "months", "promo_apr", "credit_limit", "due_day")
COLUMNS = (
    "name",
    "kind",
    "balance",
    "apr",
    "minimum_type",
    "minimum_amount",
    "minimum_rate",
    "months",
    "promo_apr",
    "promo_until",
    "credit_limit",
    "due_day",
)
MINIMUM_TYPES = ("fixed", "percent", "interest_plus", "greatest", "level", "equal_principal", "flat_fee", "none")
MINIMUM = frozenset({"minimum_type", "minimum_amount", "minimum_rate", "months"})
PROMO = frozenset({"promo_apr", "promo_until"})
ORIGINAL = "_debt"
DEBT_PATH = re.compile(r"debts\.(\d+)(?:\.(.+))?")


def row_of(debt: Json) -> Json:
    """A debt as one row of the grid, with the debt itself beside its cells."""
    return {**_cells(debt), ORIGINAL: debt}


def frame_of(rows: list[Json]) -> pd.DataFrame:
    """The rows as the grid shows them; the same rows always give the same frame."""
    columns: dict[str, Any] = {}
    for column in COLUMNS:
        values = [row.get(column) for row in rows]
        columns[column] = pd.Series(
            values, dtype="float64" if column in NUMBERS else "object", index=range(1, len(rows) + 1)
        )
    return pd.DataFrame(columns, index=pd.RangeIndex(1, len(rows) + 1))


def edited(rows: list[Json], edits: Json) -> list[Json]:
    """The rows after what was typed, added and deleted in the grid."""
    gone = set(edits.get("deleted_rows") or [])
    changes = {int(place): cells for place, cells in (edits.get("edited_rows") or {}).items()}
    kept = [{**row, **changes.get(place, {})} for place, row in enumerate(rows) if place not in gone]
    return kept + [dict(added) for added in edits.get("added_rows") or [] if _is_filled(added)]


def debt_of(row: Json) -> Json:
    """The debt that a row stands for; only what its cells changed differs from the debt it came from."""
    debt: Json = copy.deepcopy(row.get(ORIGINAL) or {})
    before = _cells(debt) if debt else dict.fromkeys(COLUMNS)
    changed = {column for column in COLUMNS if row.get(column) != before[column]}
    for column in changed - MINIMUM - PROMO:
        debt[column] = _wire(column, row.get(column))
        if debt[column] is None:
            del debt[column]
    if changed & MINIMUM:
        debt["minimum"] = _minimum(row)
    if changed & PROMO:
        debt["promo"] = _promo(row, debt.get("promo") or {})
    return debt


def with_minimum(row: Json, rule: Json) -> Json:
    """The row with another minimum rule; one that its cells cannot show whole is kept beside them."""
    return row_of({**debt_of(row), "minimum": rule})


@dataclass(frozen=True)
class CellError:
    """What the API refuses in one cell: the row as people count, and the column if it is one of the grid's."""

    row: int
    column: str | None
    said: Sentence
    value: Any


def cell_errors(fields: list[WrongField]) -> tuple[list[CellError], list[WrongField]]:
    """The errors of debts by row and column, and those that are of no debt."""
    cells: list[CellError] = []
    rest: list[WrongField] = []
    for wrong in fields:
        found = DEBT_PATH.search(wrong.path)
        if found is None:
            rest.append(wrong)
        else:
            cells.append(CellError(int(found[1]) + 1, _column(found[2] or ""), wrong.said, wrong.value))
    return cells, rest


def _cells(debt: Json) -> Json:
    minimum, promo = debt.get("minimum") or {}, debt.get("promo") or {}
    amount, rate, months = _minimum_cells(minimum)
    return {
        "name": debt.get("name"),
        "kind": debt.get("kind", "other"),
        "balance": _number(debt.get("balance")),
        "apr": _percent(debt.get("apr")),
        "minimum_type": minimum.get("type"),
        "minimum_amount": _number(amount),
        "minimum_rate": _percent(rate),
        "months": _number(months),
        "promo_apr": _percent(promo.get("apr")),
        "promo_until": promo.get("until"),
        "credit_limit": _number(debt.get("credit_limit")),
        "due_day": _number(debt.get("due_day")),
    }


def _minimum_cells(minimum: Json) -> tuple[Any, Any, Any]:
    """Amount, rate and months of a minimum rule."""
    if minimum.get("type") == "greatest":
        rules = {rule["type"]: rule for rule in minimum.get("rules", [])}
        if set(rules) == {"fixed", "percent"} and len(minimum["rules"]) == 2:
            return rules["fixed"]["amount"], rules["percent"]["rate"], None
        return None, None, None
    amount = minimum.get("amount", minimum.get("floor", minimum.get("principal")))
    return amount, minimum.get("rate", minimum.get("fee_rate")), minimum.get("months")


def _minimum(row: Json) -> Json | None:
    """The minimum rule that the cells say; None leaves it to the API's default."""
    amount, rate, months = _wire("balance", row.get("minimum_amount")), _fraction(row.get("minimum_rate")), None
    if row.get("months") is not None:
        months = int(row["months"])
    rule = row.get("minimum_type")
    by_type: dict[str, Json] = {
        "fixed": {"amount": amount},
        "percent": {"rate": rate, "floor": amount},
        "interest_plus": {"rate": rate, "floor": amount},
        "greatest": {"rules": [{"type": "fixed", "amount": amount}, {"type": "percent", "rate": rate}]},
        "level": {"months": months},
        "equal_principal": {"months": months},
        "flat_fee": {"principal": amount, "months": months, "fee_rate": rate},
        "none": {},
    }
    if rule not in by_type:
        return (row.get(ORIGINAL) or {}).get("minimum") if rule else None
    return {"type": rule, **{name: value for name, value in by_type[rule].items() if value is not None}}


def _promo(row: Json, kept: Json) -> Json | None:
    if row.get("promo_apr") is None and not row.get("promo_until"):
        return None
    cells = {"apr": _fraction(row.get("promo_apr")), "until": row.get("promo_until")}
    return {**kept, **{name: value for name, value in cells.items() if value is not None}}


def _wire(column: str, cell: Any) -> Any:
    """A cell as the API takes it: amounts as decimal text, rates as fractions."""
    if cell is None or cell == "":
        return None
    if column == "apr":
        return _fraction(cell)
    if column == "due_day":
        return int(cell)
    return str(Decimal(str(cell))) if column in NUMBERS else cell


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _percent(rate: Any) -> float | None:
    # By the number's text: 0.07 x 100 in floats is 7.000000000000001.
    return None if rate is None else float(Decimal(str(rate)) * 100)


def _fraction(percent: Any) -> float | None:
    return None if percent is None else float(Decimal(str(percent)) / 100)


def _is_filled(row: Json) -> bool:
    return any(value not in (None, "") for value in row.values())


def _column(path: str) -> str | None:
    head, _, rest = path.partition(".")
    if head == "promo":
        return "promo_until" if rest == "until" else "promo_apr"
    if head == "minimum":
        last = rest.rpartition(".")[2]
        names = {"rate": "minimum_rate", "fee_rate": "minimum_rate", "months": "months"}
        amounts = {"amount", "floor", "principal"}
        return names.get(last, "minimum_amount" if last in amounts else "minimum_type")
    return head if head in COLUMNS else None
