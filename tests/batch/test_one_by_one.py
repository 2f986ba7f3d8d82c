"""The law of batches: what a batch writes is what an import and a comparison, one by one, would have said."""

import csv

import pytest

from agents.planner.plans.planning import compare
from data.files.cells.text import guarded_text
from data.files.portfolio_file import read_portfolios
from serve.batches.results import result_columns
from serve.batches.strategies import BATCH_STRATEGIES
from tests.batch.tables import START, batch_of, csv_bytes, make_rows

UNUSUAL = {0: (0.0, 0.0), 1: (0.2, 0.02), 2: (0.6, 0.15)}
SHAPES = [
    {"encoding": "gb18030"},
    {"encoding": "utf-8-sig", "newline": "\r\n"},
    {"encoding": "utf-16"},
    {"newline": "\r", "quoting": csv.QUOTE_ALL},
    {"delimiter": ";"},
    {"delimiter": "\t"},
    {"quoting": csv.QUOTE_ALL},
]


def one_by_one(content, name="clients.csv"):
    """The rows that a batch must write, by the reader of files and the planner."""
    found = read_portfolios(content, name, START)
    results = [result_columns(BATCH_STRATEGIES)]
    results += [result_row(portfolio.starting(START)) for portfolio in found.portfolios]
    cells = [(reject.row, reject.column or "", reject.value or "", reject.reason) for reject in found.rejects]
    rejects = [[guarded_text(str(cell)) for cell in row] for row in sorted(cells)]
    return results, [["row", "column", "value", "reason"], *rejects]


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
    odd, bad = UNUSUAL[seed % 3]
    content = csv_bytes(make_rows(seed, 25, header=header, odd=odd, bad=bad))
    assert batch_of(tmp_path, content)[1:] == one_by_one(content)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_batch_reads_every_encoding_line_ending_and_delimiter_as_an_import_does(tmp_path, shape):
    content = csv_bytes(make_rows(7, 25, header="zh", odd=0.2, bad=0.02), **shape)
    assert batch_of(tmp_path, content)[1:] == one_by_one(content)


@pytest.mark.parametrize(
    "content",
    [
        "name,balance,apr\nVisa,5200,24.99\nCar,8000,7\n",
        "portfolio_id,name,balance,apr\n,Visa,5200,24.99\n,Car,8000,7\n",
        "Debts of our clients\n\nclient,name,balance,apr\nA,Visa,5200,24.99\n\nB,Car,8000,7",
        "client,name,balance,apr,\nA,Visa,5200,24.99,\nB,Car,8000,7,\n",
        'client,name,balance,apr\nA,5" pipe,5200,24.99\nB,"Car",8000,7\n',
        'client,name,balance,apr\nA,Visa,5200,24.99\nB,"Car,8000,7\nC,Loan,1,2\n',
        "client;name;balance;apr\nA;Visa;5200,50;24,99\nB;Car;8000;7\n",
        "客户,债务名称,余额（万元）,月利率（‰）\n甲,招商银行,1.5,6\n乙,花呗,0.8,5\n",
        "note,client,name,balance,apr\n,A,Visa,5200,24.99\nTotal,,,5200,\nx,B,Car,8000,7\n",
        "client,name,balance,apr\nA ,Visa,5200,24.99\nA,Car,8000,7\n =B,Loan,100,7\n",
        "client,name,balance,apr,currency\nA,Visa,999999999999.99,24.99,USD\nB,Car,0.001,7,KWD\nC,Car,5,7,JPY\n",
        "client,name,balance,apr,minimum,monthly_budget\nA,Visa,5200,24.99,50,10\nB,Car,8000,99,1,\n",
    ],
)
def test_a_batch_reads_odd_files_as_an_import_does(tmp_path, content):
    assert batch_of(tmp_path, content.encode())[1:] == one_by_one(content.encode())


@pytest.mark.parametrize(
    "text",
    [
        "客户,名称,余额,年利率\nA,Visa,5200,24.99\n",  # Chinese in the header alone
        "client,name,balance,apr\nA,Visa,1,1\nB,𠮷,1,1",  # in the last line alone, which no newline ends
        "client,name,balance,apr\nA,刘㛃,1,1\n𫘧,䶮,1,x\n",
        "client,name,balance,apr\n" + "A,Visa,1,1\n" * 3 + "B,𫘧,1,1\n" + "C,Car,1,1\n" * 3,
    ],
)
def test_a_batch_reads_gb18030_as_an_import_does_wherever_it_begins(tmp_path, text):
    content = text.encode("gb18030")
    assert batch_of(tmp_path, content)[1:] == one_by_one(content)


def test_a_portfolio_that_owes_more_than_can_be_reckoned_is_one_reject(tmp_path):
    content = "client,name,balance,apr,currency\n" + "A,Card,900000000000,1,CLF\n" * 20 + "B,Car,5,7,CLF\n"
    summary, results, rejects = batch_of(tmp_path, content.encode())
    assert [row[:3] for row in results[1:]] == [["B", "CLF", "1"]]
    assert [row[:2] for row in rejects[1:]] == [["2", "balance"]]
    assert summary.rejects == 1


def test_a_portfolio_of_more_than_a_hundred_debts_is_one_reject(tmp_path):
    content = "client,name,balance,apr\n" + "".join(f"A,Card {n},100,20\n" for n in range(101)) + "B,Visa,5,1\n"
    summary, results, rejects = batch_of(tmp_path, content.encode())
    assert (results, rejects) == one_by_one(content.encode())
    assert (summary.portfolios, summary.rejects) == (1, 1)


def test_results_open_in_excel_where_they_are_not_ascii(tmp_path):
    batch_of(tmp_path, "client,name,balance,apr\nA,招商银行,5,1\n".encode())
    assert (tmp_path / "out" / "results.csv").read_bytes().startswith(b"portfolio_id,")
    batch_of(tmp_path, "client,name,balance,apr\n甲,Visa,5,1\n".encode())
    assert (tmp_path / "out" / "results.csv").read_bytes().startswith(b"\xef\xbb\xbfportfolio_id,")
