"""Laws of portfolio files: what is written is read back, every row is accounted for, nothing else is ever raised."""

import csv
import io
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import InvalidPortfolio, UnreadableFile
from data.files.columns.header import find_header
from data.files.portfolio_file import (
    SheetReading,
    csv_template,
    debts_of_rows,
    portfolios_to_csv,
    read_file,
    read_portfolios,
)
from data.money import minor_digits
from data.portfolio.debt import DebtKind
from data.portfolio.portfolio import Portfolio
from data.wire.import_result import ImportResult

LAW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")

texts = st.text(st.characters(exclude_categories=INVISIBLE), min_size=1, max_size=40).map(str.strip).filter(bool)
starts = st.sampled_from([*"=+-@'", "''", "＝", "＋", "－", "＠", "'=", "Total", "合计", '"', ",", ";", "1,234.56"])
names = st.one_of(texts, starts, st.builds(lambda start, text: (start + text).strip(), starts, texts))
rates = st.decimals(0, 10, places=6)
months = st.integers(1, 1200)
calendar = st.builds(lambda year, month: f"{year}-{month:02d}", st.integers(2027, 2099), st.integers(1, 12))


def amounts(currency: str, least: int = 0):
    return st.decimals(least, 10**9, places=minor_digits(currency))


@st.composite
def minimums(draw, currency: str, balance: Decimal):
    amount, rate = draw(amounts(currency)), draw(rates)
    rated = {
        "type": draw(st.sampled_from(["percent", "interest_plus"])),
        "rate": rate,
        "floor": draw(amounts(currency)),
    }
    return draw(
        st.sampled_from(
            [
                {"type": "fixed", "amount": amount},
                rated,
                {"type": "greatest", "rules": [{"type": "fixed", "amount": amount}, rated]},
                {"type": "level", "months": draw(months)},
                {"type": "equal_principal", "months": draw(months)},
                {"type": "interest_only", "until": draw(calendar)},
                {"type": "flat_fee", "principal": balance, "months": draw(months), "fee_rate": rate / 12},
                {"type": "none"},
            ]
        )
    )


@st.composite
def debts(draw, currency: str, name: str):
    balance = draw(amounts(currency))
    minimum = draw(minimums(currency, balance))
    promo = {"apr": draw(rates), "until": draw(calendar), "deferred_interest": draw(st.booleans())}
    return {
        "name": name,
        "kind": draw(st.sampled_from(list(DebtKind))),
        "balance": balance,
        "apr": 0 if minimum["type"] == "flat_fee" else draw(rates),
        "accrual": draw(st.sampled_from(["monthly", "daily", "daily_compounded"])),
        "minimum": minimum,
        "promo": draw(st.sampled_from([None, promo])),
        "fees": {name: draw(amounts(currency)) for name in ("monthly", "annual", "late")},
        "credit_limit": draw(st.none() | amounts(currency, 1)),
        "due_day": draw(st.integers(1, 31)),
        "lender": draw(st.none() | names),
    }


@st.composite
def portfolios(draw, portfolio_id: str):
    currency = draw(st.sampled_from(["USD", "CNY", "JPY", "KWD"]))
    different = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    return Portfolio.model_validate(
        {
            "id": portfolio_id,
            "currency": currency,
            "start": "2026-12",
            "income": draw(st.none() | amounts(currency)),
            "budget": draw(st.none() | st.fixed_dictionaries({"monthly": amounts(currency)})),
            "debts": [draw(debts(currency, name)) for name in different],
        }
    )


@st.composite
def files(draw):
    ids = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    return [draw(portfolios(each)) for each in ids]


@LAW
@given(files(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_portfolios_written_as_csv_are_read_back_the_same(written, encoding):
    result = read_portfolios(portfolios_to_csv(written).encode(encoding), "x.csv")
    assert result.rejects == []
    assert result.portfolios == written


@LAW
@given(files())
def test_no_text_cell_of_an_export_begins_like_a_formula(written):
    rows = csv.DictReader(io.StringIO(portfolios_to_csv(written)))
    for row in rows:
        for column in ("portfolio_id", "name", "lender"):
            assert not (row.get(column) or "").startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
        for column in ("balance", "apr"):
            assert not row[column].startswith("'")


@LAW
@given(st.one_of(st.binary(max_size=2000), st.builds(lambda text: text.encode("gb18030", "replace"), st.text())))
def test_arbitrary_bytes_are_read_or_refused(content):
    for head in (b"", b"name,balance,apr\n", b"\xff\xfe", b"PK\x03\x04", b"{", b"\xef\xbb\xbf"):
        try:
            result = read_file(head + content, "x.csv")
        except (UnreadableFile, InvalidPortfolio):
            continue
        assert isinstance(result, ImportResult)


HEADER = [
    *("portfolio_id", "name", "kind", "balance", "apr", "daily_rate", "fee_rate", "minimum", "minimum_rate"),
    *("minimum_floor", "minimum_type", "months_left", "promo_apr", "promo_until", "credit_limit", "due_day"),
]
tricky = st.sampled_from(
    [
        *(
            "",
            "",
            "",
            " ",
            "\u200b",
            "0",
            "1",
            "24.99",
            "24.99%",
            "万五",
            "1分",
            "-1",
            "abc",
            "=1+1",
            "Total",
            "合计：",
        ),
        *("10万", "12万5千", "1,234.56", "1e9", "2027-05", "05/06/2027", "48", "99999", "9" * 50, "信用卡", "level"),
        *(
            "percent",
            "等额本金",
            "none",
            "flat_fee",
            "Visa",
            "x" * 90,
            '"',
            "\n",
            "١٢",
            "１２",
            "NaN",
            "a\x00b",
            "%",
            ".",
        ),
    ]
)
rows_of_cells = st.lists(
    st.one_of(
        st.lists(
            tricky | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=6), max_size=len(HEADER) + 2
        ),
        st.builds(lambda cells: ["", "Visa", "", "5", "1", *cells], st.lists(tricky, max_size=11)),
    ),
    min_size=1,
    max_size=12,
)


def as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


@LAW
@given(rows_of_cells)
def test_every_row_is_a_debt_a_reject_a_skipped_total_or_blank(rows):
    rows = [["", "Visa", "", "5", "1"], *rows]
    result = read_portfolios(as_csv([HEADER, *rows]), "x.csv")
    rejected = {reject.row for reject in result.rejects}
    skipped = {warning.row for warning in result.warnings if "it was skipped" in warning.reason}
    blank = {number for number, cells in enumerate(rows, start=2) if not any(visible(cell) for cell in cells)}
    debt_count = sum(len(portfolio.debts) for portfolio in result.portfolios)
    assert rejected.isdisjoint(skipped | blank)
    assert debt_count + len(rejected) + len(skipped) + len(blank) == len(rows)


def visible(cell: str) -> bool:
    return bool("".join(each for each in cell if unicodedata.category(each) not in INVISIBLE).strip())


@LAW
@given(rows_of_cells)
def test_a_slice_of_rows_is_read_as_the_whole_file_is(rows):
    """A batch that reads one portfolio's rows at a time gives what an import of the whole file gives."""
    named = [[f"client-{number // 3}", *cells[1:]] for number, cells in enumerate(rows)]
    header = find_header([(1, HEADER)])
    assert header is not None
    reading = SheetReading(header)
    numbered = list(enumerate(named, start=2))
    whole = debts_of_rows(numbered, reading)
    parts = [debts_of_rows(numbered[at : at + 3], reading) for at in range(0, len(numbered), 3)]
    assert [each for part in parts for each in part.portfolios] == whole.portfolios
    assert sorted(part.model_dump_json() for each in parts for part in each.rejects) == sorted(
        reject.model_dump_json() for reject in whole.rejects
    )


@settings(LAW, max_examples=4)
@given(st.lists(st.lists(tricky.filter(str.isprintable), max_size=len(HEADER)), min_size=1, max_size=8))
def test_the_same_cells_in_excel_and_csv_read_the_same(rows):
    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None
    for number, cells in enumerate([HEADER, ["", "Visa", "", "5", "1"], *rows], start=1):
        for place, cell in enumerate(cells, start=1):
            if cell:
                book.active.cell(number, place, cell).data_type = "s"  # =1+1 is text here
    saved = io.BytesIO()
    book.save(saved)
    from_excel = read_portfolios(saved.getvalue(), "x.xlsx")
    from_csv = read_portfolios(as_csv([HEADER, ["", "Visa", "", "5", "1"], *rows]), "x.csv")
    assert from_excel.portfolios == from_csv.portfolios
    places = [(reject.row, reject.column) for reject in from_csv.rejects]
    assert [(reject.row, reject.column) for reject in from_excel.rejects] == places


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"offers": [{"type": "consolidation", "name": "B", "amount": 1, "apr": 0, "months": 1}]}, "0.offers"),
        ({"custom_order": ["Visa"]}, "0.custom_order"),
        ({"budget": {"monthly": 1, "mode": "extra"}}, "0.budget.mode"),
        ({"budget": {"monthly": 1, "lump_sums": [{"month": "2027-01", "amount": 1}]}}, "0.budget.lump_sums"),
        ({"debts": [{"name": "Visa", "balance": 1, "apr": 0, "penalty_apr": 1}]}, "0.debts.0.penalty_apr"),
        (
            {
                "debts": [
                    {"name": "V", "balance": 1, "apr": 0, "minimum": {"type": "level", "months": 9, "recast": True}}
                ]
            },
            "0.debts.0.minimum",
        ),
    ],
)
def test_what_a_table_cannot_hold_is_refused_by_name_not_left_out(change, path):
    plain = {"debts": [{"name": "Visa", "balance": 1, "apr": 0}]}
    with pytest.raises(InvalidPortfolio) as refused:
        portfolios_to_csv([Portfolio.model_validate(plain | change)])
    assert [error.path for error in refused.value.errors] == [path]


def test_several_portfolios_need_an_id_each():
    portfolio = Portfolio.model_validate({"id": "a", "debts": [{"name": "Visa", "balance": 1, "apr": 0}]})
    with pytest.raises(InvalidPortfolio, match="1 field"):
        portfolios_to_csv([portfolio, portfolio])


def test_the_template_is_a_header_that_is_wholly_known():
    header = find_header([(1, csv_template().strip().split(","))])
    assert header is not None
    assert header.warnings == ()
    assert len(header.places) == header.width
