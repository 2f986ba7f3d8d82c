"""The answer to an import of a plain file, piece by piece: plain portfolios by columns, odd ones row by row.

The readers of rows alone make rejects and warnings. The answer is theirs to the byte. Memory does not grow with the
number of portfolios, only with the file's own size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from data.arrays import Flags, Ints
from data.files.cells.rate import is_bare_number
from data.files.plain.answer import Answer
from data.files.plain.arrow import Column, arrow, compute
from data.files.plain.cells import RATE_DIGITS, distinct, to_numpy
from data.files.plain.plain_file import PlainFile
from data.files.plain.readings import (
    LEVEL,
    PlainDebts,
    Readings,
    currency_code,
    plain_debts,
    read_cells,
)
from data.files.plain.shared import Shared, odd_runs
from data.files.plain.texts import Texts, read_texts
from data.files.rows.currency_signs import foreign_signs, signs_of
from data.files.rows.row_draft import AMOUNTS, Draft, SheetReading, drafts_of_rows
from data.files.rows.rows_to_debts import guessed_currency, portfolio_of_group, reject_nameless
from data.files.rows.whole_file import ONE_PERCENT, fraction_warning
from data.month import month_index
from data.wire.import_result import ImportWarning, Reject

AT_ONCE = 2_000  # portfolios
UNSIGNED = "[^0-9.,]"
SIGNS = ("$", "€", "£", "¥", "元")


@dataclass
class Notes:
    """Rejects, warnings and what they depend on, gathered as a file's portfolios are read.

    Attributes:
        whole: warnings about the file. of_rows: those about single rows.
        highest_rate: of the annual rates. bare_rate: row and cell of the first one that is given without a sign.
        names_currency: some row does.
    """

    whole: list[ImportWarning] = field(default_factory=list[ImportWarning])
    rejects: list[Reject] = field(default_factory=list[Reject])
    of_rows: list[ImportWarning] = field(default_factory=list[ImportWarning])
    highest_rate: Decimal = Decimal(0)
    bare_rate: tuple[int, str] | None = None
    names_currency: bool = False

    def take(self, drafts: Sequence[Draft]) -> None:
        """What rows say that were read one by one."""
        for draft in drafts:
            self.rejects += draft.rejects
            self.of_rows += draft.warnings
            self.names_currency |= "currency" in draft.values
            rate: Decimal = draft.values.get("apr", Decimal(0))
            self.highest_rate = max(self.highest_rate, rate)
            if rate and is_bare_number(draft.cells["apr"]):
                self.take_bare_rate(draft.row, draft.cells["apr"])

    def take_bare_rate(self, row: int, cell: str) -> None:
        """Keep the one that comes first in the file."""
        self.bare_rate = min(self.bare_rate or (row, cell), (row, cell))

    def warnings(self, reading: SheetReading) -> list[ImportWarning]:
        """All, in the order of the file: what is about the whole of it first."""
        bare = self.bare_rate if self.highest_rate < ONE_PERCENT else None
        fractions = [fraction_warning(bare[1])] if bare else []
        is_guessed = reading.header.currency is not None and not self.names_currency
        guessed = [guessed_currency(reading)] if is_guessed else []
        return sorted([*fractions, *self.whole, *guessed, *self.of_rows], key=lambda warning: warning.row or 0)


class PlainImport:
    """The portfolios of a plain file as pieces of JSON, a comma before each; and, after them, its notes."""

    def __init__(self, file: PlainFile, reading: SheetReading, warnings: Sequence[ImportWarning]) -> None:
        """Read the columns; `warnings` are those about the header."""
        self.count = 0
        self._file, self._reading = file, reading
        self._notes = Notes(list(warnings))
        readings = read_cells(file.rows, reading)
        debts = plain_debts(readings)
        shared = Shared(readings, file.starts, reading.header.currency)
        texts = {
            name: read_texts(name, file.rows.columns.get(name), reading, readings.rows)
            for name in ("portfolio_id", "name", "lender")
        }
        is_odd = _odd_rows(readings, debts, shared, texts, reading)
        is_odd |= _has_foreign_sign(file.rows.columns, shared)
        # One odd row makes its whole portfolio odd: shared values and repeated names concern all its rows.
        self._is_odd = odd_runs(readings, debts, shared, file.starts) | np.logical_or.reduceat(is_odd, file.starts)
        self._answer = Answer(readings, debts, shared, texts, file.starts)
        self._note_plain_rows(readings, ~self._is_odd[shared.owner])

    def portfolios(self) -> Iterator[bytes | memoryview]:
        """Each portfolio once, in the order in which they begin in the file; several to a piece."""
        count = len(self._is_odd)
        for first in range(0, count, AT_ONCE):
            last = min(first + AT_ONCE, count)
            odd = np.flatnonzero(self._is_odd[first:last])
            if len(odd) == last - first:
                yield from (self._by_rows(first + run) for run in odd.tolist())
                continue
            text, offsets = self._answer.portfolios(first, last)
            self.count += last - first - len(odd)
            done = 0
            for run in odd.tolist():
                yield text[offsets[done] : offsets[run]]
                yield self._by_rows(first + run)
                done = run + 1
            yield text[offsets[done] :]

    def notes(self) -> tuple[list[Reject], list[ImportWarning]]:
        """The rejects and warnings, once all portfolios have been read."""
        drafts, skipped = drafts_of_rows(self._file.content.rows_at(self._file.nobodys), self._reading)
        for draft in drafts:
            reject_nameless(draft)
        self._notes.take(drafts)
        self._notes.whole += skipped
        rejects = sorted(self._notes.rejects, key=lambda reject: reject.row)
        return rejects, self._notes.warnings(self._reading)

    def _by_rows(self, run: int) -> bytes:
        """A portfolio by the readers of rows; nothing where it is left out."""
        starts, places = self._file.starts, self._file.rows.places
        own = places[starts[run] : starts[run + 1] if run + 1 < len(starts) else len(places)]
        drafts, _ = drafts_of_rows(self._file.content.rows_at(own), self._reading)
        portfolio, wrong = portfolio_of_group(drafts[0].values["portfolio_id"], drafts)
        self._notes.take(drafts)
        self._notes.rejects += wrong
        self.count += portfolio is not None
        return b"" if portfolio is None else b"," + portfolio.model_dump_json(by_alias=True).encode()

    def _note_plain_rows(self, readings: Readings, is_plain: Flags) -> None:
        """Note what the plain rows say about the whole file."""
        self._notes.names_currency = bool((readings["currency"].is_given & is_plain).any())
        rate = np.where(is_plain, readings["apr"].values, 0)
        highest = int(rate.max(initial=0))
        self._notes.highest_rate = Decimal(highest).scaleb(-RATE_DIGITS)
        # All rates are below 1 %: they may be meant as fractions, so find the first bare one to warn of.
        if 0 < highest < ONE_PERCENT.scaleb(RATE_DIGITS):
            rows = self._file.rows
            for row in np.flatnonzero(rate)[np.argsort(rows.places[rate > 0])].tolist():
                cell = rows.columns["apr"][row].as_py().strip()
                if is_bare_number(cell):
                    self._notes.take_bare_rate(self._file.content.first + int(rows.places[row]), cell)
                    return


def _odd_rows(
    readings: Readings, debts: PlainDebts, shared: Shared, texts: dict[str, Texts], reading: SheetReading
) -> Flags:
    """The rows of which there is more to say than fits into a portfolio."""
    is_odd = ~texts["name"].is_given | _is_repeated(texts["name"].json, shared.owner)
    for column in texts.values():
        is_odd |= column.is_odd
    for cells in readings.cells.values():
        is_odd |= cells.is_told
    is_odd |= readings["months_left"].is_given & (debts.rule != LEVEL)  # not used, or of a flat fee
    if reading.this_month is not None:
        promo, starts = readings["promo_until"], shared.start[shared.owner]
        is_odd |= promo.is_given & (starts < 0) & (promo.values < month_index(reading.this_month))
    return is_odd


def _is_repeated(names: Column, owner: Ints) -> Flags:
    """Names that a portfolio has more than once."""
    codes = to_numpy(names.dictionary_encode().indices).astype(np.int64)
    # Owner and name as one key: a key that comes twice is a name repeated within a portfolio.
    _, places, counts = np.unique(owner * (codes.max(initial=0) + 1) + codes, return_inverse=True, return_counts=True)
    return (counts > 1)[places]


def _has_foreign_sign(columns: dict[str, Column], shared: Shared) -> Flags:
    """Rows with an amount whose sign is another currency's than its portfolio's."""
    is_foreign = np.zeros(len(shared.owner), bool)
    currencies, places = np.unique(shared.currency[shared.owner], return_inverse=True)
    foreign = np.array([_bits(foreign_signs(currency_code(currency))) for currency in currencies], np.int64)
    for name in AMOUNTS & columns.keys():
        has_more = to_numpy(compute.match_substring_regex(columns[name], UNSIGNED))
        if has_more.any():
            signs, own = distinct(compute.if_else(arrow.array(has_more), columns[name], ""), _signs)
            is_foreign |= (np.array(signs, np.int64)[own] & foreign[places]) > 0
    return is_foreign


def _signs(text: str) -> int:
    cell = text.strip()
    return 0 if cell.isalnum() else _bits(signs_of(cell))


def _bits(signs: frozenset[str]) -> int:
    return sum(1 << SIGNS.index(sign) for sign in signs)
