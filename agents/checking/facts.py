"""What a text may state: what tools, portfolio and question hold, whose it is, and what follows from it.

A value follows only where the words beside it say so ("saves", "together") and only from values of one meaning: a
difference of any two numbers would let nearly every number pass.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from re import compile as pattern
from typing import Any, cast

from agents.checking.numerals import Numeral, NumeralKind, numerals
from data.month import MONTH_PATTERN

PLAIN = pattern(r"-?\d+(?:\.\d+)?")
DAY = pattern(r"(\d{4}-\d{2})-\d{2}")
OWNER_KEYS = ("name", "debt")
MONEY_A_MONTH = frozenset({"income", "monthly", "monthly_minimums", "monthly_interest", "required_budget", "required"})
MOST_OF_ONE_MEANING = 12  # more values of one name are rows of a table, whose sums say nothing
MOST_ADDED = 4  # of values that a text adds up


@dataclass
class Facts:
    """The values that a text may state.

    Attributes:
        by_name: values of one meaning, by the name that they have in JSON.
        owners: whose a value is, where it stands in a debt's own record; "" where it is nobody's.
    """

    amounts: list[Decimal] = field(default_factory=list[Decimal])
    rates: list[Decimal] = field(default_factory=list[Decimal])
    durations: set[Decimal] = field(default_factory=set[Decimal])
    months: set[str] = field(default_factory=set[str])
    phones: set[str] = field(default_factory=set[str])
    by_name: dict[tuple[NumeralKind, str], set[Decimal]] = field(default_factory=lambda: defaultdict(set[Decimal]))
    owners: dict[tuple[NumeralKind, Decimal | str], set[str]] = field(default_factory=lambda: defaultdict(set[str]))

    @classmethod
    def of(cls, sources: Iterable[Any]) -> "Facts":
        """The values in JSON: strings are amounts, months or text, whole numbers counts, fractions rates."""
        facts = cls()
        for source in sources:
            facts._collect(source, "", "")
        # Sorted, for the search by bisection.
        facts.amounts.sort()
        facts.rates.sort()
        return facts

    def differences(self, kind: NumeralKind) -> Iterator[Decimal]:
        """Of two values of one meaning."""
        for values in self._of_one_meaning(kind):
            yield from (abs(one - other) for one, other in combinations(values, 2))

    def sums(self, kind: NumeralKind) -> Iterator[Decimal]:
        """Of a few values of one meaning, or of all."""
        for values in self._of_one_meaning(kind):
            for many in {*range(2, min(MOST_ADDED, len(values)) + 1), len(values)}:
                yield from (sum(chosen, Decimal(0)) for chosen in combinations(values, many))

    def ratios(self) -> Iterator[Decimal]:
        """Of two amounts of one meaning, the greater by the lesser."""
        for values in self._of_one_meaning(NumeralKind.NUMBER):
            pairs = ((min(pair), max(pair)) for pair in combinations(values, 2))
            yield from (greater / lesser for lesser, greater in pairs if lesser)

    def _of_one_meaning(self, kind: NumeralKind) -> Iterator[list[Decimal]]:
        for (which, _), values in self.by_name.items():
            if which is kind and 2 <= len(values) <= MOST_OF_ONE_MEANING:
                yield sorted(values)

    def _collect(self, value: Any, key: str, owner: str) -> None:
        if isinstance(value, Mapping):
            record = cast("Mapping[str, Any]", value)
            named = next((record[name] for name in OWNER_KEYS if isinstance(record.get(name), str)), owner)
            for name, item in record.items():
                self._collect(item, name, named)
        elif isinstance(value, list | tuple):
            for item in cast("list[Any]", value):
                self._collect(item, key, owner)
        elif isinstance(value, str):
            self._collect_text(value, key, owner)
        else:
            self._collect_number(value, key, owner)

    def _collect_number(self, value: Any, key: str, owner: str) -> None:
        if isinstance(value, float | Decimal):
            self._note(NumeralKind.RATE, Decimal(str(value)), key, owner)
        elif isinstance(value, int) and not isinstance(value, bool):
            # Signs are words in a text ("less", "more"), so sizes are compared.
            self._note(NumeralKind.NUMBER, abs(Decimal(value)), key, owner)
            if "month" in key:
                self._note(NumeralKind.DURATION, abs(Decimal(value)), key, owner)

    def _collect_text(self, text: str, key: str, owner: str) -> None:
        day = DAY.fullmatch(text)
        if MONTH_PATTERN.fullmatch(text) or day:
            month = day[1] if day else text
            self.months.add(month)
            self.owners[NumeralKind.MONTH, month].add(owner)
        elif PLAIN.fullmatch(text):
            self._note(NumeralKind.NUMBER, abs(Decimal(text)), key, owner)
        else:
            for numeral in numerals(text):
                self._collect_numeral(numeral)

    def _collect_numeral(self, numeral: Numeral) -> None:
        if numeral.kind is NumeralKind.MONTH and len(numeral.month) > 2:
            self.months.add(numeral.month)
            self.owners[NumeralKind.MONTH, numeral.month].add("")
        elif numeral.kind is NumeralKind.PHONE:
            self.phones.add(numeral.digits)
        elif numeral.kind in (NumeralKind.RATE, NumeralKind.DURATION):
            self._note(numeral.kind, numeral.value, "", "")
        else:
            self._note(NumeralKind.NUMBER, numeral.value, "", "")

    def _note(self, kind: NumeralKind, value: Decimal, key: str, owner: str) -> None:
        if kind is NumeralKind.RATE:
            self.rates.append(value)
        elif kind is NumeralKind.DURATION:
            self.durations.add(value)
        else:
            self.amounts.append(value)
        self.owners[kind, value].add(owner)
        if key:
            self.by_name[kind, "a month" if key in MONEY_A_MONTH else key].add(value)


def is_near(value: Decimal, known: list[Decimal], within: Decimal) -> bool:
    """True if one of the sorted values lies within that distance."""
    place = bisect_left(known, value - within)
    return place < len(known) and known[place] <= value + within


def between(known: list[Decimal], least: Decimal, most: Decimal) -> list[Decimal]:
    """The sorted values from the least to the most."""
    found: list[Decimal] = []
    place = bisect_left(known, least)
    while place < len(known) and known[place] <= most:
        found.append(known[place])
        place += 1
    return found
