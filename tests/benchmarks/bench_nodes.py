"""How fast a batch is over one, two and three Ray nodes of this machine, in a folder and in a bucket; a killed node.

`pytest -m bench tests/benchmarks/bench_nodes.py -s` (PORTFOLIOS=1000000). The nodes are processes of one machine and
share its processors, its disk and its memory: this shows what parting the work costs and that it stays right, never
what further machines bring. Prints; asserts that the bytes are the same.
"""
# ruff: noqa: T201 (a benchmark prints)

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path

import psutil
import pytest
import ray
from ray.cluster_utils import Cluster

from serve.batches.files.bucket import bucket_path
from serve.batches.files.place import BatchPath, make_folder, reading, write_whole
from serve.batches.ray import on_ray
from serve.batches.run import BatchOptions, Watch, run_batch
from serve.machine.private import short_folder
from tests import s3_server
from tests.benchmarks.bench_batch import DEBTS, seconds, write_clients

pytestmark = [
    pytest.mark.bench,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore"),  # Ray warns of its own
]

PORTFOLIOS = int(os.environ.get("PORTFOLIOS", "1000000"))
OBJECT_STORE_BYTES = 100_000_000
KILLED_AT = 40  # percent
MADE: dict[str, str] = {}


@contextmanager
def nodes(processors: list[int]) -> Iterator[Callable[[], object]]:
    """A head without work, and nodes with so many processors each."""
    with tempfile.TemporaryDirectory(prefix="dn-", dir=short_folder()) as folder:
        here = {"object_store_memory": OBJECT_STORE_BYTES}
        cluster = Cluster(
            initialize_head=True,
            head_node_args={**here, "num_cpus": 0, "include_dashboard": False, "temp_dir": f"{folder}/r"},
        )
        try:
            workers = [cluster.add_node(num_cpus=count, **here) for count in processors]
            ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
            yield lambda: cluster.remove_node(workers[-1], allow_graceful=False)
        finally:
            ray.shutdown()
            cluster.shutdown()


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clients") / "clients.csv"
    write_clients(path, PORTFOLIOS)
    return path


@pytest.mark.parametrize(
    ("processors", "where", "is_killed"),
    [
        ([2], "folder", False),
        ([2], "bucket", False),
        ([1, 1], "bucket", False),
        ([1, 1, 1], "bucket", False),
        ([1, 1], "bucket", True),
        ([1, 1], "folder", True),
    ],
    ids=["one-folder", "one-bucket", "two-bucket", "three-bucket", "killed-bucket", "killed-folder"],
)
def test_nodes(processors, where, is_killed, clients, tmp_path, monkeypatch):
    with ExitStack() as stack:
        folder: BatchPath = tmp_path / "batch"
        if where == "bucket":
            server = stack.enter_context(s3_server.running())
            for name, value in server.variables.items():
                monkeypatch.setenv(name, value)
            folder = bucket_path(f"s3://{server.bucket}/batch", endpoint=server.endpoint)
        source = folder / "input.csv"
        make_folder(folder)
        laid = seconds(lambda: write_whole(source, lambda file: _copy(clients, file)))
        kill = stack.enter_context(nodes(processors))
        told: list[int] = []

        def tell(progress):
            if is_killed and progress.percent >= KILLED_AT and not told:
                told.append(progress.percent)
                kill()

        options = BatchOptions(start="2026-12", name="clients.csv")
        took = seconds(lambda: run_batch(source, folder, options, workforce=on_ray, watch=Watch(tell)))
        digest = sha256()
        with reading(folder / "results.csv") as results:
            while piece := results.read(1 << 20):
                digest.update(piece)
        fetched = seconds(lambda: _read(folder / "results.csv"))
    megabytes = clients.stat().st_size / 1e6
    killed = f", one node killed at {told[0]} %" if told else ""
    print(
        f"\n{PORTFOLIOS:,} portfolios x {DEBTS} debts, nodes with {processors} processors of {psutil.cpu_count()}, "
        f"{where}{killed}\n  {took:6.1f} s   {PORTFOLIOS / took:10,.0f} portfolios/s; {laid:.1f} s to lay "
        f"{megabytes:,.0f} MB there, {fetched:.1f} s to read the results; load {psutil.getloadavg()[0]:.1f}\n"
        f"  {digest.hexdigest()}"
    )
    assert bool(told) == is_killed
    assert MADE.setdefault("results", digest.hexdigest()) == digest.hexdigest()


def _copy(source: Path, file) -> None:
    with source.open("rb") as content:
        while piece := content.read(1 << 20):
            file.write(piece)


def _read(path: BatchPath) -> None:
    with reading(path) as file:
        while file.read(64 << 10):
            pass
