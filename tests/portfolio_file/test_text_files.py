"""Text: encodings, delimiters, line ends, quotes, and the spreadsheet's own row numbers."""

import pytest

from data.errors import UnreadableFile

TABLE = "名称,余额,年利率\n花呗,1000,18\n招商银行信用卡,5200,18.25\n"
WESTERN = "name,balance,apr\nCrédit à la consommation,100,5\nPrêt étudiant,5,5\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_chinese_tables_are_read_in_every_promised_encoding(read, encoding):
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    result = read(mark + TABLE.encode(encoding))
    assert [debt.name for debt in result.portfolios[0].debts] == ["花呗", "招商银行信用卡"]
    assert result.rejects == []


def test_traditional_characters_in_gb18030_are_read(read):
    result = read("name,balance,apr\n匯豐銀行信用卡,1,1\n國泰世華貸款,1,1\n".encode("gb18030"))
    assert result.portfolios[0].debts[0].name == "匯豐銀行信用卡"


@pytest.mark.parametrize("name", ["平", "学", "为", "微"])
def test_a_short_gb18030_name_that_happens_to_be_utf8_is_read_as_chinese(read, name):
    assert read(f"name,balance,apr\n{name},1,1\n".encode("gb18030")).portfolios[0].debts[0].name == name


@pytest.mark.parametrize(
    "name", ["𠮷", "䶮", "㛃", "𫘧", "刘㛃", "马𫘝𫘞", "𰻞面", "〇", "Visa 𫘧", "𠮷𠮷㛃𫘧䶮𠮷㛃𠮷㛃𠮷"]
)
def test_characters_that_only_names_have_are_read_in_gb18030(read, name):
    assert read(f"name,balance,apr\n{name},1,1\n".encode("gb18030")).portfolios[0].debts[0].name == name


@pytest.mark.parametrize("name", ["Items 1–3–5", "Loan •1–2–3", "Rates 4–5–6–7", "4—5—6", "ñ3ó5"])
@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman"])
def test_western_punctuation_between_digits_is_not_taken_for_a_chinese_name(read, name, encoding):
    with pytest.raises(UnreadableFile, match="Save it as UTF-8"):
        read(("name,balance,apr\n" + "Visa,1,1\n" * 9).encode() + f"{name},1,1\n".encode(encoding, "replace"))


@pytest.mark.parametrize("name", ["Crédit", "București", "Kartı Şişli", "Кредит", "Ελληνική", "Қарыз", "cần thơ"])
def test_utf8_of_other_languages_stays_utf8(read, name):
    assert read(f"name,balance,apr\n{name},1,1\n").portfolios[0].debts[0].name == name


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "mac-roman"])
def test_western_text_is_refused_with_the_mend_not_misread_as_chinese(read, encoding):
    with pytest.raises(UnreadableFile, match="Save it as UTF-8"):
        read(WESTERN.encode(encoding))


def test_one_western_accent_in_a_long_file_is_refused(read):
    with pytest.raises(UnreadableFile, match="Save it as UTF-8"):
        read(("name,balance,apr\n" + "Visa,1,1\n" * 5000 + "Café,1,1\n").encode("latin-1"))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("クレジットカード,1,1\n住宅ローン,1,1\n奨学金,1,1\n", "shift-jis"),
        ("匯豐銀行信用卡,1000,18\n國泰世華貸款,5200,18.25\n學貸,100,2\n車貸,3,4\n", "big5"),
        ("Кредитная карта,1,1\nИпотека,1,1\nСбербанк,1,1\n", "cp1251"),
        ("Я «люблю”,1,1\nплачу – ю…,1,1\n", "cp1251"),
        ("ｱ1ｲ2,1,1\n", "shift-jis"),
        ("花呗,1,1\n", "utf-16-le"),
        ("花呗,1,1\n", "utf-32"),
    ],
)
def test_other_encodings_are_refused_with_the_mend(read, text, encoding):
    with pytest.raises(UnreadableFile, match="Save it as UTF-8"):
        read(("name,balance,apr\n" + text).encode(encoding))


def test_damaged_utf8_is_refused_with_its_line(read):
    content = TABLE.encode() + "建行,1,1\n".encode()[:-6] + b"\xff,1,1\n"
    with pytest.raises(UnreadableFile, match="line 4 holds bytes that are not"):
        read(content)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_from_the_header(read, delimiter):
    text = "name,balance,apr\nVisa,5200,24.99\n".replace(",", delimiter)
    assert read(text).portfolios[0].debts[0].balance == 5200


def test_other_delimiters_above_the_header_do_not_mislead(read):
    result = read("Report; made, by; hand,,,,\nname;balance;apr\nVisa;5200;24.99\n")
    assert result.portfolios[0].debts[0].name == "Visa"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(read, end):
    result = read(f"name,balance,apr{end}Visa,1,1{end}{end}Car,x,1{end}")
    assert len(result.portfolios[0].debts) == 1
    assert result.rejects[0].row == 4


def test_quoted_fields_hold_delimiters_quotes_and_newlines(read):
    result = read('name,balance,apr\n"Store ""Gold"", card","1,234.56",18\n"Two\nlines",1,1\nCar,x,1\n')
    assert [debt.name for debt in result.portfolios[0].debts] == ['Store "Gold", card', "Two lines"]
    assert result.portfolios[0].debts[0].balance.as_tuple().exponent == -2
    assert result.rejects[0].row == 4  # the spreadsheet's number: a quoted newline is inside row 3


def test_row_numbers_count_blank_rows(read):
    result = read("\n\nname,balance,apr\n,,\n\nVisa,x,1\n  ,\u200b, \nCar,1,1\n")
    assert [reject.row for reject in result.rejects] == [6]
    assert len(result.portfolios[0].debts) == 1


def test_a_quote_that_is_never_closed_is_one_bad_row_that_says_so(read):
    result = read('name,balance,apr\nVisa,1,1\n"Car,2,2\nLoan,3,3\n')
    assert [debt.name for debt in result.portfolios[0].debts] == ["Visa"]
    assert {reject.row for reject in result.rejects} == {3}
    assert "never closed" in result.rejects[0].reason


def test_a_dos_end_of_file_mark_is_no_row(read):
    assert read("name,balance,apr\r\nVisa,1,1\r\n\x1a").rejects == []
