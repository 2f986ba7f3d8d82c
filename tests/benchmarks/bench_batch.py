"""How fast a batch is through Ray: rows and portfolios a second, against pyarrow's mere reading of the same file.

`pytest -m bench tests/benchmarks/bench_batch.py -s`. Prints; asserts no time. Ray is up before, its workers are cold.
"""
# ruff: noqa: T201 (a benchmark prints)

import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.csv
import pytest

from serve.batches.ray import on_ray
from serve.batches.run import BatchOptions, run_batch
from serve.batches.strategies import BATCH_STRATEGIES
from serve.machine.own_ray.batch import ray_at_hand

pytestmark = [
    pytest.mark.bench,
    pytest.mark.timeout(900),
]

DEBTS = 5
NAMES = np.array(["Visa", "Car loan", "Store card", "Personal loan", "招商银行信用卡", "Student loan"])
KINDS = np.array(["credit_card", "auto_loan", "credit_card", "personal_loan", "credit_card", "student_loan"])
LOOK_S = 0.05


def write_clients(path: Path, portfolios: int) -> None:
    """Clients of five debts each: cards and loans, minimums of 3 %, budgets that mostly pay off."""
    draw = np.random.default_rng(7)
    count = portfolios * DEBTS
    pick = np.argsort(draw.random((portfolios, len(NAMES))), axis=1)[:, :DEBTS].ravel()
    balances, rates = draw.integers(20_000, 2_500_000, count), draw.integers(299, 2999, count)
    minimums = np.maximum(2_500, balances * 3 // 100)
    budgets = (minimums.reshape(portfolios, DEBTS).sum(1) * draw.uniform(1.05, 1.8, portfolios)).astype(np.int64)
    ids = np.char.add("C", np.char.zfill(np.arange(portfolios).astype(str), 7))
    table = pa.table(
        {
            "portfolio_id": pa.array(np.repeat(ids, DEBTS)),
            "name": pa.array(NAMES[pick]),
            "kind": pa.array(KINDS[pick]),
            "balance": hundredths(balances),
            "apr": hundredths(rates),
            "minimum": hundredths(minimums),
            "monthly_budget": hundredths(np.repeat(budgets, DEBTS)),
        }
    )
    pyarrow.csv.write_csv(table, path, pyarrow.csv.WriteOptions(quoting_style="none"))


def hundredths(whole: np.ndarray) -> pa.Array:
    wide = np.stack([whole, whole >> 63], axis=1)
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(whole), [None, pa.py_buffer(wide.copy())])


class Memory:
    """The most memory that any one process of ours has held meanwhile: this one, and Ray's workers at work."""

    def __init__(self):
        self.most = {}
        self._over = Event()
        self._watch = Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._watch.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._watch.join()

    def _look(self):
        while not self._over.wait(LOOK_S):
            for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
                with suppress(psutil.Error):
                    self.most[process.name()] = max(self.most.get(process.name(), 0), process.memory_info().rss)


def seconds(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@pytest.mark.parametrize("portfolios", [100_000, 1_000_000])
def test_batch_speed(portfolios, tmp_path):
    source, out = tmp_path / "clients.csv", tmp_path / "out"
    write_clients(source, portfolios)
    rows = portfolios * DEBTS
    pa.default_memory_pool().release_unused()
    # the path of a Unix socket may have 107 characters, and pytest's folders are long
    with ray_at_hand(), Memory() as memory:
        took = seconds(lambda: run_batch(source, out, BatchOptions(start="2026-12"), workforce=on_ray))
    floor = seconds(lambda: pyarrow.csv.read_csv(source, pyarrow.csv.ReadOptions(use_threads=False)))
    print(
        f"\nbatch of {portfolios:,} portfolios x {DEBTS} debts x {len(BATCH_STRATEGIES)} strategies, "
        f"{source.stat().st_size / 1e6:,.0f} MB, {psutil.cpu_count()} cores\n"
        f"  {took:6.2f} s   {rows / took:12,.0f} rows/s   {portfolios / took:10,.0f} portfolios/s\n"
        f"  {floor:6.2f} s   pyarrow only reading it, one core   ({took / floor:.1f} x)\n"
        f"  {max(memory.most.values()) / 1e6:6.0f} MB  most memory of any one process"
    )
    assert (out / "results.csv").exists()
