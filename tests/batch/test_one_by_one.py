"""The law of batches: what a batch writes is what an import and a comparison, one by one, would have said."""

import csv
import io
from dataclasses import replace

import pytest

from agents.planner.planning import compare
from data.errors import UnreadableFile
from data.cell_text import guarded_text
from data.portfolio_file import read_portfolios
from serve.batch import BatchOptions, run_batch
from serve.batch_results import result_columns
from serve.batch_strategies import BATCH_STRATEGIES
from tests.batch.tables import csv_bytes, make_rows

STEP = 400  # bytes of a range, so that small files are cut often


def batch_of(tmp_path, content, *, name="clients.csv", range_bytes=STEP):
    source, out = tmp_path / "in.csv", tmp_path / "out"
    source.write_bytes(content)
    options = BatchOptions(start="2026-12", name=name, range_bytes=range_bytes)
    summary = run_batch(source, out, options)
    return summary, read_csv(out / "results.csv"), read_csv(out / "rejects.csv")


def read_csv(path):
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def one_by_one(content, name="clients.csv"):
    """The rows that a batch must write, by the reader of files and the planner."""
    found = read_portfolios(content, name)
    results = [result_columns(BATCH_STRATEGIES)]
    for portfolio in found.portfolios:
        results.append(result_row(portfolio.starting("2026-12")))
    rejects = [["row", "column", "value", "reason"]]
    for reject in found.rejects:
        cells = (reject.row, reject.column, reject.value, reject.reason)
        rejects.append(["" if cell is None else guarded_text(str(cell)) for cell in cells])
    return results, rejects


def result_row(portfolio):
    comparison = compare(portfolio, BATCH_STRATEGIES)
    best = next(plan for plan in comparison.plans if plan.strategy == comparison.best)
    row = [guarded_text(portfolio.id or ""), portfolio.currency, len(portfolio.debts)]
    row.append(sum(debt.balance for debt in portfolio.debts))
    for plan in comparison.plans:
        row += [plan.status.value, plan.months, plan.total_interest, plan.total_fees, plan.total_paid]
    return ["" if cell is None else str(cell) for cell in (*row, best.strategy, best.saved_vs_minimum)]


@pytest.mark.parametrize("header", ["en", "zh", "wide"])
@pytest.mark.parametrize("seed", range(6))
def test_a_batch_says_what_imports_and_comparisons_say_one_by_one(tmp_path, header, seed):
    content = csv_bytes(make_rows(seed, 40, header=header))
    _, results, rejects = batch_of(tmp_path, content)
    assert (results, rejects) == one_by_one(content)
