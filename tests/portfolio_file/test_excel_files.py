"""Excel: sheets, formats, merged cells, dates, numbers."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from data.errors import UnreadableFile
from data.files.sheets.excel_rows import is_percent_format, text_of

HEADER = ["name", "balance", "apr"]


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def with_part(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The workbook with some bytes of one of its parts replaced."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(changed, "w") as after:
        assert old in before.read(part)
        for name in before.namelist():
            data = before.read(name)
            after.writestr(name, data.replace(old, new) if name == part else data)
    return changed.getvalue()


def test_numbers_text_dates_and_percents_are_read_as_shown(read, workbook):
    rows = [
        [*HEADER, "promo_apr", "promo_until", "portfolio_id"],
        ["007", 0.1 + 0.2, 0.2499, 0, date(2027, 5, 31), "042"],
        [7, 5200.1, 18, None, None, 42],
        ["Car", "¥1,234.50", "24.99%", "1%", "2027年5月", 42.0],
    ]

    def as_percent(sheet):
        sheet["C2"].number_format = "0.00%"

    result = read(workbook(rows, as_percent))
    assert result.rejects == []
    first, second = result.portfolios
    assert (first.id, second.id) == ("042", "42")
    assert (first.debts[0].name, first.debts[0].balance, first.debts[0].apr) == (
        "007",
        Decimal("0.3"),
        Decimal("0.2499"),
    )
    assert first.debts[0].promo.until == "2027-05"
    assert [(debt.name, debt.apr) for debt in second.debts] == [("7", Decimal("0.18")), ("Car", Decimal("0.2499"))]


@pytest.mark.parametrize(
    ("value", "is_percent", "text"),
    [
        (0.2499, True, "24.99%"),
        (1, True, "100%"),
        (0.07, True, "7%"),
        (1e15, False, "1000000000000000"),
        (1e-7, False, "0.0000001"),
        (123456.789, False, "123456.789"),
        (2**53 + 1, False, "9007199254740990"),
        (True, False, "TRUE"),
        (None, True, ""),
        (date(2027, 5, 31), False, "2027-05-31"),
        ("Store_x000D_\ncard", False, "Store\r\ncard"),
    ],
)
def test_a_number_is_the_decimal_of_its_15_significant_digits(value, is_percent, text):
    assert text_of(value, is_percent=is_percent) == text


@pytest.mark.parametrize(
    ("number_format", "expected"), [("0.00%", True), ("0%;[Red]-0%", True), ('0.00"%"', False), (r"0.00\%", False)]
)
def test_a_percent_in_quotes_is_only_shown(number_format, expected):
    assert is_percent_format(number_format) is expected


def test_a_merged_cell_holds_for_every_row_it_covers(read, workbook):
    rows = [
        ["client", *HEADER],
        ["a", "Visa", 1, 1],
        [None, "Car", 2, 1],
        [None, None, None, None],
        ["b", "Visa", 3, 1],
    ]

    def merge(sheet):
        sheet.merge_cells("A2:A4")
        sheet.merge_cells("D2:D5")

    result = read(workbook(rows, merge))
    assert result.rejects == []
    assert [(each.id, [debt.name for debt in each.debts]) for each in result.portfolios] == [
        ("a", ["Visa", "Car"]),
        ("b", ["Visa"]),
    ]


def test_a_header_merged_over_two_rows_is_found(read, workbook):
    rows = [["name", "loan", None], [None, "balance", "apr"], ["Visa", 1, 2]]
    result = read(workbook(rows, lambda sheet: sheet.merge_cells("A1:A2")))
    assert [debt.name for debt in result.portfolios[0].debts] == ["Visa"]


def test_all_sheets_with_a_header_are_read_and_the_others_named_in_a_warning(read):
    book = Workbook()
    book.active.append(["notes"])
    for name, header, row in [
        ("Cards", HEADER, ["Visa", "x", 1]),
        ("贷款", ["名称", "余额", "年利率"], ["车贷", 5, 6]),
        ("Loans", HEADER, ["Loan", 7, 8]),
    ]:
        sheet = book.create_sheet(name)
        sheet.append([])
        sheet.append(header)
        sheet.append(row)
    book.create_sheet("Empty")
    result = read(saved(book), "all.xlsx")
    assert [(reject.sheet, reject.row, reject.column) for reject in result.rejects] == [("Cards", 3, "balance")]
    assert [debt.name for debt in result.portfolios[0].debts] == ["车贷", "Loan"]
    assert result.portfolios[0].id == "all"
    assert '"Sheet", "Empty"' in result.warnings[0].reason
    assert result.model_dump(mode="json")["rejects"][0]["sheet"] == "Cards"


def test_formulas_give_their_saved_values(read, workbook):
    content = workbook([HEADER, ["Visa", "=1+1", 3]])
    with_value = with_part(content, "xl/worksheets/sheet1.xml", b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    assert read(with_value).portfolios[0].debts[0].balance == 2
    (reject,) = read(content).rejects
    assert reject.column == "balance"
    assert "formula without a saved value" in reject.reason


def test_east_asian_date_formats_are_months(read, workbook):
    content = workbook([[*HEADER, "start"], ["Visa", 1, 1, date(2027, 5, 31)]])
    styles = zipfile.ZipFile(io.BytesIO(content)).read("xl/styles.xml")
    number = b'numFmtId="14"' if b'numFmtId="14"' in styles else b'numFmtId="164"'
    chinese = with_part(content, "xl/styles.xml", number, b'numFmtId="57"')
    assert read(chinese).portfolios[0].start == "2027-05"


def test_an_error_value_is_a_bad_cell(read, workbook):
    (reject,) = read(workbook([HEADER, ["Visa", "#DIV/0!", 3]])).rejects
    assert (reject.column, reject.value) == ("balance", "#DIV/0!")


def test_cells_past_the_header_make_a_bad_row_in_excel_too(read, workbook):
    result = read(workbook([HEADER, ["Visa", 1, 1, None, None, "see below"], ["Car", 1, 1]]))
    assert [(reject.row, reject.value) for reject in result.rejects] == [(2, "see below")]


RICH = "<r><t>招商</t></r><r><t>银行</t></r><rPh sb='0' eb='1'><t>zhao</t></rPh>".encode()


def test_rich_text_is_read_without_its_phonetic_guide(read, workbook):
    content = workbook([HEADER, ["Visa", 1, 1]])
    rich = with_part(content, "xl/worksheets/sheet1.xml", b"<t>Visa</t>", RICH)
    assert read(rich).portfolios[0].debts[0].name == "招商银行"


def test_shared_strings_are_read(read, workbook):
    content = with_part(
        workbook([HEADER, ["Visa", 1, 1]]),
        "xl/worksheets/sheet1.xml",
        b't="inlineStr"><is><t>Visa</t></is>',
        b't="s"><v>1</v>',
    )
    part = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    types = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{part}"/></Types>'.encode()
    shared = io.BytesIO(with_part(content, "[Content_Types].xml", b"</Types>", types))
    namespace = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with zipfile.ZipFile(shared, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", b"<sst %s><si><t>x</t></si><si>%s</si></sst>" % (namespace, RICH))
    assert read(shared.getvalue()).portfolios[0].debts[0].name == "招商银行"


def test_a_workbook_is_told_by_content_not_by_name(read, workbook):
    content = workbook([HEADER, ["Visa", 1, 1]])
    assert read(content, "debts.csv").portfolios[0].debts[0].name == "Visa"
    assert read("name,balance,apr\nVisa,1,1\n", "debts.xlsx").portfolios[0].debts[0].name == "Visa"


def test_a_macro_workbook_is_read(read, workbook):
    content = with_part(
        workbook([HEADER, ["Visa", 1, 1]]),
        "[Content_Types].xml",
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    assert load_workbook(io.BytesIO(content)).active is not None
    assert read(content, "debts.xlsm").portfolios[0].debts[0].name == "Visa"


def test_a_workbook_with_only_a_header_or_no_table_is_unreadable(read, workbook):
    with pytest.raises(UnreadableFile, match="no debts below"):
        read(workbook([HEADER]))
    with pytest.raises(UnreadableFile, match="No table of debts"):
        read(workbook([["foo", "bar"], [1, 2]]))


def test_a_misspelt_required_column_of_a_workbook_is_told_as_what_it_is(read, workbook):
    with pytest.raises(UnreadableFile, match='in row 2 "balence" is not a column we know; the nearest is balance'):
        read(workbook([["Our debts"], ["name", "balence", "apr"], ["Visa", 5200, 24.99]]))


def test_a_sheet_with_a_misspelt_column_is_told_beside_those_that_are_read(read, workbook):
    def add_loans(sheet):
        loans = sheet.parent.create_sheet("Loans")
        for row in (["名称", "佘额"], ["车贷", 100]):
            loans.append(row)

    result = read(workbook([HEADER, ["Visa", 5200, 24.99]], add_loans))
    assert len(result.portfolios) == 1
    (told,) = [warning for warning in result.warnings if warning.sheet == "Loans"]
    assert (told.row, told.reason) == (1, '"佘额" is not a column we know; the nearest is 余额 (balance)')
