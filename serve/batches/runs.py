"""The rows of a range as runs of rows of one portfolio."""

from dataclasses import dataclass

import numpy as np

from data.arrays import Ints
from data.files.plain.arrow import Column, arrow, compute
from data.files.plain.cells import to_numpy
from data.files.plain.rows import Rows, cleaned_ids
from data.files.portfolio_file import id_of_file
from serve.batches.files.source import BatchFile


@dataclass(frozen=True)
class Runs:
    """Run i is the rows from `starts[i]` up to `starts[i + 1]`, of the portfolio `ids[i]`.

    Attributes:
        have_ids: the ids stand in the rows; without, there is one run, and it bears the file's name.
    """

    starts: Ints
    ids: Column
    have_ids: bool


def runs_of(rows: Rows, source: BatchFile) -> Runs:
    """The rows' portfolios, one run after the other; a row of nobody's goes with the run before it."""
    if "portfolio_id" not in rows.columns or rows.is_nobodys.all():
        name = arrow.array([id_of_file(source.name) or ""])
        return Runs(np.zeros(1, np.int64), name, have_ids=False)
    column = rows.columns["portfolio_id"]
    starts = np.flatnonzero(np.append(True, to_numpy(compute.not_equal(column[1:], column[:-1]))))
    owned = starts[~np.logical_and.reduceat(rows.is_nobodys, starts)]
    ids = cleaned_ids(column.take(arrow.array(owned)))
    is_new = np.append(True, to_numpy(compute.not_equal(ids[1:], ids[:-1])))[: len(owned)]
    starts = owned[is_new]
    # Blank rows and totals before the first portfolio go with it.
    starts[:1] = 0
    return Runs(starts, ids.take(arrow.array(np.flatnonzero(is_new))), have_ids=True)
