"""Amounts and rates as people write them."""

from decimal import Decimal

import pytest


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("5200", "5200"),
        ("1,234.56", "1234.56"),
        ("¥12,000", "12000"),
        ("￥12,000", "12000"),
        ("$5,200.00", "5200"),
        ("£ 5200", "5200"),
        ("5200 €", "5200"),
        ("12000元", "12000"),
        ("10万", "100000"),
        ("10 万元", "100000"),
        ("1.2亿", "120000000"),
        ("12万5千", "125000"),
        ("1亿2000万", "120000000"),
        ("12万3456.78", "123456.78"),
        ("3千", "3000"),
        ("１２，３４５．６７", "12345.67"),
        ("1 234.50", "1234.50"),
        ("1\u00a0234.50", "1234.50"),
        ("\u200b99", "99"),
        (".5", "0.5"),
        ("5200.000", "5200"),
        ("0", "0"),
        ("1000000000000", "1000000000000"),
    ],
)
def test_an_amount_is_read_however_it_is_written(read_one, cell, amount):
    result = read_one(balance=cell)
    assert result.rejects == []
    assert result.portfolios[0].debts[0].balance == Decimal(amount)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("abc", '"abc" is not an amount'),
        ("1,23", "is not an amount"),
        ("1,2345", "is not an amount"),
        ("5200,50", "is not an amount"),
        ("1.234.567", "is not an amount"),
        ("12万5", "is not an amount"),  # 125,000 or 120,005?
        ("1e5", "is not an amount"),
        ("5%", "is not an amount"),
        ("=100+1", "is not an amount"),
        ("NaN", "is not an amount"),
        ("Infinity", "is not an amount"),
        ("#N/A", "is not an amount"),
        ("元", "is not an amount"),
        ("9" * 5000, "is not an amount"),
        ("-5", "is negative"),
        ("(5,200.00)", "is negative"),
        ("¥-5", "is negative"),
        ("1000000000001", "is over 1,000,000,000,000"),
        ("5200.005", "has more decimals than USD has (2)"),
        ("", "the balance is missing"),
    ],
)
def test_a_bad_amount_is_a_bad_row_that_quotes_the_cell_and_the_header(read_one, cell, reason):
    result = read_one(balance=cell, currency="USD")
    assert result.portfolios == []
    (reject,) = result.rejects
    assert (reject.row, reject.column) == (2, "balance")
    assert reason in reject.reason
    assert 'column "balance"' in reject.reason
    assert (reject.value or "") == (cell if len(cell) <= 200 else cell[:199] + "…")


def test_a_yen_has_no_decimals_and_a_dinar_three(read):
    result = read("portfolio_id,name,balance,apr,currency\n1,A,100.5,1,JPY\n2,B,100.005,1,KWD\n")
    assert result.rejects[0].column == "balance"
    assert "JPY has (0)" in result.rejects[0].reason
    assert str(result.portfolios[0].debts[0].balance) == "100.005"


def test_an_amount_signed_in_another_currency_is_a_warning(read_one):
    assert any("EUR" in warning.reason for warning in read_one(balance="$5200", currency="EUR").warnings)
    assert read_one(balance="$5200", currency="AUD").warnings == []


@pytest.mark.parametrize(
    ("rows", "balances"),
    [
        ("Visa;5200,50;24,99", ["5200.50"]),
        ("Visa;1.234,56;5\nCar;9.500;5", ["1234.56", "9500"]),
        ("Visa;1,234;24.99", ["1234"]),
        ("Visa;1,234.56;5", ["1234.56"]),
        ("Visa;1,234;24\nCar;5;6", ["1234", "5"]),
    ],
)
def test_a_comma_is_the_decimal_only_in_a_semicolon_file_that_cannot_be_read_otherwise(read, rows, balances):
    result = read(f"name;balance;apr\n{rows}\n")
    assert [debt.balance for debt in result.portfolios[0].debts] == [Decimal(each) for each in balances]
    assert result.rejects == []


def test_a_semicolon_file_that_contradicts_itself_keeps_the_point(read):
    result = read("name;balance;apr\nVisa;5200,50;24.99\nCar;1,234;5\n")
    assert [debt.balance for debt in result.portfolios[0].debts] == [1234]
    assert [reject.row for reject in result.rejects] == [2]


@pytest.mark.parametrize(
    ("column", "cell", "apr"),
    [
        ("apr", "24.99", "0.2499"),
        ("apr", "24.99%", "0.2499"),
        ("apr", "24.99 ％", "0.2499"),
        ("apr", "0.2499", "0.002499"),
        ("apr", "0", "0"),
        ("apr", "百分之十八", "0.18"),
        ("apr", "1000", "10"),
        ("daily_rate", "0.05", "0.1825"),
        ("daily_rate", "0.05%", "0.1825"),
        ("daily_rate", "万五", "0.1825"),
        ("日利率", "日息万五", "0.1825"),
        ("daily_rate", "万分之五", "0.1825"),
        ("daily_rate", "万分之 3.5", "0.12775"),
        ("monthly_rate", "1.5", "0.18"),
        ("月利率", "1分", "0.12"),
        ("月利率", "1分5厘", "0.18"),
        ("月利率", "月息一分五厘", "0.18"),
        ("月利率", "8厘", "0.096"),
        ("月利率（‰）", "4.5", "0.054"),
    ],
)
def test_a_rate_is_read_however_it_is_written(read, column, cell, apr):
    result = read(f"name,balance,{column}\nVisa,5200,{cell}\n")
    assert result.rejects == []
    debt = result.portfolios[0].debts[0]
    assert debt.apr == Decimal(apr)
    assert debt.accrual == ("daily" if column in {"daily_rate", "日利率"} else "monthly")


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("apr", "abc", '"abc" is not a rate'),
        ("apr", "24,99", "is not a rate"),
        ("apr", "%", "is not a rate"),
        ("apr", "-3", "is negative"),
        ("apr", "2499", "is over 1,000 % a year"),
        ("apr", "万五", "daily_rate"),
        ("apr", "日息万五", "the rate of a day"),
        ("apr", "1分", "monthly_rate"),
        ("daily_rate", "1分", "monthly_rate"),
        ("daily_rate", "5", "is over 1,000 % a year"),
        ("monthly_rate", "年化18%", "the rate of a year"),
        ("apr", "", "the rate is missing"),
    ],
)
def test_a_bad_rate_is_a_bad_row_that_says_what_to_do(read_one, column, cell, reason):
    (reject,) = read_one(**{column: cell}).rejects
    assert reject.column == column
    assert reason in reject.reason


def test_a_file_without_any_rate_column_has_only_bad_rows(read):
    result = read("name,balance\nVisa,1\nCar,2\n")
    assert [(reject.row, reject.column) for reject in result.rejects] == [(2, "apr"), (3, "apr")]


def test_rates_all_below_one_are_read_as_percents_with_a_warning(read):
    result = read("name,balance,apr\nVisa,1,0.2499\nCar,1,0.05\n")
    assert result.portfolios[0].debts[0].apr == Decimal("0.002499")
    assert [warning.column for warning in result.warnings] == ["apr"]
    assert "0.2499 %" in result.warnings[0].reason


@pytest.mark.parametrize("rows", ["Visa,1,0.2499\nCar,1,5\n", "Visa,1,0\nCar,1,0\n", "Visa,1,0.5%\n"])
def test_no_such_warning_where_a_rate_is_one_or_more_or_all_are_zero_or_say_percent(read, rows):
    assert read(f"name,balance,apr\n{rows}").warnings == []


def test_two_rate_columns_that_agree_are_one_debt_and_others_a_bad_row(read):
    result = read("name,balance,apr,daily_rate\nA,1,18.25,0.05\nB,1,20,万五\nC,1,,万五\n")
    assert [(debt.name, debt.accrual) for debt in result.portfolios[0].debts] == [("A", "daily"), ("C", "daily")]
    (reject,) = result.rejects
    assert (reject.row, reject.column, reject.value) == (3, "daily_rate", "万五")
    assert "disagree" in reject.reason


def test_a_fee_rate_is_a_flat_fee_without_interest_and_a_warning(read):
    result = read("名称,余额,月费率,期数,币种\n账单分期,12000,0.6%,12,CNY\n")
    debt = result.portfolios[0].debts[0]
    assert debt.apr == 0
    assert debt.minimum.model_dump() == {
        "type": "flat_fee",
        "principal": 12000,
        "months": 12,
        "fee_rate": Decimal("0.006"),
        "refundable": False,
    }
    assert "original principal" in result.warnings[0].reason


def test_a_fee_rate_without_months_left_is_a_bad_row(read_one):
    (reject,) = read_one(fee_rate="0.6").rejects
    assert reject.column == "months_left"


def test_a_fee_rate_beside_an_interest_rate_is_a_bad_row(read_one):
    (reject,) = read_one(apr="13", fee_rate="0.6", months_left="12").rejects
    assert "disagree" in reject.reason
