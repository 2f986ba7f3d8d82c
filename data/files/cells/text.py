"""A cell's text: how it is trimmed, cleaned, quoted and guarded."""

import re
import unicodedata

from data.wording.sentence import Refused

LONGEST_QUOTE = 60  # characters of a cell that a message quotes
# What a spreadsheet would run as a formula, at half or full width, behind any number of apostrophes.
FORMULA_START = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
TOTAL_LABELS = frozenset({"合计", "总计", "小计", "total", "subtotal", "grandtotal"})


class BadCell(Refused):
    """A cell that does not say what its column needs; the sentence quotes it and says how to write it."""


def shortened(cell: str) -> str:
    """The cell as a sentence quotes it: trimmed, not too long."""
    text = " ".join(cell.split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"


def visible_text(cell: str) -> str:
    r"""The text that a reader sees: trimmed, without control and zero-width characters; a line break is a space.

    >>> visible_text(" Store\ncard\u200b ")
    'Store card'
    """
    text = cell.strip()
    # Nearly every cell is printable as it is.
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text).strip()


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\t\n\r\x0b\x0c\x85" or category in {"Zl", "Zp"}:
        return " "
    return "" if category in {"Cc", "Cf"} else character


def plain_value(cell: str) -> str:
    """The text of a value (a number, a month, a kind): also at half width and without any space.

    >>> plain_value(" １，２３４．５ ％")
    '1,234.5%'
    """
    if cell.isascii() and cell.isprintable():
        return cell.replace(" ", "")
    return "".join(unicodedata.normalize("NFKC", visible_text(cell)).split())


def is_blank(cell: str) -> bool:
    """True where a reader sees nothing."""
    return not cell or not visible_text(cell)


def is_total_label(cell: str) -> bool:
    """True for the word that heads a row of sums, alone: 合计, Total: … (case, spaces and a colon aside)."""
    return len(cell) <= LONGEST_QUOTE and plain_value(cell).casefold().rstrip(":") in TOTAL_LABELS


def guarded_text(text: str) -> str:
    """The text as a spreadsheet may hold it without running or summing it: an apostrophe before what looks like it.

    >>> guarded_text("=1+1")
    "'=1+1"
    """
    return f"'{text}" if _needs_guard(text) else text


def unguarded_text(cell: str) -> str:
    """The text that `guarded_text` was given.

    >>> unguarded_text("'=1+1")
    '=1+1'
    """
    return cell[1:] if cell.startswith("'") and _needs_guard(cell[1:]) else cell


def _needs_guard(text: str) -> bool:
    return FORMULA_START.match(text) is not None or is_total_label(text.lstrip("'"))
