"""Tables as CSV files that a spreadsheet cannot be tricked with: text that looks like a formula is made plain."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def neutral(cell: object) -> object:
    """The cell as it may stand in a spreadsheet: numbers as they are, text never a formula."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The table as CSV in UTF-8 with a mark, so that Excel reads Chinese; empty for what is missing."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([neutral(name) for name in header])
    for row in rows:
        writer.writerow([_plain(neutral(cell)) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: object) -> object:
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return "" if cell is None else cell
