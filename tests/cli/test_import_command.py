"""`import`: the same answer as the HTTP endpoint's, from a file or standard input."""

from data.files.import_file import LEAST_PLAIN_BYTES
from data.files.portfolio_file import read_portfolios
from data.wire.import_result import ImportResult

GOOD_AND_BAD = "name,balance,apr\nVisa,5200,24.99\nStore,abc,20\n".encode("utf-8-sig")


def test_import_in_json_is_the_contract(run):
    answer = run("import", "-", "--json", stdin=GOOD_AND_BAD)
    assert answer.code == 0
    assert set(answer.json) == {"portfolios", "rejects", "warnings", "rejects_total", "warnings_total"}
    result = ImportResult.model_validate(answer.json)
    assert [debt.name for portfolio in result.portfolios for debt in portfolio.debts] == ["Visa"]
    assert [(reject.row, reject.column, reject.value) for reject in result.rejects] == [(3, "balance", "abc")]


def test_gb18030_and_chinese_amounts_are_read(run, tmp_path):
    file = tmp_path / "六笔债务.csv"
    file.write_bytes(
        "名称,余额,年利率\n房贷,10万,3.95%\n花呗,¥12,000,18.25%\n".replace("¥12,000", '"¥12,000"').encode("gb18030")
    )
    (portfolio,) = run("import", file, "--json").json["portfolios"]
    assert [debt["balance"] for debt in portfolio["debts"]] == ["100000.00", "12000.00"]


def test_json_is_imported_too(run, portfolio):
    answer = run("import", portfolio, "--json")
    assert [each["id"] for each in answer.json["portfolios"]] == ["client-42"]


def test_without_a_good_row_the_exit_code_says_so(run):
    answer = run("import", "-", stdin=b"name,balance,apr\nStore,abc,20\n")
    assert answer.code == 1
    assert "row 2, column balance" in answer.err


def test_in_words_each_portfolio_has_its_line(run):
    answer = run("import", "-", stdin=b"portfolio_id,name,balance,apr\na,Visa,1000,20\nb,Visa,2000,20\n")
    assert answer.out.splitlines() == ["a: 1 debt, 1,000.00 USD", "b: 1 debt, 2,000.00 USD"]


def test_a_large_file_is_written_piece_by_piece_as_it_is_read_row_by_row(run, tmp_path):
    rows = [f"C{n // 3},{'Card ' * 15}{n % 3},credit_card,{n + 1}.50,{n % 30}" for n in range(11_000)]
    rows[5_000] = "C1666,Store,mystery,12,x"
    file = tmp_path / "clients.csv"
    file.write_text("\n".join(["client,name,kind,balance,apr", *rows]) + "\n", "utf-8")
    assert file.stat().st_size > LEAST_PLAIN_BYTES
    answer = run("import", file, "--json")
    assert answer.code == 0
    assert answer.out == read_portfolios(file.read_bytes(), file.name).model_dump_json(by_alias=True) + "\n"
    assert [reject["row"] for reject in answer.json["rejects"]] == [5_002]


def test_a_large_file_without_a_good_row_leaves_with_1(run, tmp_path):
    file = tmp_path / "clients.csv"
    file.write_text("client,name,balance,apr\n" + f"A,{'Card ' * 15},x,1\n" * 14_000, "utf-8")
    answer = run("import", file, "--json")
    assert (answer.code, answer.json["portfolios"], len(answer.json["rejects"])) == (1, [], 14_000)
