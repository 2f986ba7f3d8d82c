"""Whose a number is said to be: the debts named in its clause, row or sentence, against whose figure it is.

Careful rather than keen: only a figure that stands in debts' own records alone, beside names none of which has it, is
said to be on the wrong debt.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.checking.facts import Facts
from agents.checking.numerals import Numeral, NumeralKind

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z*\"“])|(?<=[。！？])|\n+")
CLAUSE = re.compile(
    r"[;；，]|,(?!\d)|——|—|–|\s-\s|\b(?:while|whereas|but|versus|vs\.?|compared\s+(?:to|with)|than|against|then|and(?=[^.,;]*\d))\b|而|但|比|然后|再"
)
TAKEN_UP = re.compile(
    r"^\W*(?:it|its|this|that|the\s+(?:card|loan|debt|balance|rate))\b|^\W*(?:它|这[笔张个]|该|其)", re.IGNORECASE
)
IN_ORDER = re.compile(r"respectively|in that order|分别|依次", re.IGNORECASE)
ROW = re.compile(r"^\s*\|.*\|\s*$")
CELL = re.compile(r"(?<=\|)(?:[^|\\]|\\.)*(?=\|)")
SHORT = re.compile(r"[A-Za-z]{3,}|^[\u4e00-\u9fff]{2}")  # what a name may be shortened to
HEDGED = Decimal("0.025")  # how far a number may stand from what it is said to be about


@dataclass(frozen=True)
class Passage:
    """A stretch of the text from `start` to `end`, and the debts that it speaks of; none where nobody can tell."""

    start: int
    end: int
    debts: tuple[str, ...]


@dataclass(frozen=True)
class Owned:
    """Whose values are."""

    facts: Facts

    def others(self, numeral: Numeral, text: str, told: Sequence[Passage]) -> list[str]:
        """The debts whose figure this is, where its passage names only others, whole or in short."""
        passage = next((one for one in told if one.start <= numeral.start < one.end and one.debts), None)
        owners = self._owners(numeral) if passage else set()
        if passage is None or not owners or "" in owners or owners & set(passage.debts):
            return []
        said, names = text[passage.start : passage.end], {*owners, *passage.debts}
        return [] if any(_is_in_short(one, names - {one}, said) for one in owners) else sorted(owners)

    def _owners(self, numeral: Numeral) -> set[str]:
        """The debts in whose records it stands; "" among them where it stands elsewhere too."""
        if numeral.kind is NumeralKind.MONTH:
            if len(numeral.month) == 2:
                return set()
            return set(self.facts.owners.get((NumeralKind.MONTH, numeral.month), ()))
        if numeral.kind not in (NumeralKind.NUMBER, NumeralKind.RATE, NumeralKind.DURATION):
            return set()
        within = Decimal(0) if numeral.kind is NumeralKind.DURATION else numeral.unit / 2
        within = max(within, numeral.value * HEDGED) if numeral.is_hedged else within
        values = {
            NumeralKind.NUMBER: self.facts.amounts, NumeralKind.RATE: self.facts.rates,
            NumeralKind.DURATION: sorted(self.facts.durations),
        }[numeral.kind]  # fmt: skip
        near = {value for value in values if abs(value - numeral.value) <= within}
        found = set[str]()
        for value in near:
            found |= self.facts.owners.get((numeral.kind, value), set())
        # 0 is everybody's.
        return found if numeral.value else {""}


def passages(text: str, spellings: Mapping[str, str], figures: Sequence[Numeral] = ()) -> list[Passage]:
    """The passages of a text: rows of tables whole, else clauses; single figures where they stand in the names' order.

    Args:
        text: as it is told.
        spellings: how a debt's name may be written, and the name.
        figures: the numbers in it, in order.
    """
    finder = _finder(spellings)
    if finder is None:
        return []
    found: list[Passage] = []
    # A full stop in a name ends no sentence.
    shape = finder.sub(lambda name: "X" * len(name[0]), text)
    last: tuple[str, ...] = ()
    columns: list[tuple[str, ...]] = []
    for start, end in _pieces(shape, SENTENCE):
        said = text[start:end]
        named = tuple(dict.fromkeys(spellings[one[0]] for one in finder.finditer(said)))
        if ROW.match(said):
            cells = [(start + cell.start(), start + cell.end()) for cell in CELL.finditer(shape[start:end])]
            if len(named) > 1:
                # A table with debts in its head has each debt's figures in a column.
                columns = [tuple(spellings[one[0]] for one in finder.finditer(text[from_:to])) for from_, to in cells]
            elif columns and not named:
                found += [Passage(*cell, debts) for cell, debts in zip(cells, columns, strict=False)]
            else:
                found.append(Passage(start, end, named))
            continue
        columns = []
        if not named:
            found.append(Passage(start, end, last if len(last) == 1 and TAKEN_UP.match(said) else ()))
            continue
        if IN_ORDER.search(said):
            found += _in_order(start, end, named, [one for one in figures if start <= one.start < end])
            last = named
            continue
        clauses = _pieces(shape[start:end], CLAUSE)
        found += _clauses(text[start:end], start, clauses, finder, spellings)
        last = named
    return found


def _in_order(start: int, end: int, named: tuple[str, ...], figures: Sequence[Numeral]) -> Iterable[Passage]:
    """The figures of "A and B owe 1 and 2 respectively", each its debt's; any debt's where their numbers differ."""
    if not figures or len(figures) % len(named):
        return [Passage(start, end, named)]
    return [Passage(one.start, one.end, (named[place % len(named)],)) for place, one in enumerate(figures)]


def _clauses(
    said: str,
    start: int,
    clauses: Iterable[tuple[int, int]],
    finder: "re.Pattern[str]",
    spellings: Mapping[str, str],
) -> Iterable[Passage]:
    """The clauses of a sentence that names debts; one that names none goes on with the one before it."""
    all_named = tuple(dict.fromkeys(spellings[one[0]] for one in finder.finditer(said)))
    for from_, to in clauses:
        named = tuple(dict.fromkeys(spellings[one[0]] for one in finder.finditer(said[from_:to])))
        if not named:
            # Where several are named, any of the sentence may be meant.
            yield Passage(start + from_, start + to, all_named)
            continue
        yield Passage(start + from_, start + to, named)


def _pieces(text: str, border: "re.Pattern[str]") -> Iterable[tuple[int, int]]:
    start = 0
    for cut in border.finditer(text):
        if cut.start() > start:
            yield start, cut.start()
        start = cut.start() if cut.group().strip() else cut.end()
        start = cut.end() if cut.end() > cut.start() else start
    if start < len(text):
        yield start, len(text)


def _is_in_short(name: str, others: Iterable[str], text: str) -> bool:
    """True where a word of the name stands in the text that no other name has: "the Visa" for "Visa Gold"."""
    words = set(SHORT.findall(name)) - {word for other in others for word in SHORT.findall(other)}
    return any(re.search(rf"(?<![A-Za-z]){re.escape(word)}(?![a-z])", text) for word in words)


def _finder(spellings: Mapping[str, str]) -> "re.Pattern[str] | None":
    # A name of digits, or of one sign, says nothing of whose a number is.
    usable = [form for form in spellings if len(form) > 1 and any(letter.isalpha() for letter in form)]
    if not usable:
        return None
    # The longest first: one name may be part of another; not within a longer word.
    forms = "|".join(re.escape(form) for form in sorted(usable, key=len, reverse=True))
    return re.compile(rf"(?<![A-Za-z])(?:{forms})(?![a-z])")
