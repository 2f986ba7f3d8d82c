"""The API's reasons in the reader's language, where we know the sentence; else as the API said it."""

import json
import re
from functools import cache

from dashboard.text import FOLDER


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Sentences of the API as patterns, each with its Chinese."""
    pairs: list[list[str]] = json.loads((FOLDER / "reasons_zh_CN.json").read_text("utf-8"))
    return [(re.compile(pattern), chinese) for pattern, chinese in pairs]


def in_language(reason: str, language: str) -> str:
    """The reason in the language.

    >>> in_language("Field required", "en")
    'Field required'
    """
    if language != "zh":
        return reason
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(reason)
        if found:
            return found.expand(chinese)
    return reason
