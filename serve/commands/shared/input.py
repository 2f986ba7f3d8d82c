"""What the commands are given: portfolios from a file or standard input; JSON is told from CSV and Excel by content."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from data.errors import FieldError, InvalidPortfolio, UnreadableFile
from data.files.cells.amount import parse_amount
from data.files.cells.text import BadCell, visible_text
from data.files.portfolio_json import read_portfolio_json, with_monthly_budget
from data.month import parse_month
from data.portfolio.portfolio import Portfolio
from data.wire.import_result import ImportResult
from data.wording.sentence import say

if TYPE_CHECKING:
    from data.files.import_file import ImportInPieces

STANDARD_INPUT = "-"
NAMED = 8


def read(file: str, first_month: str | None = None) -> ImportResult:
    """Everything a file says: its portfolios, the rows it cannot use, and warnings.

    `first_month` is when a plan starts whose portfolio names no start; without it, now.
    """
    content = content_of(file)
    if _is_json(content):
        return ImportResult(portfolios=[read_portfolio_json(content)], rejects=[], warnings=[])
    from data.files.portfolio_file import read_portfolios  # noqa: PLC0415 (a tenth of a second that JSON need not wait)

    return read_portfolios(content, _name(file), first_month or _now())


def imported(file: str) -> "ImportInPieces":
    """The same as an import that can be written piece by piece, however large the file."""
    from data.files.import_file import RowByRow, import_file  # noqa: PLC0415 (as above)

    content = content_of(file)
    if _is_json(content):
        return RowByRow(ImportResult(portfolios=[read_portfolio_json(content)]))
    return import_file(content, _name(file), _now())


def _is_json(content: bytes) -> bool:
    # A byte order mark and blanks may come first.
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _name(file: str) -> str:
    return "standard-input.csv" if file == STANDARD_INPUT else Path(file).name


def content_of(file: str) -> bytes:
    """The bytes of a file, or of standard input."""
    return _standard_input() if file == STANDARD_INPUT else Path(file).read_bytes()


def _standard_input() -> bytes:
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison] (so it is where a parent closed it)
        raise UnreadableFile(say("input_closed"))
    return sys.stdin.buffer.read()


def read_one(file: str, which: str | None, start: str | None) -> Portfolio:
    """The one portfolio to work on, with its first month; bad rows and warnings are told on standard error.

    Raises:
        InvalidPortfolio: none is usable, or there are several and `which` does not choose one of them.
    """
    first_month = _month(start) if start else _now()
    result = read(file, first_month)
    if not result.portfolios:
        raise InvalidPortfolio(say("no_usable_row"), _rows_to_mend(result))
    # Told before the choice: bad rows are wanted even where the choice fails.
    tell_rows(result)
    return choose(result.portfolios, which).starting(first_month)


def _rows_to_mend(result: ImportResult) -> list[FieldError]:
    return [FieldError(place(bad.sheet, bad.row, bad.column), bad.said, bad.value) for bad in result.rejects]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m")


def _month(text: str) -> str:
    try:
        return parse_month(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--start") from None


def choose(portfolios: Sequence[Portfolio], which: str | None) -> Portfolio:
    """The portfolio of that id; without one, the only one there is."""
    named = [portfolio for portfolio in portfolios if which in (None, portfolio.id)]
    if len(named) == 1:
        return named[0]
    ids = [str(portfolio.id) for portfolio in portfolios[:NAMED]] + (["…"] if len(portfolios) > NAMED else [])
    if which is not None:
        raise InvalidPortfolio(say("no_portfolio_of_id", id=which, ids=ids))
    raise InvalidPortfolio(say("choose_a_portfolio", count=len(portfolios), ids=ids))


def tell_rows(result: ImportResult) -> None:
    """Every row that could not be used and every warning, one line each on standard error."""
    for reject in result.rejects:
        sys.stderr.write(visible_text(f"{place(reject.sheet, reject.row, reject.column)}: {reject.reason}") + "\n")
    for warning in result.warnings:
        where = place(warning.sheet, warning.row, warning.column)
        sys.stderr.write(visible_text(f"warning: {where + ': ' if where else ''}{warning.reason}") + "\n")


def place(sheet: str | None, row: int | None, column: str | None) -> str:
    """Where in the file: `row 17, column apr`, or what is known of it."""
    parts = [
        f"sheet {sheet}" if sheet else "",
        f"row {row}" if row is not None else "",
        f"column {column}" if column else "",
    ]
    return ", ".join(part for part in parts if part)


def with_budget(portfolio: Portfolio, monthly: str | None) -> Portfolio:
    """The portfolio with another monthly budget for all its debts; what else its budget says stays.

    Raises:
        InvalidPortfolio: the budget is no amount of the portfolio's currency.
    """
    if monthly is None:
        return portfolio
    try:
        amount = parse_amount(monthly)
    except BadCell as error:
        raise typer.BadParameter(str(error), param_hint="--budget") from None
    return with_monthly_budget(portfolio, amount)
