"""What a file is, told by its content and never by its name; what cannot be a table is refused with the mend."""

import io
import zipfile
from typing import Literal

from data.errors import UnreadableFile
from data.files.sheets.sheet import MAX_BYTES

MOST_RATIO = 100  # a zip that grows more than this is a bomb
SMALL_BYTES = 1_000_000  # a small zip may grow as it likes
MOST_ENTRIES = 10_000
DAMAGED = "The file is a damaged Excel file or zip: it is cut off or broken; save it again."
MEND = "save it as .xlsx or CSV (UTF-8) and try again."
OTHER_FORMATS: list[tuple[bytes, str]] = [
    (b"%PDF", "a PDF; copy its table into a spreadsheet and "),
    (b"\x09\x08\x10\x00", "an old Excel file (.xls); open it in Excel or LibreOffice, "),
    (b"\x1f\x8b", "a gzip archive; unpack it first, or "),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first, or "),
    (b"Rar!", "a RAR archive; unpack it first, or "),
    (b"{\\rtf", "a text document (RTF); copy its table into a spreadsheet and "),
    (b"\x89PNG", "a picture; type its table into a spreadsheet and "),
    (b"\xff\xd8\xff", "a picture; type its table into a spreadsheet and "),
    (b"GIF8", "a picture; type its table into a spreadsheet and "),
    (b"PAR1", "a Parquet file; "),
]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WEB_PAGE = (b"<!doctype html", b"<html", b"<table", b"<?xml", b"<meta", b"<style", b"<head")


def kind_of(content: bytes) -> Literal["excel", "json", "text"]:
    """How the content is to be read.

    Raises:
        UnreadableFile: it is empty, or of a format that holds no table we read.
    """
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise UnreadableFile("The file is empty.")
    if content.startswith(b"PK\x03\x04") or content.startswith(b"PK\x05\x06"):
        _check_workbook(content)
        return "excel"
    _refuse_other_formats(content, head)
    return "json" if head.startswith((b"{", b"[{", b"[ ", b"[\n", b"[\r", b"[]")) else "text"


def _refuse_other_formats(content: bytes, head: bytes) -> None:
    if content.startswith(OLE):
        if ENCRYPTED in content:
            raise UnreadableFile("The file is an Excel file with a password; take the password off and try again.")
        raise UnreadableFile(f"The file is an old Excel file (.xls); open it in Excel or LibreOffice, {MEND}")
    for start, words in OTHER_FORMATS:
        if content.startswith(start):
            raise UnreadableFile(f"The file is {words}{MEND}")
    if head.startswith(WEB_PAGE):
        raise UnreadableFile(f"The file is a web page or XML, whatever its name says; open it in Excel, {MEND}")


def _check_workbook(content: bytes) -> None:
    """Sizes are summed from the zip's own list before anything is inflated."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        raise UnreadableFile(DAMAGED) from None
    inflated = sum(entry.file_size for entry in entries)
    if inflated > MAX_BYTES or len(entries) > MOST_ENTRIES:
        raise UnreadableFile(f"The file is over {MAX_BYTES // 1_000_000} MB once inflated; cut it into smaller files.")
    if inflated > max(SMALL_BYTES, MOST_RATIO * sum(entry.compress_size for entry in entries)):
        raise UnreadableFile(f"The file grows more than {MOST_RATIO} times when inflated: it was not opened.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile("The file is a zip with a password; take the password off and try again.")
    names = {entry.filename.casefold() for entry in entries}
    if "xl/workbook.bin" in names:
        raise UnreadableFile(f"The file is a binary Excel file (.xlsb); open it in Excel, {MEND}")
    if "content.xml" in names:
        raise UnreadableFile(f"The file is an OpenDocument file; open it in LibreOffice, {MEND}")
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(f"The file is a zip archive, not a spreadsheet; unpack it first, or {MEND}")
