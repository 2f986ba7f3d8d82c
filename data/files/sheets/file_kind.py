"""What a file is, told by its content and never by its name; what cannot be a table is refused with the mend."""

import io
import zipfile
from typing import Literal

from data.errors import UnreadableFile
from data.files.sheets.sheet import MAX_BYTES
from data.wording.sentence import say

MOST_RATIO = 100  # a zip that grows more than this is a bomb
SMALL_BYTES = 1_000_000  # a small zip may grow as it likes
MOST_ENTRIES = 10_000
OTHER_FORMATS: list[tuple[bytes, str]] = [
    (b"%PDF", "pdf"),
    (b"\x09\x08\x10\x00", "old_excel"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "seven_zip"),
    (b"Rar!", "rar"),
    (b"{\\rtf", "rtf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"PAR1", "parquet"),
]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WEB_PAGE = (b"<!doctype html", b"<html", b"<table", b"<?xml", b"<meta", b"<style", b"<head")


def kind_of(content: bytes) -> Literal["excel", "json", "text"]:
    """How the content is to be read.

    Raises:
        UnreadableFile: it is empty, or of a format that holds no table we read.
    """
    # Only the start: enough to tell the kind, whatever the size.
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise UnreadableFile(say("file_empty"))
    if content.startswith(b"PK\x03\x04") or content.startswith(b"PK\x05\x06"):
        _check_workbook(content)
        return "excel"
    _refuse_other_formats(content, head)
    # `[` alone may also begin a CSV or a log line; a JSON list of portfolios begins in one of these ways.
    return "json" if head.startswith((b"{", b"[{", b"[ ", b"[\n", b"[\r", b"[]")) else "text"


def _refuse_other_formats(content: bytes, head: bytes) -> None:
    if content.startswith(OLE):
        if ENCRYPTED in content:
            raise UnreadableFile(say("password_excel"))
        raise UnreadableFile(say("old_excel"))
    for start, code in OTHER_FORMATS:
        if content.startswith(start):
            raise UnreadableFile(say(code))
    if head.startswith(WEB_PAGE):
        raise UnreadableFile(say("web_page"))


def _check_workbook(content: bytes) -> None:
    """Sizes are summed from the zip's own list before anything is inflated."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    # zipfile raises all of these on damaged archives.
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        raise UnreadableFile(say("damaged_zip")) from None
    inflated = sum(entry.file_size for entry in entries)
    if inflated > MAX_BYTES or len(entries) > MOST_ENTRIES:
        raise UnreadableFile(say("too_large_inflated", megabytes=MAX_BYTES // 1_000_000))
    if inflated > max(SMALL_BYTES, MOST_RATIO * sum(entry.compress_size for entry in entries)):
        raise UnreadableFile(say("zip_bomb", times=MOST_RATIO))
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile(say("password_zip"))
    names = {entry.filename.casefold() for entry in entries}
    if "xl/workbook.bin" in names:
        raise UnreadableFile(say("binary_excel"))
    if "content.xml" in names:
        raise UnreadableFile(say("open_document"))
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(say("zip_archive"))
