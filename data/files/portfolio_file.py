"""Portfolio files: CSV and Excel to portfolios, and back. Every error names its row and column.

The one way in. `sheets/` makes plain cells of a file, `columns/` finds what they mean, `cells/` reads single ones, and
`rows/` makes portfolios of rows.
"""

import re
from collections.abc import Iterable, Sequence

from data.errors import UnreadableFile
from data.files.cells.text import shortened, visible_text
from data.files.columns.header import find_header
from data.files.columns.misspelt import nearest_header, no_table
from data.files.portfolio_csv import csv_template, portfolios_to_csv
from data.files.portfolio_json import parse_json, portfolio_of, portfolios_of, read_portfolio_json
from data.files.rows.row_draft import Draft, SheetReading, drafts_of_rows
from data.files.rows.rows_to_debts import debts_of_rows, portfolios_of_drafts
from data.files.rows.whole_file import fraction_warnings, needs_comma_decimal
from data.files.sheets.excel import read_excel_sheets
from data.files.sheets.file_kind import kind_of
from data.files.sheets.sheet import Row, Sheet
from data.files.sheets.text import read_text_sheet
from data.wire.import_result import ImportResult, ImportWarning, Reject
from data.wording.sentence import say

__all__ = [
    "ImportResult",
    "ImportWarning",
    "Reject",
    "SheetReading",
    "csv_template",
    "debts_of_rows",
    "portfolios_to_csv",
    "read_file",
    "read_portfolio_json",
    "read_portfolios",
    "read_sheets",
]

ENDING = re.compile(r"\.(csv|tsv|txt|tab|xls|xlsx|xlsm|xltx|json)$", re.IGNORECASE)
LONGEST_ID = 80  # characters


def read_file(content: bytes, file_name: str, this_month: str | None = None) -> ImportResult:
    """What a file says, be it JSON (one portfolio or a list of them), CSV or Excel.

    Raises:
        UnreadableFile: it is no table and no JSON. InvalidPortfolio: it is JSON with fields to mend.
    """
    if kind_of(content) != "json":
        return read_portfolios(content, file_name, this_month)
    value = parse_json(content)
    return ImportResult(portfolios=portfolios_of(value) if isinstance(value, list) else [portfolio_of(value)])


def read_portfolios(content: bytes, file_name: str, this_month: str | None = None) -> ImportResult:
    """The portfolios of a CSV or Excel file, its bad rows, and what the reader should know.

    Args:
        content: the whole file.
        file_name: only names the portfolio where the file has no portfolio_id column; what the file is, its
            content tells.
        this_month: a promotion that ended before it is left out, with a warning, where no start is named.

    Raises:
        UnreadableFile: it cannot be read as a table of debts at all.
    """
    kind = kind_of(content)
    if kind == "json":
        raise UnreadableFile(say("json_not_a_table"))
    return read_sheets(
        read_excel_sheets(content) if kind == "excel" else [read_text_sheet(content)], file_name, this_month
    )


def read_sheets(sheets: Sequence[Sheet], file_name: str, this_month: str | None = None) -> ImportResult:
    """The same of sheets whose cells are there as text, wherever they came from.

    Raises:
        UnreadableFile: none of them holds a table of debts.
    """
    drafts: list[Draft] = []
    warnings: list[ImportWarning] = []
    unread: list[Sheet] = []
    for sheet in sheets:
        reading, above = _reading(sheet, file_name, this_month)
        if reading is None:
            unread.append(sheet)
            continue
        found, skipped = drafts_of_rows(sheet.rows, reading)
        drafts += found
        warnings += [*above, *skipped]
    if len(unread) == len(sheets):
        raise UnreadableFile(no_table(nearest_header(sheet.almost for sheet in sheets)))
    if not drafts:
        raise UnreadableFile(say("only_a_header"))
    return _result(drafts, [*_unread_sheets(unread), *fraction_warnings(drafts), *warnings])


def _result(drafts: Sequence[Draft], warnings: Sequence[ImportWarning]) -> ImportResult:
    """Rejects and warnings in the order of the file: what is about the whole of it first."""
    result = portfolios_of_drafts(drafts)
    # The sheets in the workbook's order, and before them what is about the whole file.
    sheets = {draft.reading.sheet: place for place, draft in enumerate(reversed(drafts))}

    def place(note: Reject | ImportWarning) -> tuple[int, int]:
        return -sheets.get(note.sheet, len(drafts)), note.row or 0

    rejects, told = sorted(result.rejects, key=place), sorted([*warnings, *result.warnings], key=place)
    # Not validated again: every portfolio has been, and a large file holds many.
    return ImportResult.model_construct(
        portfolios=result.portfolios,
        rejects=rejects,
        warnings=told,
        rejects_total=len(rejects),
        warnings_total=len(told),
    )


def _reading(sheet: Sheet, file_name: str, this_month: str | None) -> tuple[SheetReading | None, list[ImportWarning]]:
    """How a sheet is read, and warnings about its header; none where it holds no table of debts."""
    header = find_header(sheet.rows)
    if header is None:
        return None, []
    comma = sheet.is_semicolon and needs_comma_decimal(sheet.rows, header)
    reading = SheetReading(header, id_of_file(file_name), comma, sheet.name, this_month, sheet.faults)
    return reading, header_warnings(sheet.rows, reading)


def header_warnings(rows: Iterable[Row], reading: SheetReading) -> list[ImportWarning]:
    """What the reader should know of a header, of the rows above it, and of how the rows below it are read."""
    header = reading.header
    above = [row for row, cells in rows if row < header.row and any(visible_text(cell) for cell in cells)]
    skipped = say("rows_above_header", header_row=header.row, rows=above)
    warnings = [ImportWarning.of(skipped, row=above[0])] if above else []
    if reading.comma_decimal:
        warnings.append(ImportWarning.of(say("comma_is_decimal"), row=header.row))
    return [warning.model_copy(update={"sheet": reading.sheet}) for warning in (*warnings, *header.warnings)]


def id_of_file(file_name: str) -> str | None:
    """The id of the portfolio in a file that names none: the file's own name, without folder and ending.

    >>> id_of_file("clients/client-42.csv")
    'client-42'
    """
    name = re.split(r"[\\/]", visible_text(file_name))[-1]
    stem = ENDING.sub("", name)
    return stem[:LONGEST_ID].strip() if stem.strip() and stem != "-" else None


def _unread_sheets(sheets: Sequence[Sheet]) -> list[ImportWarning]:
    """One warning that names them all, and one for each that a misspelt name keeps from being read."""
    if not sheets:
        return []
    unread = say("sheets_unread", sheets=[shortened(sheet.name or "") for sheet in sheets])
    misspelt = [
        ImportWarning.of(sheet.almost.sentence(), row=sheet.almost.row, sheet=sheet.name)
        for sheet in sheets
        if sheet.almost is not None
    ]
    return [ImportWarning.of(unread), *misspelt]
