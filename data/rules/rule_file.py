"""Files of rules that the law or an issuer sets, each with its dates and where it is written: `data/rules/`.

A file's `as_of` is the day on which its sources were last read: a later change is not in it.
"""

import json
from decimal import Decimal
from importlib.resources import files
from typing import Any

from data.portfolio.value import Value


class Source(Value):
    """Where a rule is written: the text's own title, and an address where one was read.

    Attributes:
        title: the text's own title.
        url: its address; null where none was read.
    """

    title: str
    url: str | None = None


class BothNames(Value):
    """A name in English and Chinese.

    Attributes:
        en: the name in English.
        zh: the name in Chinese.
    """

    en: str
    zh: str


def read_rules(name: str) -> Any:
    """The JSON of a file of rules, its decimals exact."""
    text = (files("data") / "rules" / f"{name}.json").read_text("utf-8")
    return json.loads(text, parse_float=Decimal)
