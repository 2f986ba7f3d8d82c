"""What only all rows of a file tell together: the decimal sign of a semicolon file, rates written as fractions."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from data.files.cells.amount import parse_amount
from data.files.cells.rate import is_bare_number, parse_rate
from data.files.cells.text import BadCell, is_blank
from data.files.columns.header import Header
from data.files.rows.row_draft import AMOUNTS, RATES, Draft
from data.wire.import_result import ImportWarning
from data.wording.sentence import say

MARKS = frozenset(",.，．")
ONE_PERCENT = Decimal("0.01")


def needs_comma_decimal(rows: Iterable[tuple[int, Sequence[str]]], header: Header) -> bool:
    """True where some number of a semicolon file can be read only with a decimal comma, and none only without.

    >>> from data.files.columns.header import recognise
    >>> needs_comma_decimal([(2, ["Visa", "5200,50"])], recognise(["name", "balance"]))
    True
    """
    places = [(column, place) for column, place in header.places.items() if column in AMOUNTS or column in RATES]
    needed = False
    for row, cells in rows:
        for column, place in places if row > header.row else []:
            if place >= len(cells) or is_blank(cells[place]) or not (MARKS & set(cells[place])):
                continue
            with_comma = _reads(column, cells[place], comma_decimal=True)
            # One number that only reads without decimal comma settles it: the file writes points.
            if not with_comma and _reads(column, cells[place], comma_decimal=False):
                return False
            needed = needed or (with_comma and not _reads(column, cells[place], comma_decimal=False))
    return needed


def _reads(column: str, cell: str, *, comma_decimal: bool) -> bool:
    try:
        if column in AMOUNTS:
            parse_amount(cell, comma_decimal=comma_decimal)
        else:
            parse_rate(cell, period=RATES[column], comma_decimal=comma_decimal)
    except BadCell:
        return False
    return True


def fraction_warnings(drafts: Sequence[Draft]) -> list[ImportWarning]:
    """A warning where every annual rate is below 1, as if they were fractions: 0.2499 is read as 0.2499 %."""
    rates = [(draft.values["apr"], draft.cells["apr"]) for draft in drafts if "apr" in draft.values]
    if any(rate >= ONE_PERCENT for rate, _ in rates):
        return []
    bare = next((cell for rate, cell in rates if rate and is_bare_number(cell)), None)
    return [] if bare is None else [fraction_warning(bare)]


def fraction_warning(cell: str) -> ImportWarning:
    """The warning, with one of the rates as an example."""
    return ImportWarning.of(say("rates_below_one", value=cell), column="apr")
