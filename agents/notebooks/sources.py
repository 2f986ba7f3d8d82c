"""What a notebook gives the planner: a file, a data frame, or the contract's JSON; and the portfolios that it holds."""

import inspect
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from os import PathLike
from pathlib import Path
from typing import Any, Literal, cast

import pandas as pd
from typing_extensions import override

from agents.notebooks.frame_sheet import label_of_row, sheet_of_frame
from agents.notebooks.tables import table
from data.errors import BadInput, FieldError, InvalidPortfolio
from data.files.cells.amount import parse_amount
from data.files.cells.month import parse_month_cell
from data.files.cells.text import BadCell
from data.files.cells.typed import text_of_value
from data.files.portfolio_file import read_file, read_sheets
from data.files.portfolio_json import portfolio_of, portfolios_of, with_monthly_budget
from data.portfolio.portfolio import Portfolio
from data.wire.import_result import ImportResult, ImportWarning, Reject
from data.wording.sentence import Sentence, say

PortfolioSource = str | PathLike[str] | pd.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]] | Portfolio
AnyMonth = str | date | pd.Period
OnBadRows = Literal["error", "warn"]
SHOWN = 20  # bad rows and ids that one message names
HERE = str(Path(__file__).parent)


class ReadingWarning(UserWarning):
    """Something in a table of debts was read in a way that its owner should know of."""


class Portfolios(Mapping[str, Portfolio]):
    """The portfolios of a file, a data frame or a list, by their ids; one without an id by its place: "1", "2", ….

    Attributes:
        rejects: the rows that could not be used, and why. warnings: what was read in a way one should know of.
    """

    def __init__(self, result: ImportResult) -> None:
        self._by_id: dict[str, Portfolio] = {}
        for place, portfolio in enumerate(result.portfolios, start=1):
            key = portfolio.id or str(place)
            if key in self._by_id:
                raise InvalidPortfolio(say("id_repeated", id=key))
            self._by_id[key] = portfolio
        self.rejects = table(result.rejects, Reject)
        self.warnings = table(result.warnings, ImportWarning)

    @override
    def __getitem__(self, key: str) -> Portfolio:
        return self._by_id[key]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    @override
    def __len__(self) -> int:
        return len(self._by_id)

    @override
    def __repr__(self) -> str:
        shown = [*list(self)[:SHOWN], *(["…"] if len(self) > SHOWN else [])]
        return f"Portfolios({len(self)}: {', '.join(shown)})"

    def one(self, which: str | None = None) -> Portfolio:
        """The portfolio of that id; without one, the only one there is.

        Raises:
            InvalidPortfolio: there is none of that id, or there are several.
        """
        ids = list(self)[:SHOWN]
        if which is not None and which not in self:
            raise InvalidPortfolio(say("no_portfolio_of_id", id=which, ids=ids))
        if which is None and len(self) != 1:
            raise InvalidPortfolio(say("choose_from_mapping", count=len(self), ids=ids))
        return next(iter(self.values())) if which is None else self[which]


def read(source: PortfolioSource, *, start: AnyMonth | None = None, on_bad_rows: OnBadRows = "error") -> Portfolios:
    """The portfolios of a file (CSV, Excel, JSON), a data frame with a CSV's columns, or the contract's JSON.

    Args:
        source: a path; a data frame; a dict, or a list of them, as the HTTP endpoint takes a portfolio.
        start: the first month of plans where a portfolio names none; default: this month.
        on_bad_rows: `error` refuses a table with a row that cannot be used; `warn` leaves such rows out, as the HTTP
            endpoint and the command line do, warns of each, and lists them in `rejects`.

    Raises:
        BadInput: naming every row and column, or field, that is wrong, and what to do.
    """
    month = _month_of(start)
    result = _result(source, month)
    _tell_rows(result, source, on_bad_rows)
    begun = [portfolio.starting(month) for portfolio in result.portfolios]
    return Portfolios(result.model_copy(update={"portfolios": begun}))


def one_portfolio(source: PortfolioSource, which: str | None, start: AnyMonth | None, budget: object) -> Portfolio:
    """The one portfolio that a question is about, with the budget that is asked for in place of its own."""
    portfolio = (source if isinstance(source, Portfolios) else read(source, start=start)).one(which)
    return portfolio if budget is None else with_monthly_budget(portfolio, _amount(budget))


def month_of(value: AnyMonth, field: str) -> str:
    """A month as the contract writes it, from any way in which people write one.

    Raises:
        BadInput: it is none.
    """
    try:
        return parse_month_cell(text_of_value(value))
    except BadCell as error:
        raise _of_field(field, error.said, value) from None


def _amount(value: object) -> Any:
    try:
        return parse_amount(text_of_value(value))
    except BadCell as error:
        raise _of_field("budget", error.said, value) from None


def _of_field(field: str, said: Sentence, value: object) -> BadInput:
    return BadInput(say("at_field", path=field, said=said), [FieldError(field, said, value)])


def _month_of(start: AnyMonth | None) -> str:
    return datetime.now(UTC).strftime("%Y-%m") if start is None else month_of(start, "start")


def _result(source: PortfolioSource, month: str) -> ImportResult:
    if isinstance(source, Portfolio):
        return ImportResult(portfolios=[source])
    if isinstance(source, pd.DataFrame):
        return read_sheets([sheet_of_frame(source)], "", month)
    if isinstance(source, str | PathLike):
        file = Path(source)
        return read_file(file.read_bytes(), file.name, month)
    if isinstance(source, Mapping):
        return ImportResult(portfolios=[portfolio_of(_plain(source))])
    return ImportResult(portfolios=portfolios_of(_plain(source)))


def _plain(value: Any) -> Any:
    """JSON values as Python's own: a notebook's are often NumPy's numbers and pandas's months."""
    if isinstance(value, Mapping):
        within = cast("Mapping[str, Any]", value)
        return {name: _plain(one) for name, one in within.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast("Sequence[Any]", value)]
    if isinstance(value, pd.Period):
        return str(value)
    return value.item() if hasattr(value, "item") else value


def _tell_rows(result: ImportResult, source: PortfolioSource, on_bad_rows: OnBadRows) -> None:
    """Refuse a table with bad rows, or warn of each; and of whatever else its reader noted."""
    wrong = [FieldError(_place(reject, source), reject.said, reject.value) for reject in result.rejects]
    if wrong and (on_bad_rows == "error" or not result.portfolios):
        rows = [say("at_field", path=one.path, said=one.said) for one in wrong[:SHOWN]]
        raise InvalidPortfolio(say("rows_cannot_be_used", count=len(wrong), rows=rows), wrong)
    for one in wrong:
        _warn(str(say("at_field", path=one.path, said=one.said)))
    for note in result.warnings:
        place = _place(note, source)
        _warn(f"{place}: {note.reason}" if place else note.reason)


def _place(note: Reject | ImportWarning, source: PortfolioSource) -> str:
    """Where in the table: `row 17, column apr`; of a data frame its own index: `index 15, column apr`."""
    if note.row is None:
        row = ""
    elif isinstance(source, pd.DataFrame):
        row = f"index {label_of_row(source, note.row)}" if note.row > 1 else "columns"
    else:
        row = f"row {note.row}"
    parts = (f"sheet {note.sheet}" if note.sheet else "", row, f"column {note.column}" if note.column else "")
    return ", ".join(part for part in parts if part)


def _warn(text: str) -> None:
    """Warn of the line in the notebook, however many calls of ours lie between."""
    call, calls = inspect.currentframe(), 1
    while call is not None and call.f_code.co_filename.startswith(HERE):
        call, calls = call.f_back, calls + 1
    warnings.warn(text, ReadingWarning, stacklevel=calls)
