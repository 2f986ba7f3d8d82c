"""Shorthands for reading tables in tests."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from data.files.portfolio_file import read_portfolios
from data.wire.import_result import ImportResult


@pytest.fixture
def read() -> Callable[..., ImportResult]:
    """Read text (as UTF-8) or bytes under a file name."""

    def _read(content: str | bytes, file_name: str = "client-42.csv") -> ImportResult:
        return read_portfolios(content.encode() if isinstance(content, str) else content, file_name)

    return _read


@pytest.fixture
def read_one(read: Callable[..., ImportResult]) -> Callable[..., Any]:
    """Read one row of cells under the given columns, with what a debt needs added, and return the whole result."""

    def _read_one(**cells: str) -> ImportResult:
        rates = {"apr", "daily_rate", "monthly_rate", "fee_rate", "年利率", "rate"}
        needed = {"name": "Visa", "balance": "5200"} | ({} if rates & cells.keys() else {"apr": "24.99"})
        row = {**needed, **cells}
        quoted = ['"' + cell.replace('"', '""') + '"' for cell in row.values()]
        return read(",".join(row) + "\n" + ",".join(quoted) + "\n")

    return _read_one


@pytest.fixture
def workbook() -> Callable[..., bytes]:
    """An .xlsx of one sheet with these rows; `touch` may change the sheet before it is saved."""

    def _workbook(rows: Sequence[Sequence[Any]], touch: Callable[[Any], None] | None = None) -> bytes:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "Debts"
        for row in rows:
            sheet.append(list(row))
        if touch:
            touch(sheet)
        saved = io.BytesIO()
        book.save(saved)
        return saved.getvalue()

    return _workbook
