"""The portfolios of a range and what each strategy costs on them: plain ones by columns, odd ones as objects.

Both ways end in the same kernel.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from agents.planner.arrays.from_columns import DebtColumns, from_columns
from agents.planner.arrays.from_portfolios import MOST_OWED, from_portfolios
from agents.planner.kernel import layout
from data.answers.plan import Strategy
from data.arrays import Flags, Ints
from data.errors import InvalidPortfolio
from data.files.plain.content import Content
from data.files.plain.readings import (
    FIXED,
    FLAT_FEE,
    KINDS,
    LEVEL,
    PlainDebts,
    Readings,
    currency_number,
    plain_debts,
    read_cells,
)
from data.files.plain.rows import Rows
from data.files.plain.shared import NOT_GIVEN, Shared, odd_runs
from data.files.rows.row_draft import SheetReading, drafts_of_rows
from data.files.rows.rows_to_debts import portfolios_of_drafts
from data.month import month_index
from data.portfolio.debt import SECURED
from data.portfolio.portfolio import Portfolio
from data.wire.import_result import Reject
from data.wording.sentence import say
from serve.batches.runs import Runs
from serve.batches.searches import BOUND, outcomes

KERNEL_RULE = np.full(5, layout.PERCENT)
KERNEL_RULE[[FLAT_FEE, FIXED, LEVEL]] = layout.FLAT_FEE, layout.FIXED, layout.LEVEL
IS_SECURED = np.array([kind in SECURED for kind in KINDS])
ODD_AT_ONCE = 1000  # portfolios as objects take a hundred times the memory of their rows


@dataclass(frozen=True)
class BatchQuestion:
    """What to find out: by which strategies, from which month where a portfolio names none.

    Attributes:
        reading: how the rows are read. ids_required: a row without a portfolio_id is a bad row.
    """

    strategies: tuple[Strategy, ...]
    start: str
    reading: SheetReading
    ids_required: bool


@dataclass(frozen=True)
class RangeResult:
    """The results of a range: one entry a portfolio, in the order of the file.

    Attributes:
        runs: which run of the range each was. currencies: as `currency_number`s. debts: how many.
        balances: in minor units. results: `layout.RESULT` records (portfolio, strategy). bounds: `searches.BOUND`s.
        rejects: what is in no result, in the order of the file. highest_rate: annual, in 10^-12, of all rows.
    """

    runs: Ints
    currencies: Ints
    debts: Ints
    balances: Ints
    results: Any
    bounds: Any
    rejects: tuple[Reject, ...] = ()
    highest_rate: int = 0


def solve(rows: Rows, runs: Runs, content: Content, question: BatchQuestion) -> RangeResult:
    """Plan every portfolio of a range."""
    if len(rows.places) == 0:
        return _nothing(question)
    readings = read_cells(rows, question.reading)
    shared = Shared(readings, runs.starts, question.reading.header.currency)
    plain, is_odd = _solve_plain(readings, shared, runs, question)
    odd = np.flatnonzero(is_odd)
    # In pieces: portfolios as objects take far more memory than their rows.
    pieces = [odd[start : start + ODD_AT_ONCE] for start in range(0, len(odd), ODD_AT_ONCE)]
    outcome = _merged([plain, *(_solve_odd(piece, rows, runs, content, question) for piece in pieces)])
    return replace(outcome, highest_rate=int(readings["apr"].values.max(initial=0)))


def _solve_plain(readings: Readings, shared: Shared, runs: Runs, question: BatchQuestion) -> tuple[RangeResult, Flags]:
    """The outcome of the runs that are plain, and which runs are not."""
    debts = plain_debts(readings)
    unit = shared.unit[shared.owner]
    owed = np.add.reduceat(readings["balance"].values / unit, runs.starts)
    # Half of what the kernel can count: interest and fees come on top.
    is_odd = odd_runs(readings, debts, shared, runs.starts) | (owed > MOST_OWED / 2)
    kept = ~is_odd[shared.owner]
    plain = np.flatnonzero(~is_odd)
    if len(plain) == 0:
        return _nothing(question), is_odd
    budget, start = shared.budget[plain], shared.start[plain]
    arrays = from_columns(
        _columns(readings, debts, shared, kept, unit[kept]),
        np.where(start >= 0, start, month_index(question.start)),
        np.where(budget >= 0, budget // shared.unit[plain], NOT_GIVEN),
    )
    balances = np.add.reduceat(arrays.debts["balance"], arrays.portfolios["first_debt"])
    found = outcomes(arrays, question.strategies)
    sizes, currencies = shared.sizes[plain], shared.currency[plain]
    return RangeResult(plain, currencies, sizes, balances, found.results, found.bounds), is_odd


def _columns(readings: Readings, debts: PlainDebts, shared: Shared, kept: Flags, unit: Ints) -> DebtColumns:
    """The kernel's columns of the rows that are kept."""

    def amounts(name: str) -> Ints | None:
        return readings[name].values[kept] // unit if name in readings.columns else None

    def values(name: str) -> Ints | None:
        return readings[name].values[kept] if name in readings.columns else None

    days, owner = readings["due_day"], shared.owner[kept]
    return DebtColumns(
        # Numbered anew from 0 without the runs that are left out.
        portfolio=np.cumsum(np.diff(owner, prepend=owner[:1]) > 0, dtype=np.int64),
        balance=readings["balance"].values[kept] // unit,
        rate=debts.rate[kept],
        minimum_kind=KERNEL_RULE[debts.rule[kept]],
        minimum_rate=debts.minimum_rate[kept],
        minimum_floor=_least(debts)[kept] // unit,
        months=debts.months[kept],
        promo_rate=values("promo_apr"),
        promo_until=values("promo_until"),
        credit_limit=amounts("credit_limit"),
        due_day=np.where(days.is_given, days.values, 1)[kept],
        daily=debts.daily[kept] if debts.daily.any() else None,
        annual_fee=amounts("annual_fee"),
        late_fee=amounts("late_fee"),
        secured=(readings["kind"].is_given & IS_SECURED[readings["kind"].values])[kept],
    )


def _least(debts: PlainDebts) -> Ints:
    """What a minimum is at least: its floor or, of two rules the greater, its fixed amount."""
    return np.where(debts.rule == FLAT_FEE, 0, np.maximum(debts.floor, debts.amount))


def _solve_odd(odd: Ints, rows: Rows, runs: Runs, content: Content, question: BatchQuestion) -> RangeResult:
    """The outcome of the runs that are not plain, by the reader of files."""
    ends = np.append(runs.starts[1:], len(rows.places))
    rejects: list[Reject] = []
    kept: list[int] = []
    portfolios: list[Portfolio] = []
    for run in odd.tolist():
        first, last = rows.places[runs.starts[run]], rows.places[ends[run] - 1]
        drafts, _ = drafts_of_rows(content.cells(int(first), int(last) + 1), question.reading)
        found = portfolios_of_drafts(drafts, ids_required=question.ids_required)
        rejects += found.rejects
        for portfolio in found.portfolios:
            kept.append(run)
            portfolios.append(portfolio.starting(question.start))
    portfolios, kept, too_large = _reckonable(portfolios, kept, content.first + rows.places[runs.starts])
    if not portfolios:
        return replace(_nothing(question), rejects=(*rejects, *too_large))
    arrays = from_portfolios(portfolios)
    found = outcomes(arrays, question.strategies)
    return RangeResult(
        np.array(kept),
        np.array([currency_number(portfolio.currency) for portfolio in portfolios]),
        np.array([len(portfolio.debts) for portfolio in portfolios]),
        np.add.reduceat(arrays.debts["balance"], arrays.portfolios["first_debt"]),
        found.results,
        found.bounds,
        (*rejects, *too_large),
    )


def _reckonable(
    portfolios: list[Portfolio], runs: list[int], first_rows: Ints
) -> tuple[list[Portfolio], list[int], list[Reject]]:
    """Without the portfolios that owe more than can be counted in whole minor units."""
    kept: list[tuple[Portfolio, int]] = []
    rejects: list[Reject] = []
    for portfolio, run in zip(portfolios, runs, strict=True):
        try:
            # Tried one by one: the refusal of one must not take the others with it.
            from_portfolios([portfolio])
            kept.append((portfolio, run))
        except InvalidPortfolio as error:
            said = say("too_much_to_reckon", minor_units=error.said.values["minor_units"], left_out=True)
            rejects.append(Reject.of(said, row=int(first_rows[run]), column="balance"))
    return [portfolio for portfolio, _ in kept], [run for _, run in kept], rejects


def _nothing(question: BatchQuestion) -> RangeResult:
    none = np.zeros(0, np.int64)
    return RangeResult(
        none, none, none, none, np.zeros((0, len(question.strategies)), layout.RESULT), np.zeros(0, BOUND)
    )


def _merged(outcomes: Sequence[RangeResult]) -> RangeResult:
    """All in the order of the file."""
    if len(outcomes) == 1:
        return outcomes[0]
    runs = np.concatenate([outcome.runs for outcome in outcomes])
    # Stable: what comes of one run stays in its order.
    order = np.argsort(runs, kind="stable")
    columns = [
        np.concatenate([getattr(outcome, name) for outcome in outcomes])[order]
        for name in ("currencies", "debts", "balances", "results", "bounds")
    ]
    rejects = sorted(chain.from_iterable(outcome.rejects for outcome in outcomes), key=_place)
    return RangeResult(runs[order], *columns, rejects=tuple(rejects))


def _place(reject: Reject) -> tuple[int, str, str, str]:
    """Rejects in one order whoever finds them: by row, then by what they say."""
    return reject.row, reject.column or "", reject.value or "", reject.reason
