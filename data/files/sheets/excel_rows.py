"""What the process that parses an Excel file does, with WORKBOOK OUT LIMIT_MB HEADER_S WHOLE_S as arguments.

Writes one JSON value a line: {"sheet": name}, [row, [[column, text], …]] …, {"merged": [[first row, last row,
column], …]}, or {"unread": name, "almost": [row, [[cell, nearest name], …], known]}; {"error": code, "params": {…}}
where a limit is passed. It may crash or hang on a hostile file: its parent gives it little memory and time. Knows which
cells could name a column, nothing else of debts.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO
from xml.etree.ElementTree import Element, SubElement, iterparse

from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from data.files.cells.text import is_blank
from data.files.cells.typed import text_of_value
from data.files.columns.column_names import HEADER_ROWS, NEEDED, column_named
from data.files.columns.misspelt import almost_header
from data.files.sheets.process_limits import limit_memory, limit_time
from data.files.sheets.sheet import MAX_CELL, MAX_COLUMNS, MAX_ROWS, TOO_MANY_ROWS, too_long, too_wide
from data.wording.sentence import Refused

ROW_TAG = re.compile(rb"<(?:\w+:)?row[\s/>]")
LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
EAST_ASIAN_DATES = frozenset(
    {*range(27, 37), *range(50, 59)}
)  # built-in formats such as 2027年5月, unknown to openpyxl
TEXT, RUN = f"{{{SHEET_MAIN_NS}}}t", f"{{{SHEET_MAIN_NS}}}r"
STRING, INLINE, VALUE = (f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("si", "is", "v"))


Sparse = tuple[int, list[tuple[int, str]]]  # row, (column, text) of cells that are not blank


class OverLimit(Refused):
    """The workbook is larger than a table of debts may be; the sentence says how."""


class SheetParser(WorkSheetParser):
    """openpyxl's parser of one sheet, with text in the cell itself read as fast as shared strings are."""

    def parse_cell(self, element: "Element[str]") -> dict[str, Any]:
        """A cell as openpyxl describes it."""
        inline = element.find(INLINE) if element.get("t") == "inlineStr" else None
        # As a plain string, openpyxl does not build its objects for rich text, which take most of the time.
        if inline is not None:
            element.set("t", "str")
            SubElement(element, VALUE).text = rich_text(inline)
        return super().parse_cell(element)


class Workbook(ExcelReader):
    """What of a workbook is needed for its cells, with shared strings read without openpyxl's objects for rich text."""

    def __init__(self, path: str) -> None:
        super().__init__(path, read_only=True, data_only=True, keep_links=False)
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        styles: list[Any] = list(self.wb._cell_styles)  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
        self.dates: set[int] = {place for place, style in enumerate(styles) if style.numFmtId in EAST_ASIAN_DATES}
        self.dates |= self.wb._date_formats  # pyright: ignore[reportAttributeAccessIssue]
        self.percents = {place for place, style in enumerate(styles) if is_percent_format(self._format(style.numFmtId))}

    def read_strings(self) -> None:
        """The shared strings: of rich text its runs, without phonetic guides."""
        manifest: Manifest = self.package
        part = manifest.find(SHARED_STRINGS)
        if part is None:
            return
        strings: list[str] = []
        with self.archive.open(part.PartName[1:]) as source:
            for _, node in iterparse(source):
                if node.tag == STRING:
                    strings.append(rich_text(node))
                    node.clear()
        self.shared_strings = strings

    def sheets(self) -> Iterator[tuple[str, str]]:
        """The name of each worksheet and its place in the archive."""
        for sheet, relation in self.parser.find_sheets():
            if relation.target in self.valid_files and "chartsheet" not in relation.Type:
                yield sheet.name, relation.target

    def parser_of(self, source: Any) -> WorkSheetParser:
        """Openpyxl's parser of one sheet."""
        return WorkSheetParser(
            source,
            self.shared_strings,
            data_only=True,
            epoch=self.wb.epoch,
            date_formats=self.dates,
            timedelta_formats=self.wb._timedelta_formats,  # pyright: ignore[reportAttributeAccessIssue]
        )

    def _format(self, number: int) -> str:
        if number < BUILTIN_FORMATS_MAX_SIZE:
            return BUILTIN_FORMATS.get(number, "General")
        formats: list[str] = self.wb._number_formats  # pyright: ignore[reportAttributeAccessIssue]
        place = number - BUILTIN_FORMATS_MAX_SIZE
        return formats[place] if place < len(formats) else "General"


def rich_text(node: "Element[str]") -> str:
    """The text of a string: its own, or of its runs; without phonetic guides."""
    return "".join([node.findtext(TEXT) or "", *(run.findtext(TEXT) or "" for run in node.findall(RUN))])


def main(arguments: list[str]) -> None:
    """Parse WORKBOOK into OUT, with LIMIT_MB of memory; with HEADER_S, then WHOLE_S of processor time."""
    # Time is limited to a few seconds until a header is found, then for the whole file.
    workbook, out, megabytes, header_s, whole_s = arguments
    limit_memory(int(megabytes))
    limit_time(int(header_s))
    with Path(out).open("w", encoding="utf-8") as lines:
        try:
            write_sheets(Workbook(workbook), lines, lambda: limit_time(int(whole_s)))
        except OverLimit as error:
            _write(lines, {"error": error.said.code, "params": error.said.params})


def write_sheets(workbook: Workbook, lines: TextIO, on_table: Callable[[], None]) -> None:
    """Every sheet that could hold a table of debts, and the names of the others; `on_table` hears of the first.

    Raises:
        OverLimit: too many rows, columns, or characters in a cell.
    """
    sheets = list(workbook.sheets())
    # Counted before parsing: the size that a sheet claims for itself need not be true.
    if sum(_row_tags(workbook, place) for _, place in sheets) > MAX_ROWS:
        raise OverLimit(TOO_MANY_ROWS)
    for name, place in sheets:
        with workbook.archive.open(place) as source:
            parser = workbook.parser_of(source)
            rows = ((row, list(_cells(row, cells, workbook))) for row, cells in parser.parse())
            if _write_sheet(name, rows, lines, on_table):
                _write(lines, {"merged": list(_merged(parser))})


def _write_sheet(name: str, rows: Iterator[Sparse], lines: TextIO, on_table: Callable[[], None]) -> bool:
    """True where the sheet could hold a table, so that its rows were written."""
    head: list[Sparse] = []
    later = None
    for row in rows:
        if row[0] > HEADER_ROWS:
            later = row
            break
        head.append(row)
    if not set(NEEDED) <= {column_named(text) for _, cells in head for _, text in cells}:
        almost = almost_header((row, [text for _, text in cells]) for row, cells in head)
        _write(lines, {"unread": name, "almost": almost and [almost.row, almost.misspelt, almost.known]})
        return False
    _write(lines, {"sheet": name})
    # Flushed, so that the parent sees at once that a table was found.
    lines.flush()
    on_table()
    for row in (*head, *([later] if later else [])):
        _write(lines, row)
    for row in rows:
        _write(lines, row)
    return True


def _write(lines: TextIO, value: Any) -> None:
    lines.write(json.dumps(value, ensure_ascii=True) + "\n")


def _row_tags(workbook: Workbook, place: str) -> int:
    with workbook.archive.open(place) as source:
        count, tail = 0, b""
        while chunk := source.read(1 << 20):
            count += len(ROW_TAG.findall(tail + chunk))
            # A tag may lie across two chunks: its first bytes are kept for the next.
            tail = chunk[-4:] if b"<" in chunk[-4:] else b""
    return count


def _cells(row: int, cells: Iterable[dict[str, Any]], workbook: Workbook) -> Iterator[tuple[int, str]]:
    for cell in cells:
        if cell["column"] > MAX_COLUMNS:
            raise OverLimit(too_wide(row))
        text = text_of(cell["value"], is_percent=cell["style_id"] in workbook.percents)
        if len(text) > MAX_CELL:
            raise OverLimit(too_long(row))
        if text and not is_blank(text):
            yield cell["column"] - 1, text


def _merged(parser: WorkSheetParser) -> Iterator[tuple[int, int, int]]:
    ranges = parser.merged_cells.mergeCell if parser.merged_cells is not None else []
    # A merge within one row gives no row below it a value.
    for area in ranges:
        if area.min_row < area.max_row:
            yield area.min_row, area.max_row, area.min_col - 1


def is_percent_format(number_format: str) -> bool:
    """True for a format that shows a fraction as a percentage; a % in quotes is only shown."""
    return "%" in LITERALS.sub("", number_format)


def text_of(value: Any, *, is_percent: bool = False) -> str:
    """A cell's value as text: numbers by their 15 significant digits, dates as 2027-05-31.

    >>> text_of(0.1 + 0.2), text_of(0.2499, is_percent=True)
    ('0.3', '24.99%')
    """
    # Excel spells control characters in texts as _x000D_.
    return unescape(value) if isinstance(value, str) else text_of_value(value, is_percent=is_percent)
