"""What things are called: one word for one thing, on pages, in reports and in the terminal, and one file a language.

Only what is named in several places stands in `words.en.json` and `words.zh.json`; whole sentences are their voice's.
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["en", "zh"]


@cache
def words(language: Language) -> dict[str, str]:
    """All shared words of a language, by key: `strategy.snowball`, `kind.mortgage`, `column.month`."""
    return json.loads((Path(__file__).parent / f"words.{language}.json").read_text("utf-8"))


def word(key: str, language: Language) -> str:
    """The word of a key.

    >>> word("strategy.snowball", "zh")
    '雪球法'
    """
    return words(language)[key]


def name_of(kind: str, code: str, language: Language) -> str:
    """What a code of a kind is called; a code that came from elsewhere and has no word is its own name.

    >>> name_of("kind", "mortgage", "en"), name_of("strategy", "of tomorrow", "en")
    ('Mortgage', 'of tomorrow')
    """
    return words(language).get(f"{kind}.{code}", code)


def warning_words(code: str, amounts: Iterable[str], language: Language) -> str:
    """What a health warning says, and for each amount that says what to do, that; "" for a code without words."""
    known = words(language)
    if f"warning.{code}" not in known:
        return ""
    return "".join([known[f"warning.{code}"], *(known.get(f"warning.{code}.{name}", "") for name in amounts)])
