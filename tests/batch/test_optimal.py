"""The optimal plan in batches: as found one by one, whatever the split, and only where it is asked for."""

from decimal import ROUND_CEILING, Decimal

import pyarrow.parquet
import pytest

from agents.planner.arrays.from_portfolios import from_portfolios
from agents.planner.arrays.simulation import simulate
from agents.planner.optimum import hunt as planner_optimum
from agents.planner.plans.planning import compare
from data.answers.plan import Strategy
from data.files.cells.text import guarded_text
from data.files.portfolio_file import read_portfolios
from serve.batches.files.ranges import RANGE_BYTES, SEARCHED_BYTES
from serve.batches.parquet import results_as_parquet
from serve.batches.results import result_columns
from serve.batches.run import BatchOptions
from serve.batches.searches import BATCH_SEARCH, outcomes, single
from serve.batches.strategies import BATCH_STRATEGIES, strategies_named
from tests.batch.tables import START, batch_of, csv_bytes, make_rows

ASKED = (Strategy.AVALANCHE, Strategy.OPTIMAL, Strategy.SNOWBALL)
CLIENTS = csv_bytes(make_rows(3, 12, odd=0.1, bad=0.02))


def one_by_one(content):
    """The results that a batch must write, by the reader of files and the planner."""
    found = read_portfolios(content, "clients.csv")
    return [result_columns(ASKED), *(result_row(portfolio.starting(START)) for portfolio in found.portfolios)]


def result_row(portfolio):
    comparison = compare(portfolio, ASKED, search=BATCH_SEARCH)
    best = next(plan for plan in comparison.plans if plan.strategy == comparison.best)
    row = [guarded_text(portfolio.id or ""), portfolio.currency, len(portfolio.debts)]
    row.append(sum(debt.balance for debt in portfolio.debts))
    for plan in comparison.plans:
        row += [plan.status.value, plan.months, plan.total_interest, plan.total_fees, plan.total_paid]
        row += known_of(plan) if plan.strategy == "optimal" else []
    return ["" if cell is None else str(cell) for cell in (*row, best.strategy, best.saved_vs_minimum)]


def known_of(plan):
    if plan.months is None:
        return [plan.bound, None, "false"]
    gap = (plan.total_paid - plan.bound) / plan.total_paid if plan.total_paid else Decimal(0)
    return [plan.bound, format(gap.quantize(Decimal("1e-6"), ROUND_CEILING), "f"), str(plan.proved).lower()]


@pytest.mark.parametrize("odd", [0.0, 0.1])
def test_a_batch_finds_the_optimal_plans_that_are_found_one_by_one(tmp_path, odd):
    content = csv_bytes(make_rows(5, 12, odd=odd, bad=0.02))
    results = batch_of(tmp_path, content, strategies=ASKED)[1]
    assert results == one_by_one(content)
    assert len(results) > 8


def test_the_bytes_are_the_same_whatever_the_split(tmp_path):
    written = set()
    for size in (200, 3000, 1 << 20):
        batch_of(tmp_path, CLIENTS, range_bytes=size, strategies=ASKED)
        written.add((tmp_path / "out" / "results.csv").read_bytes())
    assert len(written) == 1


def test_the_optimal_plan_is_never_dearer_than_an_order_and_never_below_its_bound(tmp_path):
    header, *rows = batch_of(tmp_path, CLIENTS, strategies=(*BATCH_STRATEGIES, Strategy.OPTIMAL))[1]
    paid = [header.index(f"{strategy}_total_paid") for strategy in BATCH_STRATEGIES]
    ends = [header.index(f"{strategy}_months") for strategy in BATCH_STRATEGIES]
    optimal, bound = header.index("optimal_total_paid"), header.index("optimal_bound")
    compared = 0
    for row in rows:
        others = [Decimal(row[place]) for place, end in zip(paid, ends, strict=True) if row[end]]
        if others:
            assert Decimal(row[bound]) <= Decimal(row[optimal]) <= min(others)
            compared += 1
    assert compared > 5


def test_without_a_choice_a_batch_searches_nothing(tmp_path, monkeypatch):
    monkeypatch.delattr(planner_optimum, "optimum")
    header = batch_of(tmp_path, CLIENTS)[1][0]
    assert not [name for name in header if name.startswith("optimal")]
    assert Strategy.OPTIMAL not in strategies_named(None)
    assert strategies_named("avalanche,snowball,optimal")[-1] is Strategy.OPTIMAL


def test_a_searching_batch_is_cut_finer_for_it_takes_longer():
    assert BatchOptions(start=START).bytes_at_once == RANGE_BYTES
    assert BatchOptions(start=START, strategies=ASKED).bytes_at_once == SEARCHED_BYTES < RANGE_BYTES


def test_results_with_bounds_open_as_parquet(tmp_path):
    rows = batch_of(tmp_path, CLIENTS, strategies=ASKED)[1]
    table = pyarrow.parquet.read_table(results_as_parquet(tmp_path / "out" / "results.csv", ASKED))
    assert table.column_names == result_columns(ASKED)
    place = rows[0].index("optimal_gap")
    read = [None if gap is None else format(gap, "f") for gap in table.column("optimal_gap").to_pylist()]
    assert read == [row[place] or None for row in rows[1:]]
    assert {str(proved).lower() for proved in table.column("optimal_proved").to_pylist()} == {
        row[place + 1] for row in rows[1:]
    }


def test_one_of_many_portfolios_by_itself_is_what_it_was_among_them():
    portfolios = [one.starting(START) for one in read_portfolios(CLIENTS, "clients.csv").portfolios]
    arrays = from_portfolios(portfolios)
    together = simulate(arrays, BATCH_STRATEGIES)
    for place in range(len(portfolios)):
        assert simulate(single(arrays, place), BATCH_STRATEGIES)[0].tolist() == together[place].tolist()
    assert outcomes(arrays, BATCH_STRATEGIES).results.tolist() == together.tolist()
