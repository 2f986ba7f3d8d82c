"""A whole batch: every row accounted for, split portfolios told, the same bytes after a stop, errors."""

import errno
import json
from pathlib import Path

import pytest

from data.answers.plan import Strategy
from data.errors import BadInput, Conflict, OperatorError, ServiceUnavailable, UnreadableFile
from data.wire.batch import BatchStatus
from serve.batches import work
from serve.batches.files.folder import BatchFolder
from serve.batches.run import BatchOptions, Watch, alone, run_batch
from serve.batches.strategies import strategies_named
from tests.batch.tables import RANGE_BYTES, START, batch_of, csv_bytes, make_rows

FILES = ("results.csv", "rejects.csv", "summary.json")
OPTIONS = BatchOptions(start=START, range_bytes=RANGE_BYTES)
RESUMED = BatchOptions(start="2027-01", range_bytes=RANGE_BYTES, resume=True)


def write(tmp_path: Path, content: bytes) -> Path:
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    return source


def bytes_of(out: Path) -> list[bytes]:
    return [(out / name).read_bytes() for name in FILES]


@pytest.mark.parametrize("seed", range(4))
def test_every_row_ends_in_one_result_or_is_told(tmp_path, seed):
    content = csv_bytes(make_rows(seed, 60, header="wide", odd=0.3, bad=0.05))
    summary, results, rejects = batch_of(tmp_path, content)
    debts = sum(int(row[2]) for row in results[1:])
    assert summary.planned_rows == debts
    assert summary.portfolios == len(results) - 1
    assert summary.rejects == len(rejects) - 1
    assert summary.rows >= debts + len({row[0] for row in rejects[1:]}) - sum("whole" in row[3] for row in rejects)


@pytest.mark.parametrize("apart", [1, 60])
def test_a_portfolio_whose_rows_do_not_stand_together_is_told_and_left_out_whole(tmp_path, apart):
    lines = [
        "client,name,balance,apr",
        "甲,Visa,100,20",
        *(f"B{n},Car,100,20" for n in range(apart)),
        "甲,Loan,50,9",
        "Z,x,y,1",
    ]
    summary, results, rejects = batch_of(tmp_path, "\n".join(lines).encode())
    assert [row[0] for row in results[1:]] == [f"B{n}" for n in range(apart)]
    assert [row[:3] for row in rejects[1:]] == [
        [str(apart + 3), "portfolio_id", "甲"],
        [str(apart + 4), "balance", "y"],
    ]
    assert "they begin in row 2 and again here" in rejects[1][3]
    assert (summary.portfolios, summary.planned_rows, summary.rejects) == (apart, apart, 2)


def test_a_stopped_batch_goes_on_where_it_stopped_and_its_bytes_are_the_same(tmp_path):
    source = write(tmp_path, csv_bytes(make_rows(3, 80, odd=0.1)))
    run_batch(source, tmp_path / "whole", OPTIONS)
    worked: list[int] = []

    def counting(job, numbers, is_cancelled):
        for part in alone(job, numbers, is_cancelled):
            worked.append(part.number)
            yield part

    out = tmp_path / "stopped"
    stop = Watch(is_cancelled=lambda: len(worked) >= 3)
    first = run_batch(source, out, OPTIONS, workforce=counting, watch=stop)
    assert first.status is BatchStatus.CANCELLED
    assert not any((out / name).exists() for name in FILES)

    second = run_batch(source, out, RESUMED, workforce=counting)
    assert second.status is BatchStatus.COMPLETED
    assert len(worked) == len(set(worked)) > 6
    assert bytes_of(out) == bytes_of(tmp_path / "whole")
    assert not BatchFolder(out).work.exists()


def test_a_completed_batch_is_not_worked_on_again(tmp_path):
    source, out = write(tmp_path, csv_bytes(make_rows(3, 20))), tmp_path / "out"
    done = run_batch(source, out, OPTIONS)

    def nobody(job, numbers, is_cancelled):
        raise AssertionError(numbers)

    assert run_batch(source, out, RESUMED, workforce=nobody) == done


def test_another_file_or_choice_is_not_mixed_into_an_unfinished_batch(tmp_path):
    source, out = write(tmp_path, csv_bytes(make_rows(3, 20))), tmp_path / "out"
    run_batch(source, out, OPTIONS, watch=Watch(is_cancelled=lambda: True))
    other = BatchOptions(start=START, strategies=(Strategy.AVALANCHE,), range_bytes=RANGE_BYTES, resume=True)
    with pytest.raises(Conflict, match="another choice of strategies"):
        run_batch(source, out, other)
    write(tmp_path, csv_bytes(make_rows(4, 20)))
    with pytest.raises(Conflict, match="another file"):
        run_batch(source, out, RESUMED)


def test_a_full_disk_leaves_nothing_half_written_and_the_batch_goes_on_later(tmp_path, monkeypatch):
    source, out = write(tmp_path, csv_bytes(make_rows(5, 60))), tmp_path / "out"
    real, written = work.write_whole, []

    def filling(target, write):
        if len(written) >= 7:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(target, write)
        written.append(target)

    monkeypatch.setattr(work, "write_whole", filling)
    with pytest.raises(OperatorError, match="full"):
        run_batch(source, out, OPTIONS)
    assert not any((out / name).exists() for name in FILES)
    assert not list(out.rglob("*.tmp"))
    monkeypatch.undo()
    assert run_batch(source, out, RESUMED).status is BatchStatus.COMPLETED
    run_batch(source, tmp_path / "whole", OPTIONS)
    assert bytes_of(out) == bytes_of(tmp_path / "whole")


def test_a_run_that_is_told_to_stop_stops_no_other_of_its_batch(tmp_path):
    source, out, runs = write(tmp_path, csv_bytes(make_rows(6, 60))), tmp_path / "out", []

    def idle(job, numbers, is_cancelled):
        runs.append(job.run)
        return iter(())

    with pytest.raises(ServiceUnavailable, match="ended before"):
        run_batch(source, out, OPTIONS, workforce=idle)

    def beside(job, numbers, is_cancelled):
        # Only now does the older one hear that it has lost its claim.
        BatchFolder(out).stop(runs[0])
        yield from alone(job, numbers, is_cancelled)

    assert run_batch(source, out, RESUMED, workforce=beside).status is BatchStatus.COMPLETED


def test_a_run_that_another_has_overtaken_ends_with_what_that_one_made(tmp_path):
    source, out = write(tmp_path, csv_bytes(make_rows(7, 60))), tmp_path / "out"

    def overtaken(job, numbers, is_cancelled):
        run_batch(source, out, RESUMED)
        yield from alone(job, numbers, is_cancelled)

    summary = run_batch(source, out, OPTIONS, workforce=overtaken)
    assert (summary, summary.status) == (run_batch(source, out, RESUMED), BatchStatus.COMPLETED)
    run_batch(source, tmp_path / "whole", OPTIONS)
    assert bytes_of(out) == bytes_of(tmp_path / "whole")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"name,balance,apr\n", "no rows below"),
        (b"name,balance,apr\n\n,,\n", "no rows below"),
        (b"a,b,c\n1,2,3\n", "No table of debts"),
        (b"client,name,balence,apr\nA,Visa,2,3\n", '"balence" is not a column we know; the nearest is balance'),
        (b"PK\x03\x04whatever", "Excel"),
        (b"%PDF-1.7 whatever", "PDF"),
        (b'{"debts": []}', "JSON"),
    ],
)
def test_a_file_that_is_no_csv_of_debts_is_told_and_an_earlier_result_stays(tmp_path, content, says):
    batch_of(tmp_path, b"name,balance,apr\nVisa,100,20\n")
    before = bytes_of(tmp_path / "out")
    with pytest.raises(UnreadableFile, match=says):
        batch_of(tmp_path, content)
    assert bytes_of(tmp_path / "out") == before


def test_text_in_another_encoding_is_refused_wherever_it_begins(tmp_path):
    rows = "name,balance,apr\n" + "Visa,100,20\n" * 50
    western = "Société générale,100,5\nCrédit agricole,5,5\n" * 20
    with pytest.raises(UnreadableFile, match="UTF-8"):
        batch_of(tmp_path, rows.encode() + western.encode("latin-1"))


def test_a_batch_that_looks_at_fractions_warns(tmp_path):
    summary, _, _ = batch_of(tmp_path, b"name,balance,apr,shoe\nVisa,100,0.2499,\n")
    assert any("below 1 %" in warning for warning in summary.warnings)
    assert any("shoe" in warning for warning in summary.warnings)


def test_the_summary_says_what_the_batch_was_made_of(tmp_path):
    batch_of(tmp_path, b"name,balance,apr\nVisa,100,24.99\n", strategies=(Strategy.AVALANCHE,))
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["status"], summary["start"], summary["strategies"]) == ("completed", START, ["avalanche"])


@pytest.mark.parametrize("names", ["optimum", "avalanche,custom", ["snowball", "cheapest"]])
def test_a_strategy_that_batches_cannot_compare_is_named_with_those_they_can(names):
    with pytest.raises(BadInput, match="a batch compares minimum_only, snowball"):
        strategies_named(names)
