"""Words and formats in each language: the pages' own and those that all share; money, months and rates as written.

The page's language comes from `dashboard/holding/session.py`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from data.wording.words import words as shared_words

LOCALES = {"en": "en", "zh": "zh_CN"}
LANGUAGES = tuple(LOCALES)
FOLDER = Path(__file__).parent / "locale"
MARKDOWN = re.compile(r"([\\`*_\[\]$~#<>|:])")


@cache
def catalogue(language: str) -> dict[str, str]:
    """All our words in one language, by key: those that all share, and the pages' own."""
    own: dict[str, str] = json.loads((FOLDER / f"{LOCALES[language]}.json").read_text("utf-8"))
    return {**shared_words("zh" if language == "zh" else "en"), **own}


def language_of(locale: str | None) -> str:
    """The language of ours that a browser's locale asks for: Chinese of any kind, else English."""
    return "zh" if (locale or "").lower().startswith("zh") else "en"


def escaped(text: str) -> str:
    r"""The text so that Markdown shows every character of it as it is.

    >>> print(escaped("$1 and *2*"))
    \$1 and \*2\*
    """
    return MARKDOWN.sub(r"\\\1", " ".join(text.split()))


@dataclass(frozen=True)
class Words:
    """The words and formats of one language."""

    language: str

    @property
    def locale(self) -> str:
        """The locale's name for Babel."""
        return LOCALES[self.language]

    def t(self, key: str, **values: object) -> str:
        """Our words for the key, as plain text; `count` chooses the singular where there is one."""
        words = catalogue(self.language)
        is_one = values.get("count") == 1 and f"{key}.one" in words
        return words[f"{key}.one" if is_one else key].format(**values)

    def md(self, key: str, **values: object) -> str:
        """Our words as Markdown; whatever is put into them is shown as it is."""
        return self.t(key, **{name: escaped(v) if isinstance(v, str) else v for name, v in values.items()})

    def known(self, key: str, fallback: str) -> str:
        """Our words for the key, or the fallback where the key came from elsewhere and we have none."""
        return catalogue(self.language).get(key, fallback)

    def money(self, amount: Decimal | str | float, currency: str, *, whole: bool = False) -> str:
        """An amount as people write it: $5,200.00; `whole` leaves the cents out."""
        pattern = "¤#,##0" if whole else None
        value = Decimal(str(amount))
        return format_currency(value, currency, pattern, locale=self.locale, currency_digits=not whole)

    def symbol(self, currency: str) -> str:
        """The currency's sign."""
        return get_currency_symbol(currency, locale=self.locale)

    def place(self, code: str) -> str:
        """A country's name."""
        return Locale.parse(self.locale).territories.get(code, code)

    def percent(self, rate: float | Decimal, digits: int = 2) -> str:
        """A fraction as a percentage: 0.2499 is 24.99%."""
        pattern = "#,##0." + "0" * digits + "%" if digits else "#,##0%"
        return format_percent(rate, format=pattern, locale=self.locale)

    def number(self, value: float) -> str:
        """A count with its separators."""
        return format_decimal(value, locale=self.locale)

    def month(self, month: str | None, *, short: bool = False) -> str:
        """A month: May 2027, 2027年5月; a dash where there is none."""
        if month is None:
            return self.t("common.none")
        skeleton = {"en": "MMM y" if short else "MMMM y", "zh": "y年M月"}[self.language]
        return format_date(date(int(month[:4]), int(month[5:]), 1), skeleton, locale=self.locale)

    def day(self, day: date) -> str:
        """A day: 14 Dec 2026, 2026年12月14日."""
        return format_date(day, {"en": "d MMM y", "zh": "y年M月d日"}[self.language], locale=self.locale)

    def time(self, at: datetime) -> str:
        """A moment in the reader's time zone, to the minute."""
        pattern = {"en": "d MMM y, HH:mm", "zh": "y年M月d日 HH:mm"}[self.language]
        return format_datetime(at, pattern, locale=self.locale)

    def span(self, months: int | None) -> str:
        """A number of months as years and months."""
        if months is None:
            return self.t("span.never")
        years, rest = divmod(months, 12)
        parts = [self.t("span.years", count=years)] if years else []
        if rest or not years:
            parts.append(self.t("span.months", count=rest))
        return self.t("span.join").join(parts)

    def seconds(self, seconds: float) -> str:
        """A short time that is left."""
        whole = max(1, round(seconds))
        minutes, rest = divmod(whole, 60)
        if not minutes:
            return self.t("span.seconds", count=whole)
        return self.t("span.minutes", minutes=minutes, seconds=rest)
