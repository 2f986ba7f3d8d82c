"""The header of a table of debts: which of its cells means which of the contract's columns, and in which unit.

A batch may call `recognise` on its first lines and then read its columns any way it likes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from data.files.cells.text import plain_value, shortened
from data.files.columns.column_names import (
    BRACKETS,
    HEADER_ROWS,
    LENDERS,
    NEEDED,
    column_named,
    header_key,
    name_rank,
    unknown_column,
)
from data.money import is_currency
from data.wire.import_result import ImportWarning
from data.wording.sentence import say

MULTIPLES = {"千": 3, "百万": 6, "万": 4, "亿": 8, "thousand": 3, "thousands": 3, "k": 3, "million": 6, "millions": 6}
CURRENCY_SIGNS = {"元": "CNY", "人民币": "CNY", "rmb": "CNY", "$": "USD", "€": "EUR", "£": "GBP"}


@dataclass(frozen=True)
class Header:
    """A recognised header.

    Attributes:
        row: its spreadsheet row. cells: as the file writes them, up to the last that is not blank.
        places: the contract's column -> the index of its cell; also `lender`, where there is one beside the name.
        units: column -> the unit in brackets, as in 余额（万元） or 月利率（‰）.
        currency: the currency of a file that has no column for it; none where the header gives no hint.
        warnings: what the reader should know about the header itself.
    """

    row: int
    cells: tuple[str, ...]
    places: Mapping[str, int]
    units: Mapping[str, str] = field(default_factory=dict[str, str])
    currency: str | None = None
    warnings: tuple[ImportWarning, ...] = ()

    @property
    def width(self) -> int:
        """Cells from here on stand past the header."""
        return len(self.cells)

    def multiple(self, column: str) -> Decimal:
        """What a bare amount in the column counts in: 10,000 under 余额（万元）, else 1."""
        return Decimal(1).scaleb(MULTIPLES.get(_multiple_word(self.units.get(column, "")), 0))

    def rate_sign(self, column: str) -> str:
        """What a bare rate in the column counts in: ‰ under 月利率（‰）, else %."""
        unit = self.units.get(column, "")
        return unit if unit in {"‰", "‱"} else "%"


def find_header(rows: Iterable[tuple[int, Sequence[str]]]) -> Header | None:
    """The first header in the first ten rows of a sheet, given with their spreadsheet numbers."""
    for row, cells in rows:
        if row > HEADER_ROWS:
            return None
        header = recognise(cells, row)
        if header is not None:
            return header
    return None


def recognise(cells: Sequence[str], row: int = 1) -> Header | None:
    """What each cell of a row means, if the row is a header: it holds a name column and a balance column.

    >>> recognise(["客户", "债务名称", "余额（万元）"]).places
    {'portfolio_id': 0, 'name': 1, 'balance': 2}
    """
    meanings = {place: column_named(cell) for place, cell in enumerate(cells) if plain_value(cell)}
    if not set(NEEDED) <= set(meanings.values()):
        return None
    width = max(meanings) + 1
    shown = tuple(cells[:width])
    places, warnings = _places(meanings, shown, row)
    units = {column: _unit(shown[place]) for column, place in places.items() if _unit(shown[place])}
    warnings += [_scaled(column, shown[places[column]], row) for column in units if _multiple_word(units[column])]
    return Header(row, shown, places, units, _currency(shown, places, units), tuple(warnings))


def _places(
    meanings: Mapping[int, str | None], cells: tuple[str, ...], row: int
) -> tuple[dict[str, int], list[ImportWarning]]:
    places: dict[str, int] = {}
    warnings: list[ImportWarning] = []
    # Better names first: `balance` wins over `amount` wherever in the row they stand.
    for place in sorted(meanings, key=lambda place: name_rank(cells[place])):
        column, cell = meanings[place], cells[place]
        if column is None:
            warnings.append(ImportWarning.of(unknown_column(cell), row=row))
        elif column not in places:
            places[column] = place
        elif column == "name" and "lender" not in places and header_key(cell) in LENDERS:
            places["lender"] = place
            said = say("both_name_a_debt", value=shortened(cells[places["name"]]), other=shortened(cell))
            warnings.append(ImportWarning.of(said, row=row, column=column))
        else:
            said = say("columns_mean_the_same", value=shortened(cells[places[column]]), other=shortened(cell))
            warnings.append(ImportWarning.of(said, row=row, column=column))
    return dict(sorted(places.items(), key=lambda item: item[1])), warnings


def _unit(cell: str) -> str:
    found = BRACKETS.search(plain_value(cell))
    return found[1].casefold() if found else ""


def _multiple_word(unit: str) -> str:
    """The word in a unit that multiplies: 万 of 万元, thousand of $ thousand."""
    word = unit.replace("人民币", "").strip("元$€£¥")
    return word if word in MULTIPLES else ""


def _scaled(column: str, cell: str, row: int) -> ImportWarning:
    return ImportWarning.of(say("unit_multiplied", value=shortened(cell)), row=row, column=column)


def _currency(cells: tuple[str, ...], places: Mapping[str, int], units: Mapping[str, str]) -> str | None:
    unit = units.get("balance", "")
    word = _multiple_word(unit)
    sign = unit if not word else unit.replace(word, "", 1)
    if sign in CURRENCY_SIGNS or is_currency(sign.upper()):
        return CURRENCY_SIGNS.get(sign) or sign.upper()
    # A header in Chinese names no currency where everybody means yuan.
    is_chinese = not any(header_key(cells[places[column]]).isascii() for column in ("name", "balance"))
    return "CNY" if is_chinese else None
