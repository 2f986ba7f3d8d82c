"""One result row a portfolio, written column by column.

Columns: portfolio_id, currency, debts, balance; for each strategy its status, months, interest, fees and total paid,
and for `optimal` the bound that no plan pays less than, the gap to it (rounded up) and whether it counts as proved;
then `best` (as `planning.compare` chooses it: the least total paid of those that end, ties to the earlier payoff) and
`saved_vs_minimum`: what `minimum_only` pays in total less what the best pays, empty where either never ends. Amounts
are in currency units with the currency's own decimals.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.planner.kernel.layout import PAID_OFF
from data.answers.plan import PlanStatus, Strategy
from data.arrays import Ints
from data.files.cells.text import guarded_text
from data.files.plain.arrow import Column, Table, arrow, arrow_csv, compute
from data.files.plain.cells import distinct, to_numpy
from data.files.plain.readings import currency_code
from data.money import minor_digits
from data.wire.import_result import Reject
from serve.batches.portfolios import RangeResult
from serve.batches.searches import NO_GAP

REJECT_COLUMNS = ("row", "column", "value", "reason")
LEADING_COLUMNS = ("portfolio_id", "currency", "debts", "balance")
OUTCOME_COLUMNS = ("status", "months", "interest", "fees", "total_paid")
BOUND_COLUMNS = ("bound", "gap", "proved")
TRAILING_COLUMNS = ("best", "saved_vs_minimum")
GAP_DIGITS = 6
SAFE = "^[0-9A-Za-z]"
STATUSES = arrow.array([PlanStatus.PAID_OFF, PlanStatus.NEVER_PAID_OFF, PlanStatus.SHORTFALL], arrow.string())


def result_columns(strategies: Sequence[Strategy]) -> list[str]:
    """The names of the columns, in their order.

    >>> result_columns([Strategy.AVALANCHE])[4:6]
    ['avalanche_status', 'avalanche_months']
    """
    outcomes = [f"{strategy}_{column}" for strategy in strategies for column in _columns_of(strategy)]
    return [*LEADING_COLUMNS, *outcomes, *TRAILING_COLUMNS]


def _columns_of(strategy: Strategy) -> tuple[str, ...]:
    return (*OUTCOME_COLUMNS, *BOUND_COLUMNS) if strategy is Strategy.OPTIMAL else OUTCOME_COLUMNS


def with_baseline(strategies: Sequence[Strategy]) -> tuple[Strategy, ...]:
    """The strategies to simulate: those asked for, and the one that savings are measured against."""
    return tuple(dict.fromkeys((*strategies, Strategy.MINIMUM_ONLY)))


def result_table(ids: Column, outcome: RangeResult, strategies: Sequence[Strategy]) -> Table:
    """One row a portfolio; `outcome` is by `with_baseline` of the strategies."""
    codes, places = np.unique(outcome.currencies, return_inverse=True)
    names = arrow.array([currency_code(code) for code in codes], arrow.string())
    digits = np.array([minor_digits(currency_code(code)) for code in codes], np.int8)[places]
    columns: list[Column] = [_guarded(ids), names.take(arrow.array(places)), arrow.array(outcome.debts)]
    columns.append(_money(outcome.balances, digits))
    for place, strategy in enumerate(strategies):
        columns += _outcome_columns(outcome.results[:, place], digits)
        columns += _bound_columns(outcome.bounds, digits) if strategy is Strategy.OPTIMAL else []
    best = _best(outcome.results[:, : len(strategies)])
    columns.append(arrow.array([*strategies], arrow.string()).take(arrow.array(best)))
    columns.append(_saved(outcome, best, with_baseline(strategies).index(Strategy.MINIMUM_ONLY), digits))
    return arrow.table(columns, names=result_columns(strategies))


def _guarded(ids: Column) -> Column:
    """The ids, with an apostrophe before what a spreadsheet would take for a formula."""
    if to_numpy(compute.match_substring_regex(ids, SAFE)).all():
        # Also the words for totals, which would hide the row from a reader of the file.
        lower = compute.ascii_lower(ids)
        if not to_numpy(compute.match_substring_regex(lower, "total|计")).any():
            return ids
    texts, places = distinct(ids, guarded_text)
    return arrow.array(texts, arrow.string()).take(arrow.array(places))


def _outcome_columns(results: Any, digits: npt.NDArray[np.int8]) -> list[Column]:
    ends = results["status"] == PAID_OFF
    status = np.where(results["missed"] > 0, 2, np.where(ends, 0, 1))
    months = arrow.array(results["months"], mask=~ends)
    amounts = [_money(results[name], digits) for name in ("interest", "fees", "paid")]
    return [STATUSES.take(arrow.array(status)), months, *amounts]


def _bound_columns(bounds: Any, digits: npt.NDArray[np.int8]) -> list[Column]:
    gap = _decimals(np.ascontiguousarray(bounds["gap"]), GAP_DIGITS)
    has_gap = arrow.array(bounds["gap"] != NO_GAP)
    proved = arrow.array(np.where(bounds["proved"], "true", "false"), arrow.string())
    return [_money(bounds["bound"], digits), compute.if_else(has_gap, gap, arrow.scalar(None, gap.type)), proved]


def _best(results: Any) -> Ints:
    """The place of the best strategy, as `agents/planner/plans/planning.py` compares, for all portfolios at once."""
    ends = results["status"] == PAID_OFF  # (portfolio, strategy)
    # Plans that never end come after all that do, the one that sinks deepest last.
    cost = np.where(ends, results["paid"], results["interest"] + results["fees"] - results["paid"])
    months = np.where(ends, results["months"], 0)
    places = np.broadcast_to(np.arange(results.shape[1]), results.shape)
    # The last key of lexsort counts first: whether it ends, cost, months, place.
    order = np.lexsort((places, months, cost, ~ends), axis=1)
    return order[:, 0]


def _saved(outcome: RangeResult, best: Ints, baseline: int, digits: npt.NDArray[np.int8]) -> Column:
    chosen = outcome.results[np.arange(len(best)), best]
    minimum = outcome.results[:, baseline]
    ends = (chosen["status"] == PAID_OFF) & (minimum["status"] == PAID_OFF)
    saved = _money(minimum["paid"] - chosen["paid"], digits)
    return compute.if_else(arrow.array(ends), saved, arrow.scalar(None, saved.type))


def _money(minor: Ints, digits: npt.NDArray[np.int8]) -> Column:
    """Amounts in currency units: as decimals where one number of digits does for all, else as text."""
    # [2]: without any portfolio there is no currency, but the columns still need a type.
    used = np.unique(digits).tolist() or [2]
    column = _decimals(minor, used[0])
    if len(used) == 1:
        return column
    column = compute.cast(column, arrow.string())
    for one in used[1:]:
        other = compute.cast(_decimals(minor, one), arrow.string())
        column = compute.if_else(arrow.array(digits == one), other, column)
    return column


def _decimals(minor: Ints, digits: int) -> Column:
    """Whole numbers seen as decimals: 128 bits each, the upper half the sign."""
    if digits == 0:
        return arrow.array(minor)
    wide = np.empty((len(minor), 2), np.int64)
    # The sign fills the upper 64 bits of a decimal128.
    wide[:, 0], wide[:, 1] = minor, minor >> 63
    return arrow.Array.from_buffers(arrow.decimal128(20, digits), len(minor), [None, arrow.py_buffer(wide)])


def csv_lines(table: Table) -> bytes:
    """The rows of a table as CSV; texts are quoted where one of them needs it."""
    texts = [column for column in table.columns if arrow.types.is_string(column.type)]
    needs_quotes = any(compute.any(compute.match_substring_regex(text, '[",\\r\\n]')).as_py() for text in texts)
    out = arrow.BufferOutputStream()
    # Looking for the few texts that need quotes is cheaper than quoting all.
    style = "needed" if needs_quotes else "none"
    arrow_csv.write_csv(table, out, arrow_csv.WriteOptions(include_header=False, quoting_style=style))
    return out.getvalue().to_pybytes()


def reject_lines(rejects: Iterable[Reject]) -> bytes:
    """Rejects as CSV rows; a cell that a spreadsheet would take for a formula is guarded."""
    cells = ((reject.row, reject.column, reject.value, reject.reason) for reject in rejects)
    return csv_text([None if cell is None else guarded_text(str(cell)) for cell in row] for row in cells)


def csv_text(rows: Iterable[Sequence[object]]) -> bytes:
    """Some rows as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
