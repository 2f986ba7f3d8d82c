"""The encoding of a text file: UTF-8, UTF-16 with its mark, or GB18030; anything else is refused.

GB18030 gives some character for nearly any bytes, so what it gives must look like Chinese: a Western, Japanese or
damaged file would otherwise be read as a different text without a word.
"""

import codecs
import re
from collections.abc import Iterator
from functools import cache

from data.errors import UnreadableFile
from data.wording.sentence import Sentence, say

CHUNK_BYTES = 1 << 20
ENOUGH_RUNS = 20_000  # runs of non-ASCII text that are enough to judge an encoding by
MOST_CONTROLS, MOST_CONTROL_SHARE = 20, 0.05  # control characters that a text may hold; they are taken out
CERTAIN_SHARE, LEAST_SHARE = 0.95, 0.8  # of common characters in Chinese text
FEW = 10  # of fewer characters, as in 朱镕基, one may always be rare
RUN = re.compile(r"[^\x00-\x7f]{1,1000}")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
LIKELY = re.compile(
    "[\u00a0-\u017f\u0386-\u03a1\u03a3-\u03a9\u03ac-\u03ce\u0401-\u045f\u0490\u0491\u05d0-\u05ea\u0600-\u06ff]"
)
CHINESE_PUNCTUATION = frozenset("〇　、。·—…‘’“”〔〕〈〉《》「」『』【】￥·×÷±°‰№○●△▲□■☆★→←↑↓")
IDEOGRAPHS = ((0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2EE5D), (0x30000, 0x323AF))  # extensions A to I
WESTERN_DASHES = re.compile(rb"[\x95-\x97][0-9][\x85\x91-\x97][0-9]|\xfe[\x85\x91-\x97]")  # –3–5 and ю” in Windows


def encoding_of(content: bytes) -> str:
    """The Python name of the encoding that the whole content is in.

    Raises:
        UnreadableFile: it is in none of ours, or is no text at all.
    """
    encoding = _marked_encoding(content)
    if encoding is None:
        is_utf8 = _decodes(content, "utf-8") and not _reads_better_as_chinese(content)
        encoding = "utf-8" if is_utf8 else _chinese_encoding(content)
    elif not _decodes(content, encoding):
        raise UnreadableFile(say("not_its_encoding", encoding=encoding))
    _check_it_is_text(content, encoding)
    return encoding


def chunks_of_text(content: bytes, encoding: str) -> Iterator[str]:
    """The text in pieces, so that no copy of the whole is made.

    Raises:
        UnicodeDecodeError: the content is not in that encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    view = memoryview(content)
    for begin in range(0, len(content), CHUNK_BYTES):
        yield decoder.decode(view[begin : begin + CHUNK_BYTES])
    yield decoder.decode(b"", final=True)


def _marked_encoding(content: bytes) -> str | None:
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise UnreadableFile(say("utf_32"))
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else None


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        for _ in chunks_of_text(content, encoding):
            pass
    except UnicodeError:
        return False
    return True


def _reads_better_as_chinese(content: bytes) -> bool:
    """True for the few short GB18030 files that are UTF-8 by chance: 平 is ƽ there, 学 is ѧ."""
    head = content[: CHUNK_BYTES // 16]
    # Only a small file of characters that take two bytes in UTF-8 can be both by chance.
    characters = "".join(RUN.findall(head.decode("utf-8", errors="ignore")))
    if len(head) < len(content) or not characters or max(characters) > "\u07ff":
        return False
    if all(map(LIKELY.match, characters)) or not _decodes(content, "gb18030"):
        return False
    common, of_all = _common_in_chinese(content)
    return 0 < of_all == common


def _chinese_encoding(content: bytes) -> str:
    common, characters = _common_in_chinese(content) if _decodes(content, "gb18030") else (0, 0)
    if characters and common >= CERTAIN_SHARE * characters:
        return "gb18030"
    damaged = _damaged_utf8(content)
    least = LEAST_SHARE * characters if characters >= FEW else characters - 1
    if damaged or not common or common < least:
        raise UnreadableFile(damaged or say("unknown_encoding"))
    return "gb18030"


def _damaged_utf8(content: bytes) -> Sentence | None:
    """What is wrong with a file that is UTF-8 but for a few bytes; none for any other."""
    text = content[:CHUNK_BYTES].decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    good = sum(len(run) for run in RUN.findall(text)) - bad
    # Too much is wrong for a file that was UTF-8 once.
    if good <= 2 * bad:
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return say("damaged_utf_8", line=line)
    return None


def _common_in_chinese(content: bytes) -> tuple[int, int]:
    """How many of the characters beyond ASCII are common in Chinese text, and of how many; of 0 if it is none."""
    runs = common = alone = characters = 0
    for text in chunks_of_text(content, "gb18030"):
        for run in RUN.findall(text):
            runs += 1
            alone += len(run) == 1 and _ate_a_letter(run)
            characters += len(run)
            common += sum(map(_is_common, run))
        if runs > ENOUGH_RUNS:
            break
    # Where most runs are single characters that ate a letter, this is Western text: é and the letter after it.
    return (common, characters) if alone * 2 <= runs else (0, 0)


def _ate_a_letter(character: str) -> bool:
    """True for what becomes of é and the letter after it: a second byte that is an ASCII letter."""
    encoded = character.encode("gb18030")
    return len(encoded) == 2 and chr(encoded[1]).isascii()


@cache
def _is_common(character: str) -> bool:
    """True for what Chinese text is made of: frequent 汉字, those of names, punctuation."""
    if "\u4e00" <= character <= "\u9fff":
        return _is_frequent(character)
    is_sign = "\uff01" <= character <= "\uff5e" or character in CHINESE_PUNCTUATION
    return is_sign or _is_of_a_name(character)


def _is_frequent(character: str) -> bool:
    """True for the 汉字 of GB 2312 and the frequent 漢字 of Big5."""
    first, second = character.encode("gb18030")[:2]
    big5 = character.encode("big5", errors="ignore")
    return (first >= 0xB0 and second >= 0xA1) or (len(big5) == 2 and 0xA4 <= big5[0] <= 0xC6)


def _is_of_a_name(character: str) -> bool:
    """True for the 汉字 that hardly anything but names has, as 㛃 and 𠮷: mostly four bytes, two of them digits.

    Western text comes to the same bytes only where punctuation meets digits, as in 1–3–5.
    """
    is_ideograph = any(low <= ord(character) <= high for low, high in IDEOGRAPHS)
    return is_ideograph and not WESTERN_DASHES.fullmatch(character.encode("gb18030"))


def _check_it_is_text(content: bytes, encoding: str) -> None:
    for text in chunks_of_text(content, encoding):
        if len(CONTROL.findall(text)) > max(MOST_CONTROLS, MOST_CONTROL_SHARE * len(text)):
            raise UnreadableFile(say("not_text"))
