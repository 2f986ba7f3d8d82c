"""Amounts, rates, months and durations as people write them in English and in Chinese."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from data.money import display_money
from data.wording.words import Language

MONTH_FORMS = {"en": "MMMM y", "zh": "y年M月"}
LOCALES = {"en": "en_US", "zh": "zh_CN"}


@dataclass(frozen=True)
class Formats:
    """How one language writes the numbers of one currency."""

    language: Language
    currency: str

    def money(self, amount: Decimal) -> str:
        """$5,200.00 · ¥5,200.00."""
        return display_money(amount, self.currency, LOCALES[self.language])

    def rate(self, fraction: Decimal | float) -> str:
        """24.99%, with two decimals at most, rounded half-up."""
        # By the number's text: a float's own digits could decide the rounding.
        percent = (Decimal(str(fraction)) * 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        return format_decimal(percent, format="#,##0.##", locale=LOCALES[self.language]) + "%"

    def month(self, month: str) -> str:
        """May 2027 · 2027年5月."""
        day = date(int(month[:4]), int(month[5:]), 1)
        return format_date(day, MONTH_FORMS[self.language], locale=LOCALES[self.language])

    def duration(self, months: int) -> str:
        """28 months (2 years and 4 months) · 28个月（2年零4个月）; up to a year, only months."""
        years, rest = divmod(months, 12)
        if self.language == "zh":
            return f"{months}个月" + (f"（{years}年{f'零{rest}个月' if rest else ''}）" if months > 12 else "")
        whole = counted(months, "month")
        parts = [counted(years, "year"), *([counted(rest, "month")] if rest else [])]
        return whole + (f" ({' and '.join(parts)})" if months > 12 else "")


def counted(count: int, noun: str) -> str:
    """1 debt, 6 debts."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
