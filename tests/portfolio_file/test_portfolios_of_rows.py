"""Rows come together as portfolios: ids, totals, shared values, and rejects all at once."""

import pytest

from data.files.portfolio_file import id_of_file


def test_rows_of_one_portfolio_need_not_stand_together(read):
    result = read("client,name,balance,apr\nb,Visa,1,1\na,Visa,2,1\nb,Car,3,1\n")
    assert [(each.id, len(each.debts)) for each in result.portfolios] == [("b", 2), ("a", 1)]


def test_without_the_column_the_id_is_the_files_name(read):
    assert read("name,balance,apr\nVisa,1,1\n", "folder/六笔 债务.csv").portfolios[0].id == "六笔 债务"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("client-42.csv", "client-42"),
        ("C:\\files\\client.42.XLSX", "client.42"),
        ("/tmp/a\u200bb.csv", "ab"),
        ("no ending", "no ending"),
        ("x" * 200 + ".csv", "x" * 80),
        ("-", None),
        ("", None),
        (".csv", None),
    ],
)
def test_the_id_of_a_file_is_its_name_without_folder_and_ending(name, expected):
    assert id_of_file(name) == expected


def test_an_empty_id_where_others_have_one_is_a_bad_row(read):
    result = read("portfolio_id,name,balance,apr\na,Visa,1,1\n,Car,2,1\n")
    assert [(reject.row, reject.column) for reject in result.rejects] == [(3, "portfolio_id")]
    assert len(result.portfolios[0].debts) == 1


def test_a_column_of_empty_ids_is_as_if_it_were_not_there(read):
    result = read("portfolio_id,name,balance,apr\n,Visa,1,1\n,Car,2,1\n")
    assert [(each.id, len(each.debts)) for each in result.portfolios] == [("client-42", 2)]


@pytest.mark.parametrize(
    "label",
    ["合计", "总计", "小计", "Total", "TOTAL:", "Subtotal", "Sub total", "Grand  Total", "grandtotal：", " 合 计 ："],
)
def test_a_row_of_sums_is_skipped_with_a_warning(read, label):
    result = read(f"portfolio_id,name,balance,apr\na,Visa,1,1\n{label},,1,\n,{label},1,\n")
    assert len(result.portfolios[0].debts) == 1
    assert result.rejects == []
    assert [warning.row for warning in result.warnings] == [3, 4]


@pytest.mark.parametrize("name", ["Total Rewards Visa", "Totals", "合计卡", "Grand totals card"])
def test_a_name_that_only_begins_like_a_total_is_a_debt(read, name):
    assert read(f"name,balance,apr\n{name},1,1\n").portfolios[0].debts[0].name == name


def test_cells_past_the_header_make_a_bad_row(read):
    result = read("name,balance,apr\nVisa,1,234.56,24.99\nCar,1,1,,\nLoan,1,1,,x\n,,,,y\n")
    assert [(reject.row, reject.value) for reject in result.rejects] == [(2, "24.99"), (4, "x"), (5, "y")]
    assert "1,234.56" in result.rejects[0].reason
    assert [debt.name for debt in result.portfolios[0].debts] == ["Car"]


def test_every_bad_cell_of_every_row_is_reported_at_once_with_the_files_own_header(read):
    result = read("债务名称,欠款,年利率（%）\nVisa,abc,def\nCar,1,1\n,1,-1\n")
    found = [(reject.row, reject.column, reject.value) for reject in result.rejects]
    assert found == [(2, "balance", "abc"), (2, "apr", "def"), (4, "apr", "-1"), (4, "name", None)]
    assert '"def" is not a rate' in result.rejects[1].reason
    assert "年利率（%）" in result.rejects[1].reason
    assert [debt.name for debt in result.portfolios[0].debts] == ["Car"]


def test_a_value_of_the_portfolio_may_stand_in_any_row_even_a_bad_one(read):
    result = read("name,balance,apr,monthly_budget,currency\nVisa,1,1,,\nCar,x,1,1500,EUR\nLoan,1,1,1500.00,eur\n")
    (portfolio,) = result.portfolios
    assert (portfolio.budget.monthly, portfolio.currency, len(portfolio.debts)) == (1500, "EUR", 2)


@pytest.mark.parametrize(
    ("column", "one", "other"),
    [
        ("monthly_budget", "1500", "1600"),
        ("currency", "USD", "EUR"),
        ("start", "2026-12", "2027-01"),
        ("income", "1", "2"),
    ],
)
def test_rows_that_disagree_are_one_reject_and_leave_only_that_portfolio_out(read, column, one, other):
    rows = f"a,Visa,1,1,{one}\nb,Visa,1,1,\na,Car,1,1,{one}\na,Loan,1,1,{other}\na,Boat,1,1,{other}\n"
    result = read(f"portfolio_id,name,balance,apr,{column}\n{rows}")
    assert [(reject.row, reject.column, reject.value) for reject in result.rejects] == [(5, column, other)]
    assert "row 2" in result.rejects[0].reason
    assert [each.id for each in result.portfolios] == ["b"]


def test_the_hundred_and_first_debt_leaves_the_portfolio_out_with_one_reject(read):
    rows = "".join(f"a,Debt {number},1,1\n" for number in range(102))
    result = read(f"portfolio_id,name,balance,apr\nb,Visa,1,1\n{rows}")
    assert [(reject.row, reject.value) for reject in result.rejects] == [(103, "Debt 100")]
    assert [each.id for each in result.portfolios] == ["b"]


def test_beside_an_error_of_the_whole_portfolio_its_bad_rows_are_told(read):
    header = "name,balance,apr,promo_apr,promo_until,start\nOld,1,1,0,2026-01,2026-12\n"
    rows = "".join(f"Debt {number},1,1,,,\n" for number in range(101))
    result = read(header + rows)
    assert [(reject.row, reject.column) for reject in result.rejects] == [(2, "promo_until"), (103, "name")]
    assert result.portfolios == []


def test_a_bad_row_among_a_hundred_and_one_leaves_a_portfolio_of_a_hundred(read):
    rows = "".join(f"Debt {number},1,1,,,\n" for number in range(100))
    result = read(f"name,balance,apr,promo_apr,promo_until,start\nOld,1,1,0,2026-01,2026-12\n{rows}")
    assert [(reject.row, reject.column) for reject in result.rejects] == [(2, "promo_until")]
    assert len(result.portfolios[0].debts) == 100


def test_every_column_in_which_rows_disagree_is_told_and_what_else_is_wrong(read):
    result = read("name,balance,apr,income,monthly_budget\nVisa,1,1,5,7\nCar,1,,6,8\nLoan,1,1,9,9\n")
    assert {(reject.row, reject.column) for reject in result.rejects} == {
        (3, "apr"),
        (3, "income"),
        (3, "monthly_budget"),
    }


def test_a_hundred_debts_are_a_portfolio(read):
    rows = "".join(f"Debt {number},1,1\n" for number in range(100))
    assert len(read(f"name,balance,apr\n{rows}Bad,x,1\n").portfolios[0].debts) == 100


def test_an_id_that_is_too_long_is_one_reject_of_the_portfolio(read):
    result = read(f"portfolio_id,name,balance,apr\n{'i' * 81},Visa,1,1\n{'i' * 81},Car,1,1\nb,Visa,1,1\n")
    assert [(reject.row, reject.column) for reject in result.rejects] == [(2, "portfolio_id")]
    assert [each.id for each in result.portfolios] == ["b"]


def test_a_debt_that_contradicts_its_portfolio_is_rejected_and_the_others_stand(read):
    result = read(
        "name,balance,apr,promo_apr,promo_until,start\nVisa,1,1,0,2026-01,\nCar,1,1,,,2026-12\nLoan,1,1,0,2027-01,\n"
    )
    assert [(reject.row, reject.column) for reject in result.rejects] == [(2, "promo_until")]
    assert [debt.name for debt in result.portfolios[0].debts] == ["Car", "Loan"]


def test_a_file_of_bad_rows_only_is_readable(read):
    result = read("name,balance,apr\nVisa,x,1\n")
    assert result.portfolios == []
    assert len(result.rejects) == 1


def test_the_answer_has_the_contracts_shape(read):
    result = read("name,balance,apr,foo\nVisa,x,1,\n").model_dump(mode="json")
    assert result["portfolios"] == []
    assert [set(reject) for reject in result["rejects"]] == [{"row", "column", "value", "code", "params", "reason"}]
    assert [set(warning) for warning in result["warnings"]] == [{"row", "code", "params", "reason"}]


def test_several_rejects_of_one_row_stand_in_the_order_of_the_file(read):
    amounts = ["late_fee", "balance", "income", "credit_limit", "annual_fee", "monthly_budget", "minimum_floor"]
    columns = ["name", "apr", "minimum_rate", *amounts]
    cells = ["Visa", "20", "2", *("100.005" for _ in amounts)]
    result = read(",".join(columns) + "\n" + ",".join(cells) + "\n")
    assert [reject.column for reject in result.rejects] == amounts
