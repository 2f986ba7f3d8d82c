"""A row that would be a table's header, were its name or its balance column not misspelt: `name,balence,apr`.

Looked for only where no header was found. A process that only looks for a table may load it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from data.files.cells.text import plain_value, shortened
from data.files.columns.column_names import HEADER_ROWS, NEEDED, column_named, header_key, known_name, names_of
from data.wording.sentence import Sentence, say

MOST_CELLS = 64  # of a row that are looked at
LONGEST_KEY = 40  # characters of a cell that may be a misspelt name
LEAST_LIKE = {True: 0.6, False: 0.5}  # of the letters of an English name, of the characters of a Chinese one
HOLDS = 0.8  # how like a name is to a cell that holds it, as `current balance` does
SHORTEST_HELD = {True: 4, False: 2}  # characters
LEAST_HELD = 1 / 3  # of the cell: a sentence that holds the word is no name


@dataclass(frozen=True)
class AlmostHeader:
    """Such a row: its number, each misspelt cell with the name that is nearest to it, and how much else it names."""

    row: int
    misspelt: tuple[tuple[str, str], ...]
    known: int = 0

    def sentence(self) -> Sentence:
        """What to correct, as one sentence."""
        return say("misspelt_columns", columns=self.sentences())

    def sentences(self) -> list[Sentence]:
        """What to correct, a sentence for each misspelt cell."""
        return [say("misspelt_column", value=shortened(cell), nearest=nearest) for cell, nearest in self.misspelt]


def no_table(almost: AlmostHeader | None) -> Sentence:
    """What to say of a file without a header that we know."""
    if almost is None:
        return say("no_table")
    return say("no_table_but_misspelt", row=almost.row, columns=almost.sentences())


def almost_header(rows: Iterable[tuple[int, Sequence[str]]]) -> AlmostHeader | None:
    """Of the first ten rows of a sheet the one that is most like a header.

    >>> almost_header([(1, ["name", "balence", "apr"])])
    AlmostHeader(row=1, misspelt=(('balence', 'balance'),), known=2)
    """
    found = [almost for row, cells in rows if row <= HEADER_ROWS and (almost := _almost(row, cells)) is not None]
    return nearest_header(found)


def nearest_header(found: Iterable[AlmostHeader | None]) -> AlmostHeader | None:
    """Of several the one that names most; the first among equals."""
    return max(filter(None, found), key=lambda almost: almost.known + len(almost.misspelt), default=None)


def _almost(row: int, cells: Sequence[str]) -> AlmostHeader | None:
    filled = [cell for cell in cells if plain_value(cell)][:MOST_CELLS]
    named = {column_named(cell) for cell in filled} - {None}
    missing = [column for column in NEEDED if column not in named]
    # A row with a value in it is no header, and a single cell is a title.
    if len(filled) < 2 or not missing or any(_is_value(cell) for cell in filled):
        return None
    unknown = [cell for cell in filled if column_named(cell) is None]
    misspelt = dict(found for column in missing if (found := _nearest(column, unknown)) is not None)
    if not misspelt or (not named and len(misspelt) < len(NEEDED)):
        return None
    return AlmostHeader(row, tuple((cell, misspelt[cell]) for cell in unknown if cell in misspelt), len(named))


def _is_value(cell: str) -> bool:
    """True for what a header does not hold: an amount, a rate, a day."""
    return plain_value(cell).lstrip("-+$£€¥(")[:1].isdigit()


def _nearest(column: str, cells: Sequence[str]) -> tuple[str, str] | None:
    """The cell that is most like one of a column's names, and that name; none where no cell is like any."""
    best: tuple[float, str, str] | None = None
    for cell in cells:
        key = header_key(cell)
        if not key or len(key) > LONGEST_KEY:
            continue
        likeness, name = max((_likeness(key, name), name) for name in names_of(column))
        of_others = max(_likeness(key, name) for other in NEEDED if other != column for name in names_of(other))
        if likeness >= max(LEAST_LIKE[key.isascii()], of_others) and (best is None or likeness > best[0]):
            best = likeness, cell, known_name(name)
    return best and best[1:]


def _likeness(key: str, name: str) -> float:
    """How like two names are, from 0 to 1."""
    if name in key and len(name) >= max(SHORTEST_HELD[name.isascii()], LEAST_HELD * len(key)):
        return HOLDS
    return SequenceMatcher(None, key, name).ratio()
