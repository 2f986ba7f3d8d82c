"""Laws of cutting: every byte once, no portfolio parted, row numbers as a CSV reader counts them."""

import csv
import io
from itertools import chain, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import UnreadableFile
from data.files.sheets.records import Mark
from serve.batches.files.ranges import Cutter, Range
from serve.batches.files.scan import Scan, scan

FILE_SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
CELLS = st.text(st.sampled_from('ab客户万é,;"\n '), max_size=6)


@st.composite
def tables(draw):
    """Rows of portfolios, each portfolio's rows together, with a blank line here and there."""
    rows = []
    for number in range(draw(st.integers(1, 8))):
        for _ in range(draw(st.integers(1, 4))):
            rows.append([f"客{number}", draw(CELLS), draw(CELLS)])
        if draw(st.booleans()):
            rows.append([])
    return rows


def csv_text(rows, newline):
    out = io.StringIO()
    csv.writer(out, lineterminator=newline).writerows(rows)
    return out.getvalue()


def id_of(cells):
    return cells[0] if cells else ""


def cut(path: Path, step: int, chunk_bytes: int, encoding: str = "utf-8") -> tuple[Scan, list[Range]]:
    found = scan(path, ",", step, chunk_bytes=chunk_bytes)
    cutter = Cutter(path, ",", encoding, id_of)
    return found, cutter.ranges(Mark(found.start, 1), found.marks, found.size)


def rows_of(piece: bytes, encoding: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(piece.decode(encoding), newline="")))


@FILE_SETTINGS
@given(
    rows=tables(),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    step=st.integers(1, 60),
    chunk_bytes=st.integers(1, 50),
    ends_in_newline=st.booleans(),
)
def test_ranges_cover_every_byte_once_and_part_no_portfolio(
    tmp_path, rows, newline, encoding, step, chunk_bytes, ends_in_newline
):
    text = csv_text(rows, newline)
    content = (text if ends_in_newline else text.removesuffix(newline)).encode(encoding)
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    plain = encoding.removesuffix("-sig")

    found, ranges = cut(path, step, chunk_bytes, plain)

    whole = rows_of(content[found.start :], plain)
    pieces = [rows_of(content[piece.start : piece.stop], plain) for piece in ranges]
    assert list(chain.from_iterable(pieces)) == whole
    assert found.rows == len(whole)
    assert [piece.start for piece in ranges[1:]] == [piece.stop for piece in ranges[:-1]]
    assert (ranges[0].start, ranges[-1].stop) == (found.start, len(content))
    assert [piece.row for piece in ranges] == [1 + sum(map(len, pieces[:place])) for place in range(len(pieces))]
    owners = [{id_of(row) for row in piece} - {""} for piece in pieces]
    assert all(not (left & right) for left, right in pairwise(owners))


@FILE_SETTINGS
@given(text=st.text(st.sampled_from('a客",\n'), max_size=60), step=st.integers(1, 20), chunk_bytes=st.integers(1, 9))
def test_rows_are_found_as_a_csv_reader_finds_them_whatever_the_quotes(tmp_path, text, step, chunk_bytes):
    path = tmp_path / "in.csv"
    path.write_bytes(text.encode())

    found, ranges = cut(path, step, chunk_bytes)

    whole = rows_of(text.encode(), "utf-8")
    assert found.rows == len(whole)
    content = path.read_bytes()
    assert list(chain.from_iterable(rows_of(content[piece.start : piece.stop], "utf-8") for piece in ranges)) == whole


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_utf8_is_told_from_gb18030_wherever_a_chunk_ends(tmp_path, encoding):
    path = tmp_path / "in.csv"
    path.write_bytes("名称,余额\n招商银行,100\n".encode(encoding))
    assert {scan(path, ",", 100, chunk_bytes=size).is_utf8 for size in range(1, 20)} == {encoding == "utf-8"}


def test_lines_that_end_in_cr_alone_are_noticed_wherever_a_chunk_ends(tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes(b"a,b\r\nc,d\r\n")
    assert not any(scan(path, ",", 100, chunk_bytes=size).has_lone_returns for size in range(1, 10))
    path.write_bytes(b"a,b\rc,d\r\n")
    assert all(scan(path, ",", 100, chunk_bytes=size).has_lone_returns for size in range(1, 10))


@pytest.mark.parametrize("start", ['1,"a', '1,b"a', '1,"a"b "', "1,a"])
def test_a_row_without_end_is_refused_by_its_number(tmp_path, start):
    path = tmp_path / "in.csv"
    path.write_text("id,name\n0,x\n" + start + "x" * 1_200_000 + "\n" * 1_200_000)
    with pytest.raises(UnreadableFile, match="row 3 is longer than 1 MB"):
        cut(path, 100, 1 << 16)


def test_a_portfolio_larger_than_any_can_be_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("serve.batches.files.ranges.MAX_PORTFOLIO_BYTES", 1000)
    path = tmp_path / "in.csv"
    path.write_text("same,debt,100\n" * 500)
    with pytest.raises(UnreadableFile, match="all belong to one portfolio"):
        cut(path, 500, 100)
