"""Downloads: what a spreadsheet opens is a table, never a formula."""

import csv
import io
from decimal import Decimal

import pytest

from dashboard.showing.exports import to_csv


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "－2"])
def test_text_that_looks_like_a_formula_is_made_plain(text: str):
    assert read(to_csv(["name"], [[text]]))[1] == [f"'{text}"]


def test_negative_amounts_stay_numbers():
    assert read(to_csv(["saved"], [[Decimal("-21949.86")]]))[1] == ["-21949.86"]


def test_excel_reads_chinese_and_what_is_missing_is_empty():
    content = to_csv(["名称", "余额"], [["花呗", None]])
    assert content.startswith(b"\xef\xbb\xbf")
    assert read(content) == [["名称", "余额"], ["花呗", ""]]
