"""Every number of a text against what the tools returned, the portfolio, and the client's own question.

A number is supported if it is one of theirs, rounded at most to its last shown digit, or the same thing said otherwise:
a fraction as a percent, months as years and months; if it is said to be rounded, within 2.5 %; if the words beside it
say that it is a difference, a sum or a share, one of values of one meaning. A debt's own figure beside another debt's
name is not. Knows nothing of who wrote the text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.checking.attribution import HEDGED, Owned, Passage, passages
from agents.checking.facts import Facts, between, is_near
from agents.checking.numerals import Numeral, NumeralKind, narrowed, numerals
from agents.inert import LEFT_OUT, inert
from data.wire.task_result import Grounding, Unsupported

COUNTING = Decimal(10)  # plain whole numbers up to this are taken for counting words
FIRST_MONTHS = Decimal(12)  # of a plan: told one by one
ROUNDED_FROM = Decimal(100)  # a smaller whole number without a currency is no rounded amount
CLOSE = Decimal("0.02")  # how far 1.2万 may stand from what it rounds
HEDGED_MONTHS = Decimal(3)  # how far "about 3 years" may
HIDDEN = "\ufffc"
AROUND = 40  # characters in which the words stand that say what a number is
LESS = re.compile(
    r"\bsav(?:e|es|ed|ing|ings)\b|\bless\b|\bmore\b|\bfewer\b|cheaper|dearer|difference|\bextra\b|sooner|earlier|later"
    r"|faster|longer|shorter|higher|lower|above|below|beyond|\bleft\b|leftover|\bleav|remain|short(?:fall)?\b|reduc|drop|cut"
    r"|节省|省下|少|多|相差|差额|差|便宜|贵|提前|早|晚|快|慢|高出|低|剩|缺口|降|减",
    re.IGNORECASE,
)
TOGETHER = re.compile(
    r"together|combined|altogether|in total|\btotal|\bsum\b|\ball\b|\bboth\b|adds? up|合计|一共|共|总|加起来|合起来",
    re.IGNORECASE,
)
A_YEAR = re.compile(r"(?:a|per|each|every)\s+year|annual|yearly|每年|一年", re.IGNORECASE)
A_MONTH = re.compile(r"month|daily|a day|per day|月|日", re.IGNORECASE)
SHARE = re.compile(r"\bof\b|share|portion|fraction|占|的", re.IGNORECASE)
PERIODS = (Decimal(12), Decimal(365), Decimal(360))
KNOWN_PHONES = frozenset({"110", "911", "112", "999"})  # everybody's


@dataclass(frozen=True)
class Check:
    """One text's numbers against the facts."""

    facts: Facts
    text: str

    def support(self, numeral: Numeral) -> bool:
        """True if the number is one of the facts' values, one of them in another form, or follows from them."""
        return self._is_one(numeral) or self._follows(numeral)

    def _is_one(self, numeral: Numeral) -> bool:
        facts = self.facts
        if numeral.kind is NumeralKind.MONTH:
            return any(month == numeral.month or month[5:] == numeral.month for month in facts.months)
        if numeral.kind is NumeralKind.YEAR:
            return self._is_year(numeral.value)
        if numeral.kind is NumeralKind.PHONE:
            return numeral.digits in facts.phones or numeral.digits in KNOWN_PHONES
        if numeral.kind is NumeralKind.DURATION:
            return self._is_duration(numeral)
        if numeral.kind is NumeralKind.RATE:
            return self._is_rate(numeral)
        if numeral.kind is NumeralKind.RATIO:
            is_count = numeral.value <= COUNTING and numeral.unit == 1
            return is_count or _is_any(facts.ratios(), numeral, numeral.unit / 2)
        return self._is_number(numeral)

    def _is_duration(self, numeral: Numeral) -> bool:
        if numeral.value in self.facts.durations:
            return True
        if numeral.is_ordinal:
            return numeral.value <= FIRST_MONTHS
        within = numeral.unit / 2 if numeral.unit != 1 else Decimal(0)
        if numeral.is_hedged:
            within = max(HEDGED_MONTHS if numeral.value % 12 == 0 else Decimal(0), numeral.value * HEDGED, Decimal(1))
        return within > 0 and any(abs(value - numeral.value) <= within for value in self.facts.durations)

    def _is_rate(self, numeral: Numeral) -> bool:
        within = max(numeral.unit / 2, numeral.value * HEDGED if numeral.is_hedged else Decimal(0))
        if is_near(numeral.value, self.facts.rates, within):
            return True
        # The same rate a month or a day.
        is_periodic = bool(A_MONTH.search(self._around(numeral, 14)))
        return is_periodic and any(is_near(numeral.value * by, self.facts.rates, within * by) for by in PERIODS)

    def _is_number(self, numeral: Numeral) -> bool:
        amounts, is_whole = self.facts.amounts, numeral.unit == 1
        if is_near(numeral.value, amounts, Decimal(0)):
            return True
        # A bare 2027 may be a year.
        if is_whole and not numeral.is_money and self._is_year(numeral.value):
            return True
        # 0.25 may be a rate, told as a fraction.
        if not numeral.is_money and not is_whole and is_near(numeral.value, self.facts.rates, numeral.unit / 2):
            return True
        # A small whole number lies near too many amounts to pass for one of them rounded.
        if is_whole and not numeral.is_money and numeral.value < ROUNDED_FROM:
            return False
        if numeral.is_hedged:
            return bool(between(amounts, numeral.value / (1 + HEDGED), numeral.value / (1 - HEDGED)))
        # Half of the last digit shown, but 1万 must not stand for everything from 5,000 to 15,000.
        return is_near(numeral.value, amounts, _rounded(numeral))

    def _is_year(self, value: Decimal) -> bool:
        return any(month[:4] == str(value) for month in self.facts.months)

    def _follows(self, numeral: Numeral) -> bool:
        """Whether it is a difference, a sum, a year's worth or a share, where the words beside it say so."""
        around = self._around(numeral, AROUND)
        if numeral.kind is NumeralKind.RATIO:
            return False
        within = _rounded(numeral)
        if numeral.kind is NumeralKind.RATE:
            shares = (part for ratio in self.facts.ratios() for part in (1 / ratio, 1 - 1 / ratio))
            is_said = LESS.search(around) or SHARE.search(around)
            is_share = is_said and numeral.unit < Decimal("0.01") and _is_any(shares, numeral, numeral.unit / 2)
            differences = self.facts.differences(NumeralKind.RATE)
            return bool(is_share or (LESS.search(around) and _is_any(differences, numeral, numeral.unit / 2)))
        if LESS.search(around) and _is_any(self.facts.differences(numeral.kind), numeral, within):
            return True
        if numeral.kind is not NumeralKind.NUMBER:
            return False
        if A_YEAR.search(around) and is_near(numeral.value / 12, self.facts.amounts, within / 12):
            return True
        return bool(TOGETHER.search(around)) and _is_any(self.facts.sums(numeral.kind), numeral, within)

    def _around(self, numeral: Numeral, many: int) -> str:
        return self.text[max(0, numeral.start - many) : numeral.end + many]


def ground(text: str, facts: Facts, names: Iterable[str] = ()) -> Grounding:
    """How many numbers were checked, and those that stand nowhere or belong to another debt than the one beside them.

    `names` (of debts) are passed over: their digits say nothing.
    """
    names = list(names)
    seen = without(text, names)
    checked = [numeral for numeral in numerals(seen) if not _is_counting(numeral, seen)]
    check = Check(facts, text)
    places = list(_flagged(check, checked, passages(text, _spellings(names), checked)))
    return Grounding(checked=len(checked), unsupported=places)


def _flagged(check: Check, checked: Sequence[Numeral], told: Sequence[Passage]) -> Iterator[Unsupported]:
    owned = Owned(check.facts)
    for one in checked:
        said = check.text[one.start : one.end]
        if not check.support(one):
            yield Unsupported(text=said, start=one.start, end=one.end, reason="unknown")
            continue
        others = owned.others(one, check.text, told)
        if others:
            yield Unsupported(text=said, start=one.start, end=one.end, reason="other_debt", debt=others[0])


def _spellings(names: Iterable[str]) -> dict[str, str]:
    """How a debt's name may stand in a text: plain, or as Markdown escapes it, and made inert by what tells it."""
    plain = {form: name for name in names for form in (name, escaped(name))}
    return plain | {inert(form, language): name for form, name in plain.items() for language in LEFT_OUT}


def without(text: str, names: Iterable[str]) -> str:
    """The text with names that hold digits and letters blotted out, plain or as Markdown escapes them."""
    spelled = {form for form in _spellings(names) if re.search(r"\d", narrowed(form))}
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


def _is_counting(numeral: Numeral, text: str) -> bool:
    if numeral.kind is NumeralKind.DURATION and not re.search(r"\d", text[numeral.start : numeral.end]):
        return numeral.value in (1, 6, 12)  # "a month", 半年, 一年
    is_plain = numeral.kind is NumeralKind.NUMBER and not numeral.is_money and numeral.unit == 1
    return is_plain and numeral.value <= COUNTING


def _rounded(numeral: Numeral) -> Decimal:
    within = min(numeral.unit / 2, max(numeral.value * CLOSE, Decimal("0.5")))
    return max(within, numeral.value * HEDGED) if numeral.is_hedged else within


def _is_any(values: Iterable[Decimal], numeral: Numeral, within: Decimal) -> bool:
    return any(abs(value - numeral.value) <= within for value in values)
