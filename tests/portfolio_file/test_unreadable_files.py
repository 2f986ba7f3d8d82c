"""Files that cannot be read are one clear error, soon and in little memory."""

import io
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from data.errors import UnreadableFile
from data.files.sheets import excel

HEADER = b"name,balance,apr\n"
SHEET = "xl/worksheets/sheet1.xml"


def zipped(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return content.getvalue()


def book_with(rows: bytes = b"", after: bytes = b"") -> bytes:
    """A workbook of one debt with more rows, or parts after its rows, as raw XML."""
    book = Workbook()
    assert book.active is not None
    book.active.append(["name", "balance", "apr"])
    book.active.append(["Visa", 1, 2])
    plain = io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", rows + b"</sheetData>" + after)
    return zipped(parts)


def encrypted_ole() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")


NOISE = random.Random(1)
CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "is empty"),
    "only blanks": (lambda: b"\xef\xbb\xbf \r\n\r\n", "is empty"),
    "only a header": (lambda: HEADER, "no debts below"),
    "only a header and sums": (lambda: HEADER + b"Total,5,\n\n", "no debts below"),
    "no table": (lambda: b"Dear Sir,\nplease find my debts attached.\n", "No table of debts"),
    "a PDF": (lambda: b"%PDF-1.7\n" + NOISE.randbytes(9999), "is a PDF"),
    "an old Excel file": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9999), r"\.xls.*save it as \.xlsx"),
    "an Excel file with a password": (encrypted_ole, "password"),
    "a zip of something else": (lambda: zipped({"readme.txt": b"hello"}), "is a zip archive"),
    "an OpenDocument file": (lambda: zipped({"content.xml": b"<x/>"}), "OpenDocument"),
    "a binary workbook": (lambda: zipped({"xl/workbook.bin": b"x"}), "xlsb"),
    "a web page": (lambda: b"<html><table><tr><td>name</td></tr></table></html>", "web page"),
    "a picture": (lambda: b"\x89PNG\r\n" + NOISE.randbytes(999), "picture"),
    "gzip": (lambda: b"\x1f\x8b\x08" + NOISE.randbytes(999), "gzip"),
    "JSON": (lambda: b'{"debts": []}', "is JSON"),
    "noise": (lambda: NOISE.randbytes(200_000), "Save it as UTF-8"),
    "zeros": (lambda: bytes(200_000), "control characters"),
    "a zip bomb": (lambda: zipped({"xl/workbook.xml": bytes(50_000_000)}), "grows more than 100 times"),
    "a truncated workbook": (lambda: book_with()[:-40], "damaged"),
    "a workbook cut in half": (lambda: (c := book_with())[: len(c) // 2], "damaged"),
    "a workbook of broken XML": (lambda: book_with(b"<row><c></row>"), "damaged"),
    "a cell that is too long": (lambda: HEADER + b"x" * 40_000 + b",1,1\n", "32,767 characters"),
    "a cell that never ends": (lambda: HEADER + b'"' + b"x" * 300_000, "32,767 characters"),
    "a row that never ends": (lambda: HEADER + b"a," * 12_000_000, "is this a table"),
    "a row of quoted line breaks that never ends": (lambda: HEADER + b'"\n",' * 8_000_000, "is this a table"),
    "too many columns": (lambda: HEADER.strip() + b"," * 20_000 + b"\nVisa,1,1\n", "16,384 columns"),
    "too many rows": (lambda: HEADER + b"Visa,1,1\n" * 1_000_001, "1,000,000 rows"),
    "too many rows, quoted": (lambda: HEADER + b'"Visa",1,1\n' * 1_000_001, "1,000,000 rows"),
    "over 200 MB": (lambda: HEADER + b"Visa,1,1\n" * 22_300_000, "over 200 MB"),
    "too many rows in Excel": (
        lambda: book_with(b"".join(b"<row><c><v>%d</v></c></row>" % NOISE.randrange(10**9) for _ in range(1_000_001))),
        "1,000,000 rows",
    ),
    "too many columns in Excel": (lambda: book_with(b'<row r="3"><c r="XFE3"><v>1</v></c></row>'), "16,384 columns"),
    "a cell that is too long in Excel": (
        lambda: book_with(
            b'<row r="3"><c r="A3" t="str"><v>' + NOISE.randbytes(20_000).hex().encode() + b"</v></c></row>"
        ),
        "32,767 characters",
    ),
}


def processor_s() -> float:
    """Seconds of processor time that this process and its finished children have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_cannot_be_read_is_one_clear_error_within_five_seconds(read, case):
    make, message = CASES[case]
    content = make()
    before = processor_s()
    with pytest.raises(UnreadableFile, match=message):
        read(content, "client.csv")
    assert processor_s() - before < 5


def test_a_workbook_that_takes_too_long_is_given_up(read, monkeypatch):
    """The real limit is 4 s; a smaller one keeps the test short."""
    monkeypatch.setattr(excel, "HEADER_S", 1)
    content = book_with(b"<row>" + b"".join(b"<c><f>%d</f></c>" % number for number in range(600_000)) + b"</row>")
    before = processor_s()
    with pytest.raises(UnreadableFile, match="No table of debts was found in the Excel file within"):
        read(content)
    assert processor_s() - before < 2


@pytest.mark.parametrize("rows", [b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>', b""])
def test_huge_empty_or_merged_areas_cost_nothing(read, rows):
    area = b'<mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells>'
    before = processor_s()
    result = read(book_with(rows, area))
    assert processor_s() - before < 3
    assert {debt.name.removesuffix(" (2)") for debt in result.portfolios[0].debts} == {"Visa"}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads a process's peak memory from /proc")
@pytest.mark.parametrize("cell", [b"a,", b'"\n",', "银,".encode("gb18030")])
def test_megabytes_without_a_table_take_little_memory(tmp_path, cell):
    (tmp_path / "hostile.csv").write_bytes(HEADER + cell * (40_000_000 // len(cell)))
    code = (
        "import sys, pathlib\n"
        "from data.errors import UnreadableFile\n"
        "from data.files.portfolio_file import read_portfolios\n"
        "try: read_portfolios(pathlib.Path(sys.argv[1]).read_bytes(), 'x')\n"
        "except UnreadableFile: print(pathlib.Path('/proc/self/status').read_text())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "hostile.csv")], check=True, capture_output=True, text=True
    )
    peak_kb = int(run.stdout.split("VmHWM:")[1].split()[0])
    assert peak_kb < 350_000
