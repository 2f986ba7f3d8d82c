"""The API's reasons in the reader's language, where we know the sentence; else as the API said it."""

import json
import re
from functools import cache

from dashboard.text import FOLDER

# What the reader of files adds to a reason: that a whole portfolio is left out, and the file's own header.
TAIL = re.compile(r'(.*?)(; the whole portfolio is left out)?(?: \(column "(.*)"\))?', re.DOTALL)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Sentences of the API as patterns, each with its Chinese."""
    pairs: list[list[str]] = json.loads((FOLDER / "reasons_zh_CN.json").read_text("utf-8"))
    return [(re.compile(pattern, re.DOTALL), chinese) for pattern, chinese in pairs]


def in_language(reason: str, language: str) -> str:
    """The reason in the language.

    >>> in_language('"abc" is not a number', "zh")
    '"abc" 不是数字'
    """
    parts = TAIL.fullmatch(reason)
    if language != "zh" or parts is None:
        return reason
    chinese = _chinese(parts[1])
    if chinese is None:
        return reason
    left_out = "；整个组合未载入" if parts[2] else ""
    return chinese + left_out + (f"（“{parts[3]}”列）" if parts[3] else "")


def _chinese(sentence: str) -> str | None:
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return found.expand(chinese)
    return None
