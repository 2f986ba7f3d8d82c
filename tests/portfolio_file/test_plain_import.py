"""The law of plain imports: a file read by columns says to the byte what it says row by row."""

import csv
import io
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import UnreadableFile
from data.files.import_file import RowByRow, import_file, pieces_of
from data.files.plain.plain_import import PlainImport
from data.files.portfolio_file import read_file
from tests.batch.tables import START, csv_bytes, make_rows

LAW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def row_by_row(content: bytes, name: str = "clients.csv") -> bytes | str:
    try:
        return read_file(content, name, START).model_dump_json(by_alias=True).encode()
    except UnreadableFile as error:
        return error.message


def by_columns(content: bytes, name: str = "clients.csv") -> bytes | str:
    try:
        return b"".join(pieces_of(import_file(content, name, START, least_plain=0)))
    except UnreadableFile as error:
        return error.message


@pytest.mark.parametrize("header", ["en", "zh", "wide"])
@pytest.mark.parametrize(("odd", "bad"), [(0.0, 0.0), (0.2, 0.02), (0.6, 0.15)])
def test_a_table_of_clients_is_read_by_columns_and_says_the_same(header, odd, bad):
    content = csv_bytes(make_rows(3, 300, header=header, odd=odd, bad=bad))
    assert isinstance(import_file(content, "clients.csv", START, least_plain=0), PlainImport)
    assert by_columns(content) == row_by_row(content)


shapes = st.fixed_dictionaries(
    {
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
        "newline": st.sampled_from(["\n", "\r\n", "\r"]),
        "delimiter": st.sampled_from([",", ";", "\t"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    }
)


@LAW
@given(
    seed=st.integers(0, 10**6),
    header=st.sampled_from(["en", "zh", "wide"]),
    odd=st.sampled_from([0.0, 0.05, 0.3]),
    bad=st.sampled_from([0.0, 0.03]),
    is_shuffled=st.booleans(),
    shape=shapes,
)
def test_every_messy_file_says_by_columns_what_it_says_row_by_row(seed, header, odd, bad, is_shuffled, shape):
    head, *rows = make_rows(seed, 12, header=header, odd=odd, bad=bad)
    if is_shuffled:
        random.Random(seed).shuffle(rows)
    content = csv_bytes([head, *rows], **shape)
    assert by_columns(content) == row_by_row(content)


HEADERS = [
    ["portfolio_id", "name", "kind", "balance", "apr", "minimum", "minimum_rate", "minimum_floor", "months_left"],
    ["name", "kind", "lender", "portfolio_id", "balance", "apr", "promo_apr", "promo_until", "credit_limit", "start"],
    ["客户", "债务名称", "余额（万元）", "年利率", "月利率（‰）", "最低还款", "银行", "币种", "每月预算", "月收入"],
    ["client", "name", "balance (EUR)", "daily_rate", "apr", "fee_rate", "term", "due_day", "annual_fee", "late_fee"],
]
USUAL = {
    "portfolio_id": ["A", "B", "C", "C", "'=D", "E ", "甲", " A", "A\u200b", "", "Total", "合计"],
    "name": ["Visa", "Visa", "Car loan", "招商银行", "é", "𠮷", '5" pipe', "a\\b", "=1+1", "\u200bx", "x" * 81, ""],
    "kind": ["credit_card", "房贷", "car", "", "mystery"],
    "lender": ["", "Bank", "'=1", "Total"],
    "balance": ["5200", "12.5", "0", "1,234.56", "¥12", "$ 5", "5 000 €", "10万", "abc", "-1", "0.001", "١٢", "12元"],
    "apr": ["24.99", "0", "0.2499", "0.5", "0.5%", "18%", "", "12.3456789012345", "2499"],
    "currency": ["", "", "USD", "eur", "人民币", "JPY", "XYZ"],
    "start": ["", "2026-12", "2027-06", "soon"],
    "promo_until": ["", "2027-05", "2026-01", "May 2028"],
}
OTHERS = ["", "", "", "1", "35", "12", "0.5", "2027-05", "1.5%", "x", "0", "1200", "¥3"]
NAMES = {"客户": "portfolio_id", "client": "portfolio_id", "债务名称": "name", "银行": "lender", "币种": "currency"}
NAMES |= {"余额（万元）": "balance", "balance (EUR)": "balance", "年利率": "apr"}


@st.composite
def tables(draw) -> list[list[str]]:
    """Few rows under a header, most cells usual, any of them odd; now and then one too many or too few."""
    header = draw(st.sampled_from(HEADERS))
    columns = [st.sampled_from(USUAL.get(NAMES.get(name, name), OTHERS)) for name in header]
    rows = draw(st.lists(st.tuples(*columns).map(list), min_size=1, max_size=10))
    for row in rows:
        extra = draw(st.sampled_from([0, 0, 0, 0, 1, 2, -1, -3]))
        row[len(row) + extra :] = []
        row.extend([draw(st.sampled_from(["", "x", " "]))] * extra)
    above = draw(st.sampled_from([[], [], [["Debts of our clients"], []]]))
    return [*above, header, *rows]


@settings(LAW, max_examples=80)
@given(tables(), shapes)
def test_every_odd_cell_says_by_columns_what_it_says_row_by_row(table, shape):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=shape["newline"], delimiter=shape["delimiter"]).writerows(table)
    content = text.getvalue().encode(shape["encoding"])
    assert by_columns(content) == row_by_row(content)


@pytest.mark.parametrize(
    "content",
    [
        "client,name,balance,apr\nA,Visa,5200,24.99\nB,Car,8000,7",
        'client,name,balance,apr\nA,5" pipe,5200,24.99\nB,"Car",8000,7\n',
        'client,name,balance,apr\nA,Visa,5200,24.99\nB,"Car,8000,7\nC,Loan,1,2\n',
        'client,name,balance,apr\nA,"Line\nbreak",5200,24.99\n\n\n,,,\nB,Car,8000,x\n',
        "client,name,balance,apr\nA,Visa,5200,0.2499\nB,Car,8000,0.07\n",
        "client,name,balance,apr\nA,Visa,5200,0.2499%\nB,Car,8000,0.07\nC,Car,x,0.09\n",
        "client,name,balance,apr\n,Visa,5200,24.99\n,Car,8000,7\n",
        "client,name,balance,apr\n,,,\n  ,\u200b,,\n",
        "client,name,balance,apr\n",
        "client,name,balance,apr\nA,Visa,5200,24.99\n\x1a",
        "client;name;balance;apr\nA;Visa;5200,50;24,99\nB;Car;8000;7\n",
        "client;name;balance;apr\nA;Visa;5,200.50;24.99\nB;Car;8000;7\nB;Car 2;1,5;7\n",
        "client,name,balance,apr\n" + "A,Card,900000000000,1\n" * 3 + "B,Visa,1,1\n" * 101 + "C,Car,5,7\n",
        "client,name,balance,apr\nA,Visa,1,1\nA" + ",x" * 17_000 + "\n",
        "client,name,balance,apr\nA," + "x" * 33_000 + ",1,1\n",
        'client,name,balance,apr\rA,"Vi\rsa",5200,24.99\r',
        "name,balance,apr\nVisa,5200,24.99\n",
        "客户,债务名称,余额,年利率,币种\nA,Visa,1,1,USD\nB,Car,3,1,\n",
        "客户,债务名称,余额,年利率,币种\nA,Visa,1,1,\nB,Car,3,1,\n",
        "client,name,balance,apr,minimum,term\nA,Visa,1,1,35,12\nB,Car,3,1,35,\nC,Car,3,1,,12\n",
        "client,name,balance,fee_rate,term\nA,Visa,1,1,12\nB,Car,3,1,\n",
        "client,name,balance,apr\nA,Visa,1,1\nTotal,,2,\nB,Car,3,1\n合计：,,5,\nA,Visa,4,1\n",
    ],
)
def test_odd_files_say_by_columns_what_they_say_row_by_row(content):
    assert by_columns(content.encode()) == row_by_row(content.encode())


def test_portfolios_without_ids_and_small_files_are_read_row_by_row():
    assert isinstance(import_file(b"name,balance,apr\nVisa,1,1\n", "a.csv", least_plain=0), RowByRow)
    assert isinstance(import_file(b"client,name,balance,apr\nA,Visa,1,1\n", "a.csv"), RowByRow)


def test_the_count_is_that_of_the_portfolios_once_the_answer_is_written():
    answer = import_file(b"client,name,balance,apr\nA,Visa,1,1\nB,Car,x,1\nC,Car,5,1\n", "a.csv", least_plain=0)
    assert b"".join(pieces_of(answer)).count(b'"debts"') == answer.count == 2
