"""A sentence by its code and values; its words stand in one catalogue a language: errors.en.json, errors.zh.json.

A sentence may be told within another. Some values add a piece to whatever sentence holds them: `header` names the
column as the file does, `left_out` says that the whole portfolio is, `cell` quotes the cell before the sentence.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")
LOCALES = {"en": "en", "zh": "zh_CN"}
AS_SAID = "as_said"
BEFORE = ("cell",)
BEHIND = ("or_empty", "left_out", "header")


@dataclass(frozen=True)
class Sentence:
    """What is said: the code names it in every language, and its values are plain JSON, amounts as decimal strings."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        """The sentence in English."""
        return self.in_language("en")

    def in_language(self, language: str) -> str:
        """The sentence in the words of a language.

        >>> say("not_a_number", value="abc").in_language("zh")
        '"abc" 不是数字'
        """
        words, values = catalogue(language), _Values(self.values, language)
        before = [f"+{name}" for name in BEFORE if name in self.values]
        behind = [f"+{name}" for name in BEHIND if name in self.values]
        return "".join(_FORMATS.vformat(words[key], (), values) for key in (*before, self.code, *behind))

    @property
    def params(self) -> dict[str, Any]:
        """The values as they go over the wire."""
        return {name: _on_wire(value) for name, value in self.values.items()}

    def having(self, **values: Any) -> Sentence:
        """The sentence with more values."""
        return say(self.code, **{**self.values, **values})


class Refused(ValueError):
    """A value that cannot stand; its sentence says why, and what to do."""

    def __init__(self, said: Sentence) -> None:
        super().__init__(said)
        self.said = said


def say(code: str, /, **values: Any) -> Sentence:
    """The sentence of a code; half a character, which no encoding can carry, is shown by its escape."""
    return Sentence(code, {name: _plain(value) for name, value in values.items()})


def as_it_is(text: str) -> Sentence:
    """A sentence that came to us as a text, and is told so in every language."""
    return say(AS_SAID, said=text)


def sentence_told(code: str, params: Mapping[str, Any], english: str) -> Sentence:
    """The sentence that came over the wire; where it is none that we can say, the English that came with it."""
    said = Sentence(code, {name: _off_wire(value) for name, value in params.items()})
    # Said again in English and compared: only then do code and params hold all that was said.
    try:
        is_ours = str(said) == english
    except (LookupError, ValueError, ArithmeticError, TypeError, AttributeError):
        is_ours = False
    return said if is_ours else as_it_is(english)


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every sentence in a language, by its code; `+name` are pieces that a value adds, `list.name` join a list."""
    return json.loads((Path(__file__).parent / f"errors.{language}.json").read_text("utf-8"))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str(value).encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def _on_wire(value: Any) -> Any:
    if isinstance(value, Sentence):
        return {"code": value.code, "params": value.params}
    return [_on_wire(one) for one in value] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]


def _off_wire(value: Any) -> Any:
    if isinstance(value, dict):
        within: dict[str, Any] = value
        params = within.get("params", {})
        return Sentence(str(within.get("code")), {name: _off_wire(one) for name, one in params.items()})
    return [_off_wire(one) for one in value] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]


class _Values(dict[str, Any]):
    """The values of a sentence, each knowing the language and the currency that it is written in."""

    def __init__(self, values: Mapping[str, Any], language: str) -> None:
        currency = values.get("currency")
        super().__init__({name: _Value(value, language, currency) for name, value in values.items()})


@dataclass(frozen=True)
class _Value:
    value: Any
    language: str
    currency: str | None

    def __format__(self, how: str) -> str:
        if isinstance(self.value, Sentence):
            return self.value.in_language(self.language)
        if isinstance(self.value, list):
            return self._listed(self.value, how)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        if how == "money" and self.currency:
            from babel.numbers import format_currency  # noqa: PLC0415 (the reader of Excel's process is small and quick)

            return format_currency(Decimal(self.value), self.currency, locale=LOCALES[self.language])
        if how == "grouped":  # an amount with its thousands apart; a count as it is
            return f"{Decimal(self.value):,f}" if isinstance(self.value, str) else str(self.value)
        return format(self.value, how if how != "money" else "")

    def _listed(self, entries: Sequence[Any], how: str) -> str:
        words = catalogue(self.language)
        shown = [words[f"list.{how}.each"].format(one) if _is_quoted(one, how) else self._one(one) for one in entries]
        joint, last = words[f"list.{how}"], words.get(f"list.{how}.last", words[f"list.{how}"])
        return last.join([joint.join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)

    def _one(self, entry: Any) -> str:
        return format(_Value(entry, self.language, self.currency), "")


def _is_quoted(entry: Any, how: str) -> bool:
    return isinstance(entry, str) and f"list.{how}.each" in catalogue("en")


_FORMATS = string.Formatter()
