"""Portfolios of plain rows as JSON, made by columns, to the byte as Pydantic writes them.

What stands around the values is taken from the models themselves: a field that a debt gains is in the answer too.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from pydantic_core import to_json

from data.arrays import Flags, Ints
from data.files.plain.arrow import Column, arrow, compute
from data.files.plain.cells import AMOUNT_DIGITS, RATE_DIGITS
from data.files.plain.readings import FIXED, GREATEST, KINDS, LEVEL, PERCENT, PlainDebts, Readings, currency_code
from data.files.plain.shared import NOT_GIVEN, Shared
from data.files.plain.texts import NULL, Texts
from data.month import month_at
from data.portfolio.budget import Budget
from data.portfolio.debt import Debt, DebtKind, Promo
from data.portfolio.minimum_rule import Fixed, Greatest, Level, Percent
from data.portfolio.portfolio import Portfolio
from data.portfolio.value import Value

Template = list[str]  # constant, field, constant, …, constant
JsonPath = tuple[str | int, ...]

MARK = re.compile(r'"\\u0000(\w+)\\u0000"')
ACCRUALS = ('"monthly"', '"daily"')
ZERO = Decimal(0)


def template(value: Value, fields: dict[str, JsonPath]) -> Template:
    """The value's JSON, cut where the named fields stand.

    >>> template(Fixed(amount=ZERO), {"amount": ("amount",)})
    ['{"type":"fixed","amount":', 'amount', '}']
    """
    content = value.model_dump(mode="json", by_alias=True)
    for name, path in fields.items():
        inner: Any = content
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = f"\0{name}\0"
    return MARK.split(json.dumps(content, ensure_ascii=False, separators=(",", ":")))


FIXED_RULE = Fixed(amount=ZERO)
PERCENT_RULE = Percent(rate=ZERO)
RATE_FIELDS: dict[str, JsonPath] = {"rate": ("rate",), "floor": ("floor",)}
RULES: dict[int, Template] = {
    FIXED: template(FIXED_RULE, {"amount": ("amount",)}),
    PERCENT: template(PERCENT_RULE, RATE_FIELDS),
    GREATEST: template(
        Greatest(rules=[FIXED_RULE, PERCENT_RULE]),
        {"amount": ("rules", 0, "amount"), "rate": ("rules", 1, "rate"), "floor": ("rules", 1, "floor")},
    ),
    LEVEL: template(Level(months=1), {"months": ("months",)}),
}
PROMO = template(Promo(apr=ZERO, until="2027-01"), {"apr": ("apr",), "until": ("until",)})
SAMPLE = Debt(name="-", kind=DebtKind.OTHER, balance=ZERO, apr=ZERO, minimum=FIXED_RULE)
ONE_FIELD = ("name", "kind", "balance", "apr", "accrual", "minimum", "promo", "credit_limit", "due_day", "lender")
FEES = {"opening": "no_fee", "monthly": "no_fee", "annual": "annual_fee", "late": "late_fee"}
DEBT = template(SAMPLE, {**{name: (name,) for name in ONE_FIELD}, **{f"fee_{name}": ("fees", name) for name in FEES}})
BUDGET = template(Budget(monthly=ZERO), {"monthly": ("monthly",)})
PORTFOLIO = template(
    Portfolio(debts=[SAMPLE]),
    {name: (name,) for name in ("id", "currency", "start", "income", "budget", "debts")},
)

DEBTS_AT = PORTFOLIO.index("debts")
HEAD = [f",{PORTFOLIO[0]}", *PORTFOLIO[1 : DEBTS_AT - 1], f"{PORTFOLIO[DEBTS_AT - 1]}["]
TAIL = f"]{PORTFOLIO[DEBTS_AT + 1]}"


@dataclass(frozen=True)
class Answer:
    """The portfolios of runs of rows; run i is the rows from `starts[i]` on. Odd runs come out as nonsense."""

    readings: Readings
    debts: PlainDebts
    shared: Shared
    texts: dict[str, Texts]
    starts: Ints

    def portfolios(self, first: int, last: int) -> tuple[memoryview, Ints]:
        """The runs from `first` up to `last` as JSON, a comma before each; and where each begins, with the end."""
        rows = slice(int(self.starts[first]), int(self.starts[last]) if last < len(self.starts) else self.readings.rows)
        starts = self.starts[first:last] - rows.start
        count, runs = rows.stop - rows.start, len(starts)
        # The first row of a run has its portfolio's head before it, every other row a comma.
        before, after = np.full(count, runs), np.zeros(count, np.int64)
        before[starts], after[np.append(starts[1:], count) - 1] = np.arange(runs), 1
        heads = arrow.concat_arrays([self._heads(slice(first, last), rows.start + starts), arrow.array([","])])
        tails = arrow.array(["", TAIL]).take(arrow.array(after))
        text = compute.binary_join_element_wise(heads.take(arrow.array(before)), self._debts(rows), tails, "")
        # Arrow's own buffers: the text of all rows in one piece without a copy, and where each row begins.
        offsets = np.frombuffer(text.buffers()[1], np.int32)[: count + 1]
        return memoryview(text.buffers()[2])[: offsets[-1]], offsets[np.append(starts, count)].astype(np.int64)

    def _heads(self, runs: slice, firsts: Ints) -> Column:
        """What stands before the debts of each run."""
        shared, digits = self.shared, self.shared.digits[runs]

        def money(values: Ints) -> Column:
            is_given = values != NOT_GIVEN
            return or_null(is_given, amounts(np.where(is_given, values, 0), digits))

        budget = money(shared.budget[runs])
        values = {
            "id": self.texts["portfolio_id"].json.take(arrow.array(firsts)),
            "currency": one_of(shared.currency[runs], lambda number: f'"{currency_code(number)}"'),
            "start": months(shared.start[runs]),
            "income": money(shared.income[runs]),
            "budget": or_null(shared.budget[runs] != NOT_GIVEN, filled(BUDGET, {"monthly": budget})),
        }
        return filled(HEAD, values)

    def _debts(self, rows: slice) -> Column:
        readings, debts, digits = self.readings, self.debts, self.shared.digits[self.shared.owner[rows]]

        def money(name: str) -> Column:
            return amounts(readings[name].values[rows], digits)

        limit, days, kinds = readings["credit_limit"], readings["due_day"], readings["kind"]
        values = {
            "name": self.texts["name"].json[rows],
            "kind": one_of(np.where(kinds.is_given, kinds.values, KINDS.index(SAMPLE.kind))[rows], kind_text),
            "balance": money("balance"),
            "apr": rates(debts.rate[rows]),
            "accrual": one_of(debts.daily[rows].astype(np.int64), lambda daily: ACCRUALS[daily]),
            "minimum": self._minimums(rows, digits),
            "promo": self._promos(rows),
            "credit_limit": or_null(limit.is_given[rows], money("credit_limit")),
            "due_day": one_of(np.where(days.is_given, days.values, SAMPLE.due_day)[rows], str),
            "lender": self.texts["lender"].json[rows],
            **{f"fee_{name}": money(column) for name, column in FEES.items()},
        }
        return filled(DEBT, values)

    def _minimums(self, rows: slice, digits: Ints) -> Column:
        debts, rule = self.debts, self.debts.rule[rows]
        values = {
            "amount": amounts(debts.amount[rows], digits),
            "rate": rates(debts.minimum_rate[rows]),
            "floor": amounts(debts.floor[rows], digits),
            "months": one_of(debts.months[rows], str),
        }
        text = filled(RULES[FIXED], values)
        # Only the kinds that occur: each costs a pass over all rows.
        for kind in set(RULES) - {FIXED}:
            if (rule == kind).any():
                text = compute.if_else(arrow.array(rule == kind), filled(RULES[kind], values), text)
        return text

    def _promos(self, rows: slice) -> Column:
        rate, until = self.readings["promo_apr"], self.readings["promo_until"]
        if not until.is_given[rows].any():
            return nulls(rows.stop - rows.start)
        values = {"apr": rates(rate.values[rows]), "until": months(until.values[rows])}
        return or_null(until.is_given[rows], filled(PROMO, values))


def filled(parts: Template, values: dict[str, Column]) -> Column:
    """The template with a column of values in each place."""
    pieces = [values[part] if place % 2 else part for place, part in enumerate(parts)]
    return compute.binary_join_element_wise(*pieces, "")


def one_of(numbers: Ints, text_of: Callable[[int], str]) -> Column:
    """The text of each number, made once for each that differs."""
    different, places = np.unique(numbers, return_inverse=True)
    return arrow.array([text_of(number) for number in different.tolist()], arrow.string()).take(arrow.array(places))


def kind_text(place: int) -> str:
    """A kind of debt in its quotes."""
    return f'"{KINDS[place].value}"'


def months(indexes: Ints) -> Column:
    """Months in their quotes; null where there is none."""
    return one_of(indexes, lambda index: NULL if index <= 0 else f'"{month_at(index)}"')


def rates(scaled: Ints) -> Column:
    """Rates in 10^-12 as JSON writes their floats."""
    different, places = np.unique(scaled, return_inverse=True)
    written = to_json((different / 10**RATE_DIGITS).tolist()).decode()[1:-1].split(",")
    return arrow.array(written, arrow.string()).take(arrow.array(places))


def amounts(values: Ints, digits: Ints) -> Column:
    """Amounts in 10^-4 in their quotes, with the decimals of their currency."""
    text = None
    for decimals in np.unique(digits).tolist():
        number = decimal_text(values // 10 ** (AMOUNT_DIGITS - decimals), decimals)
        text = number if text is None else compute.if_else(arrow.array(digits == decimals), number, text)
    return compute.binary_join_element_wise('"', text, '"', "")


def decimal_text(unscaled: Ints, decimals: int) -> Column:
    """Whole numbers with a decimal point before their last digits."""
    # A decimal128 is two 64-bit words, the lower one first; no amount is negative, so the upper one is 0.
    wide = np.stack([unscaled, np.zeros_like(unscaled)], axis=1)
    kind = arrow.decimal128(38, decimals)
    numbers = arrow.Array.from_buffers(kind, len(unscaled), [None, arrow.py_buffer(wide)])
    return compute.cast(numbers, arrow.string())


def or_null(is_given: Flags, text: Column) -> Column:
    """The text where it is given."""
    return compute.if_else(arrow.array(is_given), text, NULL)


def nulls(count: int) -> Column:
    """Nothing, so many times."""
    return arrow.array([NULL], arrow.string()).take(arrow.array(np.zeros(count, np.int64)))
