"""Numbers in texts, English and Chinese: what they are, and which are none."""

from decimal import Decimal

import pytest

from agents.checking.numerals import NumeralKind, numerals


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("$1,234.56", NumeralKind.NUMBER, "1234.56"),
        ("USD 1,234", NumeralKind.NUMBER, "1234"),
        ("¥12,000", NumeralKind.NUMBER, "12000"),
        ("CN¥12,000.50", NumeralKind.NUMBER, "12000.50"),
        ("12000元", NumeralKind.NUMBER, "12000"),
        ("10万", NumeralKind.NUMBER, "100000"),
        ("1.2亿元", NumeralKind.NUMBER, "120000000"),
        ("12万5千", NumeralKind.NUMBER, "125000"),
        ("3 thousand", NumeralKind.NUMBER, "3000"),
        ("$2.5k", NumeralKind.NUMBER, "2500"),
        ("12.5%", NumeralKind.RATE, "0.125"),
        ("24.99 %", NumeralKind.RATE, "0.2499"),
        ("百分之20", NumeralKind.RATE, "0.2"),
        ("1,000 percent", NumeralKind.RATE, "10"),
        ("28 months", NumeralKind.DURATION, "28"),
        ("a 28-month plan", NumeralKind.DURATION, "28"),
        ("2 years and 4 months", NumeralKind.DURATION, "28"),
        ("2年零4个月", NumeralKind.DURATION, "28"),
        ("2年4个月", NumeralKind.DURATION, "28"),
        ("3年", NumeralKind.DURATION, "36"),
        ("1年半", NumeralKind.DURATION, "18"),
        ("2.5 years", NumeralKind.DURATION, "30"),
        ("12期", NumeralKind.DURATION, "12"),
        ("2027年", NumeralKind.YEAR, "2027"),
        ("１２，３４５．６７", NumeralKind.NUMBER, "12345.67"),
        ("２４．９９％", NumeralKind.RATE, "0.2499"),
    ],
)
def test_a_number_is_read_as_what_it_says(text: str, kind: NumeralKind, value: str) -> None:
    (found,) = numerals(text)
    assert (found.kind, found.value) == (kind, Decimal(value))


@pytest.mark.parametrize("text", ["May 2027", "2027年5月", "2027-05", "May 14, 2027", "2027-05-14", "２０２７年５月"])
def test_a_month_is_one_number(text: str) -> None:
    (found,) = numerals(f"in {text}.")
    assert (found.kind, found.month) == (NumeralKind.MONTH, "2027-05")


@pytest.mark.parametrize(
    "text",
    ["1. First\n2. Second", "- 3) third", "第3步", "the 21st day", "step 4", "A4 paper", "COVID-19", "K8s", "#7", "M1"],
)
def test_ordinals_and_names_are_no_numbers(text: str) -> None:
    assert list(numerals(text)) == []


def test_numbers_side_by_side_are_told_apart() -> None:
    text = "从 0% 升到 22.99%，还 ¥1,200.00，历时19个月（1年零7个月），到2028年6月。"
    assert [one.kind for one in numerals(text)] == [
        NumeralKind.RATE,
        NumeralKind.RATE,
        NumeralKind.NUMBER,
        NumeralKind.DURATION,
        NumeralKind.DURATION,
        NumeralKind.MONTH,
    ]


def test_each_number_stands_where_it_says() -> None:
    text = "Pay $1,500.00 of 24.99% until May 2027 (28 months)."
    assert [text[one.start : one.end].strip() for one in numerals(text)] == [
        "$1,500.00",
        "24.99%",
        "May 2027",
        "28 months",
    ]
