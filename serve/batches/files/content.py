"""The bytes of a range as a piece of CSV in UTF-8."""

from data.errors import UnreadableFile
from data.files.plain.content import Content, content_of
from data.wording.sentence import say
from serve.batches.files.place import reading
from serve.batches.files.ranges import Range
from serve.batches.files.source import BatchFile


def read_content(source: BatchFile, piece: Range) -> Content:
    """The bytes of a range in UTF-8.

    Raises:
        UnreadableFile: they are not in the file's encoding.
    """
    with reading(source.path) as file:
        file.seek(piece.start)
        # A range begins and ends at rows, so it can be decoded alone even in an encoding of two or four bytes.
        data = file.read(piece.stop - piece.start)
    if source.encoding != "utf-8":
        data = _recoded(data, source.encoding, piece.row)
    return content_of(data, piece.row, source.delimiter)


def _recoded(data: bytes, encoding: str, row: int) -> bytes:
    try:
        return data.decode(encoding).encode()
    except UnicodeError:
        raise UnreadableFile(say("encoding_changes", row=row, encoding=encoding)) from None
