"""Each minimum rule as the linear pieces of which what is due is the largest, for the optimum's equations.

A piece holds where the debt stays open after the month; a debt that closes pays its statement, which is never less.
Instalments are read off the kernel's own path of minimums. A rule that is not linear has no piece: the optimum is then
free of it, and its bound still true.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.planner.arrays.from_portfolios import PortfolioArrays
from agents.planner.equations.terms import Terms
from agents.planner.kernel.layout import (
    EQUAL_PRINCIPAL,
    FIXED,
    FLAT_FEE,
    INTEREST,
    INTEREST_ONLY,
    INTEREST_PLUS,
    LEVEL,
    MINIMUM,
    MONTHLY,
    NONE,
    OPENING,
    PERCENT,
    PERCENT_OF_OPENING,
)
from data.arrays import Flags, Floats, Ints


@dataclass(frozen=True, kw_only=True)
class Piece:
    """statement S + opening b + interest + constant + anchored b[anchor]: what one rule asks for at least.

    Units: constant and slack in minor units; the others are factors. Shapes: months (month,) where it holds.

    Attributes:
        interest: 1 where the month's interest is part of it.
        anchored: of the balance before month `anchor`, in which the rule began.
        slack: how much less a rounding may ask for.
        is_instalment: its constant is a part of what the debt began with.
    """

    months: Flags
    statement: float = 0.0
    opening: Any = 0.0
    interest: float = 0.0
    constant: float = 0.0
    anchored: float = 0.0
    anchor: int = -1
    slack: Any = 0.5
    is_instalment: bool = False


def pieces_of(arrays: PortfolioArrays, terms: Terms) -> list[list[Piece]]:
    """The pieces of every debt's rule."""
    return [list(_pieces(arrays, terms, i)) for i in range(len(arrays.debts))]


def adds_up(arrays: PortfolioArrays, i: int) -> bool:
    """True where the due of a debt is never above the sum of its pieces, each rule having its own in every month."""
    debt = arrays.debts[i]
    rules = arrays.rules[debt["first_rule"] : debt["first_rule"] + debt["rules"]]
    is_cut = (rules["kind"] == PERCENT_OF_OPENING) & (rules["rate"] > 1e12)  # its piece asks for the opening, no more
    return not (np.isin(rules["kind"], (INTEREST_ONLY, FLAT_FEE)) | is_cut).any() and not rules["recast"][0]


def _pieces(arrays: PortfolioArrays, terms: Terms, i: int) -> Iterator[Piece]:
    debt = arrays.debts[i]
    start = int(arrays.portfolios["start"][0])
    rules = arrays.rules[debt["first_rule"] : debt["first_rule"] + debt["rules"]]
    whole = np.ones(terms.months, bool)
    if rules[0]["kind"] != INTEREST_ONLY:
        yield from (piece for rule in rules for piece in _of_rule(rule, debt, terms, i, whole))
        return
    until = int(rules[0]["until"]) - start
    yield Piece(months=np.arange(terms.months) < until, interest=1.0)
    if rules[0]["then_first"] >= 0 and until < terms.months:
        after = np.arange(terms.months) >= max(until, 0)
        first = rules[0]["then_first"]
        for rule in arrays.rules[first : first + rules[0]["then_count"]]:
            yield from _of_later_rule(rule, debt, terms, (i, max(until, 0)), after)


def _of_rule(rule: Any, debt: Any, terms: Terms, i: int, months: Flags) -> Iterator[Piece]:
    kind, rate = rule["kind"], min(rule["rate"] / 1e12, 1.0)
    if kind == FIXED:
        yield Piece(months=months, constant=float(rule["floor"]), slack=0.0)
    elif kind in (PERCENT, PERCENT_OF_OPENING, INTEREST_PLUS):
        yield Piece(months=months, constant=float(rule["floor"]), slack=0.0)
        if kind == PERCENT:
            yield Piece(months=months, statement=rate)
        elif kind == PERCENT_OF_OPENING:
            yield Piece(months=months, opening=rate)
        else:  # rate b + interest + fees + add = S - (1 - rate) b + add
            yield Piece(months=months, statement=1.0, opening=rate - 1.0, constant=float(rule["add"]))
    elif kind != NONE:
        yield from _of_loan(rule, debt, terms, i, months)


def _of_loan(rule: Any, debt: Any, terms: Terms, i: int, months: Flags) -> Iterator[Piece]:
    path = terms.path[:, i]
    first = float(path[0, MINIMUM])
    if rule["kind"] == LEVEL and rule["recast"]:
        if debt["accrual"] == MONTHLY and not terms.fee[1:, i].any() and not terms.short.any():
            share = path[:, MINIMUM] / np.maximum(path[:, OPENING], 1)  # (T,)
            if terms.fee[0, i] > 0:  # the path's instalment repays it too, which one that is recast may not
                share = _annuity(terms.rate[:, i], int(rule["months"]))
            yield Piece(months=months, opening=share, slack=1.0 + 0.5 * np.arange(terms.months) * share)
    elif rule["kind"] == LEVEL:
        yield Piece(months=months, constant=first, slack=0.0, is_instalment=True)
    elif rule["kind"] == EQUAL_PRINCIPAL:
        part = max(first - float(path[0, INTEREST]), 0.0)
        yield Piece(months=months, constant=part, interest=1.0, is_instalment=True)
    elif rule["kind"] == FLAT_FEE:
        share = terms.share[i] if rule["refundable"] else 0.0
        part = max(first - terms.share[i] + share, 0.0)
        yield Piece(months=months, constant=part, slack=0.0, is_instalment=True)


def _annuity(rate: Floats, count: int) -> Floats:
    """The level instalment on a balance of 1 in each month, which ends with the loan after `count` months (month,)."""
    left = np.maximum(count - np.arange(len(rate)), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = rate / (1.0 - (1.0 + rate) ** -left)
    # A hair less, past the errors of floats.
    return np.where(rate > 0, share, 1.0 / left) * (1.0 - 1e-9)


def _of_later_rule(rule: Any, debt: Any, terms: Terms, place: tuple[int, int], months: Flags) -> Iterator[Piece]:
    """A rule that follows an interest-only one: its instalment is a share of the balance it begins with."""
    i, until = place
    path = terms.path[until, i]
    if rule["kind"] not in (LEVEL, EQUAL_PRINCIPAL, FLAT_FEE):
        yield from _of_rule(rule, debt, terms, i, months)
    elif path[OPENING] > 0 and rule["kind"] == LEVEL and not rule["recast"]:
        share = path[MINIMUM] / path[OPENING]
        yield Piece(months=months, anchored=share, anchor=until, slack=1.0)
    elif path[OPENING] > 0 and rule["kind"] == EQUAL_PRINCIPAL:
        share = max(path[MINIMUM] - path[INTEREST], 0) / path[OPENING]
        yield Piece(months=months, anchored=share, anchor=until, interest=1.0, slack=1.5)


def due_whole_from(arrays: PortfolioArrays) -> Ints:
    """For each debt a month from which its whole statement is due, counted from the start; FOREVER where none is.

    Shapes: (debt,).
    """
    start = int(arrays.portfolios["start"][0])
    return np.array([_end(arrays, debt, start) for debt in arrays.debts], np.int64)


def _end(arrays: PortfolioArrays, debt: Any, start: int) -> int:
    rule = arrays.rules[debt["first_rule"]]
    began = 0
    if rule["kind"] == INTEREST_ONLY:
        began = max(int(rule["until"]) - start, 0)
        if rule["then_first"] < 0:
            return began
        rule = arrays.rules[rule["then_first"]]
    has_end = rule["kind"] in (LEVEL, EQUAL_PRINCIPAL, FLAT_FEE)
    return began + int(rule["months"]) - 1 if has_end else 10**9
