"""Every number of a text against what the tools returned, the portfolio, and the client's own question.

A number is supported if it is one of theirs, rounded at most to its last shown digit, or the same thing said otherwise:
a fraction as a percent, months as years and months. Sums and differences count only where a tool returned them.
Knows nothing of who wrote the text.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from agents.checking.numerals import Numeral, NumeralKind, narrowed, numerals
from data.month import MONTH_PATTERN
from data.wire.task_result import Grounding, Unsupported

COUNTING = Decimal(10)  # plain whole numbers up to this are taken for counting words
ROUNDED_FROM = Decimal(100)  # a smaller whole number without a currency is no rounded amount
CLOSE = Decimal("0.02")  # how far 1.2万 may stand from what it rounds
PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
DAY = re.compile(r"(\d{4}-\d{2})-\d{2}")
HIDDEN = "\ufffc"


@dataclass
class Facts:
    """The values that a text may state."""

    amounts: list[Decimal] = field(default_factory=list[Decimal])
    rates: list[Decimal] = field(default_factory=list[Decimal])
    durations: set[Decimal] = field(default_factory=set[Decimal])
    months: set[str] = field(default_factory=set[str])

    @classmethod
    def of(cls, sources: Iterable[Any]) -> "Facts":
        """The values in JSON: strings are amounts, months or text, whole numbers counts, fractions rates."""
        facts = cls()
        for source in sources:
            facts._collect(source, "")
        # Sorted, for the search by bisection.
        facts.amounts.sort()
        facts.rates.sort()
        return facts

    def _collect(self, value: Any, key: str) -> None:
        if isinstance(value, Mapping):
            for name, item in cast("Mapping[str, Any]", value).items():
                self._collect(item, name)
        elif isinstance(value, list | tuple):
            for item in cast("list[Any]", value):
                self._collect(item, key)
        elif isinstance(value, str):
            self._collect_text(value)
        elif isinstance(value, float | Decimal):
            self.rates.append(Decimal(str(value)))
        elif isinstance(value, int) and not isinstance(value, bool):
            self._collect_count(Decimal(value), key)

    def _collect_count(self, value: Decimal, key: str) -> None:
        # Signs are words in a text ("less", "more"), so sizes are compared.
        self.amounts.append(abs(value))
        if "month" in key:
            self.durations.add(abs(value))

    def _collect_text(self, text: str) -> None:
        day = DAY.fullmatch(text)
        if MONTH_PATTERN.fullmatch(text) or day:
            self.months.add(day[1] if day else text)
        elif PLAIN.fullmatch(text):
            self.amounts.append(abs(Decimal(text)))
        else:
            for numeral in numerals(text):
                self._collect_numeral(numeral)

    def _collect_numeral(self, numeral: Numeral) -> None:
        if numeral.kind is NumeralKind.MONTH and len(numeral.month) > 2:
            self.months.add(numeral.month)
        elif numeral.kind is NumeralKind.RATE:
            self.rates.append(numeral.value)
        elif numeral.kind is NumeralKind.DURATION:
            self.durations.add(numeral.value)
        else:
            self.amounts.append(numeral.value)

    def support(self, numeral: Numeral) -> bool:
        """True if the number is one of these values, or one of them in another form."""
        if numeral.kind is NumeralKind.MONTH:
            return any(month == numeral.month or month[5:] == numeral.month for month in self.months)
        if numeral.kind is NumeralKind.YEAR:
            return self._is_year(numeral.value)
        if numeral.kind is NumeralKind.DURATION:
            return numeral.value in self.durations
        if numeral.kind is NumeralKind.RATE:
            return _is_near(numeral.value, self.rates, numeral.unit / 2)
        return self._is_number(numeral)

    def _is_number(self, numeral: Numeral) -> bool:
        is_whole = numeral.unit == 1
        if _is_near(numeral.value, self.amounts, Decimal(0)):
            return True
        # A bare 2027 may be a year.
        if is_whole and not numeral.is_money and self._is_year(numeral.value):
            return True
        # 0.25 may be a rate, told as a fraction.
        if not numeral.is_money and not is_whole and _is_near(numeral.value, self.rates, numeral.unit / 2):
            return True
        # A small whole number lies near too many amounts to pass for one of them rounded.
        if is_whole and not numeral.is_money and numeral.value < ROUNDED_FROM:
            return False
        # Half of the last digit shown, but 1万 must not stand for everything from 5,000 to 15,000.
        return _is_near(numeral.value, self.amounts, min(numeral.unit / 2, max(numeral.value * CLOSE, Decimal("0.5"))))

    def _is_year(self, value: Decimal) -> bool:
        return any(month[:4] == str(value) for month in self.months)


def ground(text: str, facts: Facts, names: Iterable[str] = ()) -> Grounding:
    """How many numbers were checked, and those that stand nowhere.

    `names` (of debts) are passed over: their digits say nothing.
    """
    seen = without(text, names)
    checked = [numeral for numeral in numerals(seen) if not _is_counting(numeral)]
    unsupported = [numeral for numeral in checked if not facts.support(numeral)]
    places = [Unsupported(text=text[one.start : one.end], start=one.start, end=one.end) for one in unsupported]
    return Grounding(checked=len(checked), unsupported=places)


def without(text: str, names: Iterable[str]) -> str:
    """The text with names that hold digits and letters blotted out, plain or as Markdown escapes them."""
    spelled = {form for name in names for form in (name, escaped(name)) if re.search(r"\d", narrowed(name))}
    # The longest first: one name may be part of another.
    for name in sorted(spelled, key=len, reverse=True):
        # A name of digits alone would hide amounts.
        if any(letter.isalpha() for letter in name):
            text = text.replace(name, HIDDEN * len(name))
    return text


def escaped(name: str) -> str:
    """A name as Markdown text: nothing in it is markup, nothing breaks a table."""
    flat = " ".join(name.split())
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~$&])", r"\\\1", flat)


def _is_counting(numeral: Numeral) -> bool:
    is_plain = numeral.kind is NumeralKind.NUMBER and not numeral.is_money and numeral.unit == 1
    return is_plain and numeral.value <= COUNTING


def _is_near(value: Decimal, known: list[Decimal], within: Decimal) -> bool:
    """True if one of the sorted values lies within that distance."""
    place = bisect_left(known, value - within)
    return place < len(known) and known[place] <= value + within
