"""The header: where it stands, what names mean, and what is said of the others."""

from decimal import Decimal

import pytest

from data.errors import UnreadableFile

ALIASES = {
    "portfolio_id": "portfolio_id client client_id 客户 客户编号",
    "name": "name debt creditor lender 名称 债务名称 银行 平台 贷款机构",
    "kind": "kind type 类型",
    "balance": "balance amount principal 余额 欠款 剩余本金 未还本金 待还金额",
    "apr": "apr rate interest_rate 年利率 年化 年化利率",
    "daily_rate": "daily_rate 日利率",
    "monthly_rate": "monthly_rate 月利率",
    "fee_rate": "fee_rate 月费率",
    "minimum": "minimum min_payment 最低还款 最低还款额 月供 月还款",
    "minimum_rate": "minimum_rate",
    "minimum_floor": "minimum_floor",
    "minimum_type": "minimum_type",
    "months_left": "months_left term 期数 剩余期数",
    "promo_apr": "promo_apr 优惠利率",
    "promo_until": "promo_until 优惠截止",
    "credit_limit": "credit_limit limit 额度 授信额度",
    "due_day": "due_day 还款日",
    "annual_fee": "annual_fee 年费",
    "late_fee": "late_fee 滞纳金 违约金",
    "monthly_budget": "monthly_budget 每月预算",
    "currency": "currency 币种",
    "start": "start 开始月份",
    "income": "income 月收入",
}
PLAIN = {  # a row with something in every column, and where it ends up
    "portfolio_id": ("c-7", lambda p: p.id, "c-7"),
    "name": ("Visa", lambda p: p.debts[0].name, "Visa"),
    "kind": ("auto_loan", lambda p: p.debts[0].kind, "auto_loan"),
    "balance": ("5200", lambda p: p.debts[0].balance, 5200),
    "apr": ("24.99", lambda p: p.debts[0].apr, Decimal("0.2499")),
    "daily_rate": ("0.05", lambda p: p.debts[0].apr, Decimal("0.1825")),
    "monthly_rate": ("1.5", lambda p: p.debts[0].apr, Decimal("0.18")),
    "fee_rate": ("0.6", lambda p: p.debts[0].minimum.fee_rate, Decimal("0.006")),
    "minimum": ("35", lambda p: p.debts[0].minimum.amount, 35),
    "minimum_rate": ("2", lambda p: p.debts[0].minimum.rate, Decimal("0.02")),
    "minimum_floor": ("25", lambda p: p.debts[0].minimum.floor, 25),
    "minimum_type": ("none", lambda p: p.debts[0].minimum.type, "none"),
    "months_left": ("48", lambda p: p.debts[0].minimum.months, 48),
    "promo_apr": ("1", lambda p: p.debts[0].promo.apr, Decimal("0.01")),
    "promo_until": ("2027-05", lambda p: p.debts[0].promo.until, "2027-05"),
    "credit_limit": ("8000", lambda p: p.debts[0].credit_limit, 8000),
    "due_day": ("14", lambda p: p.debts[0].due_day, 14),
    "annual_fee": ("95", lambda p: p.debts[0].fees.annual, 95),
    "late_fee": ("40", lambda p: p.debts[0].fees.late, 40),
    "monthly_budget": ("1500", lambda p: p.budget.monthly, 1500),
    "currency": ("EUR", lambda p: p.currency, "EUR"),
    "start": ("2026-12", lambda p: p.start, "2026-12"),
    "income": ("4800", lambda p: p.income, 4800),
}
BESIDE = {  # what a column needs beside it
    "fee_rate": ["months_left"],
    "minimum_floor": ["minimum_rate"],
    "promo_apr": ["promo_until"],
    "promo_until": ["promo_apr"],
}


@pytest.mark.parametrize(
    ("column", "alias"), [(column, alias) for column, names in ALIASES.items() for alias in names.split()]
)
def test_every_alias_of_the_contract_is_read(read, column, alias):
    rate = [] if column in {"apr", "daily_rate", "monthly_rate", "fee_rate"} else ["apr"]
    beside = [other for other in ("name", "balance", *rate, *BESIDE.get(column, [])) if other != column]
    header = ",".join([alias, *beside])
    row = ",".join(PLAIN[each][0] for each in (column, *beside))
    result = read(f"{header}\n{row}\n")
    assert result.rejects == []
    _, where, expected = PLAIN[column]
    assert where(result.portfolios[0]) == expected


@pytest.mark.parametrize(
    "apr",
    [
        "APR",
        " Apr ",
        "A P R",
        "ＡＰＲ",
        "apr (%)",
        "APR（％）",
        "Interest Rate",
        "INTEREST__RATE",
        "年利率 [%]",
        "年 利 率【%】",
    ],
)
def test_names_match_without_case_spaces_underscores_width_and_unit(read, apr):
    result = read(f"name,balance,{apr}\nVisa,5200,24.99\n")
    assert result.portfolios[0].debts[0].apr == Decimal("0.2499")
    assert result.warnings == []


def test_the_header_is_the_first_of_ten_rows_and_rows_above_are_skipped_with_a_warning(read):
    result = read("\n".join(["Debts of client 42", "", "made by hand", *[""] * 6, "name,balance,apr", "Visa,x,1"]))
    assert result.rejects[0].row == 11
    assert result.warnings[0].row == 1
    assert "1, 3" in result.warnings[0].reason


def test_a_header_in_the_eleventh_row_is_no_header(read):
    with pytest.raises(UnreadableFile, match="first 10 rows"):
        read("\n" * 10 + "name,balance,apr\nVisa,1,1\n")


@pytest.mark.parametrize("header", ["name,apr", "balance,apr", "foo,bar", "kind,apr,minimum"])
def test_without_a_name_and_a_balance_there_is_no_table(read, header):
    with pytest.raises(UnreadableFile, match="name column and a balance column"):
        read(f"{header}\n1,2,3\n")


@pytest.mark.parametrize("header", ["name,银行,balance,apr", "银行,name,balance,apr"])
def test_a_bank_beside_the_name_becomes_the_lender_with_a_warning(read, header):
    row = {"name": "Visa", "银行": "招商银行", "balance": "1", "apr": "1"}
    result = read(header + "\n" + ",".join(row[column] for column in header.split(",")) + "\n")
    debt = result.portfolios[0].debts[0]
    assert (debt.name, debt.lender) == ("Visa", "招商银行")
    assert "lender" in result.warnings[0].reason


def test_of_two_columns_of_one_meaning_the_one_earlier_in_the_table_wins_with_a_warning(read):
    result = read("principal,name,balance,rate,apr\n1,Visa,5200,1,24.99\n")
    debt = result.portfolios[0].debts[0]
    assert (debt.balance, debt.apr) == (5200, Decimal("0.2499"))
    assert {warning.column for warning in result.warnings} == {"balance", "apr"}


@pytest.mark.parametrize(
    ("unknown", "nearest"), [("Intrest rate", "interest_rate"), ("balence", "balance"), ("剩余期", "剩余期数")]
)
def test_an_unknown_column_is_a_warning_that_names_the_nearest_known_one(read, unknown, nearest):
    result = read(f"name,balance,apr,{unknown}\nVisa,5200,24.99,7\n")
    assert unknown in result.warnings[0].reason
    assert nearest in result.warnings[0].reason
    assert len(result.portfolios) == 1


def test_blank_columns_are_skipped(read):
    result = read("name,,balance,apr,,\nVisa,,5200,24.99,,\n")
    assert result.portfolios[0].debts[0].balance == 5200
    assert (result.rejects, result.warnings) == ([], [])


def test_amounts_under_a_unit_of_ten_thousand_are_multiplied_with_a_warning(read):
    result = read("名称,余额（万元）,年利率\n招行,1.2,18\n建行,3万,18\n")
    assert [debt.balance for debt in result.portfolios[0].debts] == [12_000, 30_000]
    assert any("multiplied" in warning.reason for warning in result.warnings)


@pytest.mark.parametrize(
    ("header", "currency"),
    [("name,balance", "USD"), ("name,balance (EUR)", "EUR"), ("name,balance (£)", "GBP"), ("名称,余额", "CNY")],
)
def test_without_a_currency_column_the_header_tells_the_currency(read, header, currency):
    assert read(f"{header},apr\nVisa,1,1\n").portfolios[0].currency == currency


def test_a_currency_column_is_stronger_than_the_header(read):
    result = read("名称,余额,年利率,币种\nVisa,1,1,usd\n")
    assert result.portfolios[0].currency == "USD"
    assert result.warnings == []


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("name,balence,apr", 'in row 1 "balence" is not a column we know; the nearest is balance.'),
        ("nmae,balance,apr", '"nmae" is not a column we know; the nearest is name.'),
        ("Debt nam,Current balance,apr", 'the nearest is debt (name); "Current balance" is not a column we know; the'),
        ("nmae,balence,arp", '"nmae" is not a column we know; the nearest is name; "balence" is not a column we know'),
        ("name;balence;apr", '"balence" is not a column we know; the nearest is balance.'),
        ("债务名,余额,年利率", '"债务名" is not a column we know; the nearest is 债务名称 (name).'),
        ("名称,佘额,年利率", '"佘额" is not a column we know; the nearest is 余额 (balance).'),
        ("名字,欠歀,年利率", '"名字" is not a column we know; the nearest is 名称 (name); "欠歀" is not a column'),
        ("Debts of client 42,,\n\nname,balence,apr", "in row 3"),
        ("foo,balence,apr", '"balence" is not a column we know; the nearest is balance. A table needs a name column'),
        ("name,APR (%),Ballance (USD)", '"Ballance (USD)" is not a column we know; the nearest is balance.'),
    ],
)
def test_a_misspelt_required_column_is_told_as_what_it_is(read, header, told):
    with pytest.raises(UnreadableFile) as refused:
        read(f"{header}\nVisa,5200,24.99\n")
    assert told in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "Dear Sir,\nplease find my debts, and the balance, attached.\n",
        "招商银行信用卡,5200,18\n建设银行余额贷款,100,5\n",
        "Visa,5200,24.99\nStore card,12,7\n",
        "name,apr,colour\nVisa,24.99,red\n",
        "first,second,third\nname of a debt,balance owed 12,5\n",
    ],
)
def test_a_row_that_is_no_header_is_not_taken_for_a_misspelt_one(read, text):
    with pytest.raises(UnreadableFile, match="none of the first 10 rows"):
        read(text)


def test_a_header_that_is_found_is_not_questioned_by_a_misspelt_row_above_it(read):
    result = read("nmae,balence,apr\nname,balance,apr\nVisa,5200,24.99\n")
    assert [debt.name for debt in result.portfolios[0].debts] == ["Visa"]
