"""One row of a table, its cells parsed by what their columns mean; every bad cell is found at once.

Works on any slice of any file's rows, given their header and spreadsheet numbers.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from data.files.cells.amount import parse_amount, parse_count
from data.files.cells.month import parse_month_cell
from data.files.cells.rate import PERIODS_A_YEAR, Period, parse_rate
from data.files.cells.text import (
    BadCell,
    is_blank,
    is_total_label,
    plain_value,
    shortened,
    unguarded_text,
    visible_text,
)
from data.files.columns.debt_kinds import kind_named, minimum_type_named
from data.files.columns.header import Header
from data.money import is_currency
from data.portfolio.debt import DebtKind
from data.wire.import_result import ImportWarning, Reject
from data.wording.sentence import Sentence, say

AMOUNTS = frozenset(
    {"balance", "minimum", "minimum_floor", "credit_limit", "annual_fee", "late_fee", "monthly_fee"}
    | {"monthly_budget", "income"}
)
RATE_COLUMNS: dict[str, Period] = {"apr": "year", "daily_rate": "day", "monthly_rate": "month", "fee_rate": "month"}
RATES: dict[str, Period] = {**RATE_COLUMNS, "promo_apr": "year", "minimum_rate": "year"}
CURRENCY_WORDS = {
    "元": "CNY",
    "人民币": "CNY",
    "RMB": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "英镑": "GBP",
    "日元": "JPY",
}
TRUTHS = {"true": True, "yes": True, "是": True, "1": True, "false": False, "no": False, "否": False, "0": False}
ACCRUALS = frozenset({"monthly", "daily", "daily_compounded"})
LONGEST_VALUE = 200  # characters of a bad cell that a reject repeats


@dataclass(frozen=True)
class SheetReading:
    """How the rows of one sheet are read.

    Attributes:
        header: what each cell means.
        file_id: the portfolio's id where the header has no column for it.
        comma_decimal: 12,50 is twelve and a half (`needs_comma_decimal` finds out).
        sheet: its name in the workbook.
        this_month: when a plan starts that names no start; a promotion that ended before it is left out.
        faults: rows that could not be cut into cells as they were meant, and why.
    """

    header: Header
    file_id: str | None = None
    comma_decimal: bool = False
    sheet: str | None = None
    this_month: str | None = None
    faults: dict[int, Sentence] = field(default_factory=dict[int, Sentence])


@dataclass
class Draft:
    """One row that holds a debt, or tries to.

    Attributes:
        cells: column -> the cell as it came, of those not blank.
        values: column -> what it says, of those that say it rightly.
        rejects: what is wrong with the row. warnings: what is odd about it.
    """

    row: int
    reading: SheetReading
    cells: dict[str, str] = field(default_factory=dict[str, str])
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    rejects: list[Reject] = field(default_factory=list[Reject])
    warnings: list[ImportWarning] = field(default_factory=list[ImportWarning])

    def reject(self, column: str | None, said: Sentence, value: str | None = None) -> None:
        """Note that the row is bad; the reason quotes the file's own header."""
        place = self.reading.header.places.get(column or "")
        if place is not None:
            said = said.having(header=shortened(self.reading.header.cells[place]))
        cell = self.cells.get(column or "") if value is None else value
        short = cell if cell is None or len(cell) <= LONGEST_VALUE else cell[: LONGEST_VALUE - 1] + "…"
        sheet = self.reading.sheet
        self.rejects.append(Reject.of(said, row=self.row, column=column, value=short, sheet=sheet))

    def warn(self, column: str | None, said: Sentence) -> None:
        """Note something the reader should know of the row."""
        self.warnings.append(ImportWarning.of(said, row=self.row, column=column, sheet=self.reading.sheet))


def drafts_of_rows(
    rows: Iterable[tuple[int, Sequence[str]]], reading: SheetReading
) -> tuple[list[Draft], list[ImportWarning]]:
    """Every row below the header that is neither blank nor a total, and a warning for each total."""
    drafts: list[Draft] = []
    warnings: list[ImportWarning] = []
    for row, cells in rows:
        first = next((cell for cell in cells if not is_blank(cell)), None)
        if row <= reading.header.row or first is None:
            continue
        if is_total_label(first):
            said = say("row_of_sums", value=shortened(first))
            warnings.append(ImportWarning.of(said, row=row, sheet=reading.sheet))
        else:
            drafts.append(draft_of_row(row, cells, reading))
    return drafts, warnings


def draft_of_row(row: int, cells: Sequence[str], reading: SheetReading) -> Draft:
    """The row's cells, each parsed by its column; wrong ones are in its rejects."""
    header = reading.header
    found = {column: cells[place] for column, place in header.places.items() if place < len(cells)}
    draft = Draft(row, reading, {column: cell.strip() for column, cell in found.items() if not is_blank(cell)})
    past = next((cell for cell in cells[header.width :] if not is_blank(cell)), None)
    if row in reading.faults:
        draft.reject(None, reading.faults[row])
    if past is not None:
        draft.reject(None, say("cell_past_header"), past.strip())
    for column, cell in draft.cells.items():
        try:
            draft.values[column] = _parse(column, cell, draft)
        except BadCell as error:
            draft.reject(column, error.said)
    return draft


def _parse(column: str, cell: str, draft: Draft) -> Any:
    reading = draft.reading
    if column in AMOUNTS:
        unit = reading.header.multiple(column)
        return parse_amount(cell, comma_decimal=reading.comma_decimal, unit=unit)
    if column in RATES:
        period, sign = RATES[column], reading.header.rate_sign(column)
        return parse_rate(cell, period=period, comma_decimal=reading.comma_decimal, sign=sign)
    return _PARSERS[column](cell, draft)


def annual_rate(column: str, values: dict[str, Any]) -> Any:
    """A rate column's rate a year; a fee rate is a fee, no interest."""
    return 0 if column == "fee_rate" else values[column] * PERIODS_A_YEAR[RATE_COLUMNS[column]]


def _text(cell: str, draft: Draft) -> str:
    text = visible_text(cell)
    if text != cell.strip():
        draft.warn(_column_of(cell, draft), say("characters_taken_out", value=shortened(text)))
    return unguarded_text(text)


def _column_of(cell: str, draft: Draft) -> str | None:
    return next((column for column, own in draft.cells.items() if own is cell), None)


def _kind(cell: str, draft: Draft) -> DebtKind:
    kind = kind_named(cell)
    if kind is None:
        draft.warn("kind", say("unknown_kind", value=shortened(cell)))
    return kind or DebtKind.OTHER


def _currency(cell: str, _: Draft) -> str:
    word = plain_value(cell).upper()
    code = CURRENCY_WORDS.get(word, word)
    if not is_currency(code):
        raise BadCell(say("not_a_currency", value=shortened(cell)))
    return code


def _minimum_type(cell: str, _: Draft) -> str:
    rule = minimum_type_named(cell)
    if rule is None:
        raise BadCell(say("not_a_minimum_type", value=shortened(cell)))
    return rule


def _accrual(cell: str, _: Draft) -> str:
    word = cell.strip().casefold().replace(" ", "_")
    if word not in ACCRUALS:
        raise BadCell(say("not_an_accrual", value=shortened(cell)))
    return word


def _truth(cell: str, _: Draft) -> bool:
    word = plain_value(cell).casefold()
    if word not in TRUTHS:
        raise BadCell(say("neither_yes_nor_no", value=shortened(cell)))
    return TRUTHS[word]


_PARSERS: dict[str, Callable[[str, Draft], Any]] = {
    "portfolio_id": _text,
    "name": _text,
    "lender": _text,
    "kind": _kind,
    "currency": _currency,
    "minimum_type": _minimum_type,
    "accrual": _accrual,
    "promo_deferred": _truth,
    "months_left": lambda cell, _: parse_count(cell),
    "due_day": lambda cell, _: parse_count(cell),
    "promo_until": lambda cell, _: parse_month_cell(cell),
    "start": lambda cell, _: parse_month_cell(cell),
}
