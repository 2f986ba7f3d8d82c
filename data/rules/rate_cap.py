"""What the law lets a lender charge, by place, day, kind of debt and principal; the caps stand in `data/rules/`.

A debt does not say whose law it is under: its currency does, where one place alone uses it (`JURISDICTIONS`). The day
is that of its contract, `Debt.agreed`, else the plan's first. A cap without kinds (a lender's own, a loan's total cost)
is known here and applied to no debt by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, model_validator

from data.portfolio.debt import Debt, DebtKind
from data.portfolio.value import Amount, Rate, Value
from data.rules.rule_file import BothNames, Source, read_rules

JURISDICTIONS = {
    "CNY": "CN",
    "USD": "US",
    "GBP": "GB",
    "JPY": "JP",
    "CAD": "CA",
    "HKD": "HK",
    "KRW": "KR",
    "TWD": "TW",
    "AUD": "AU",
}
DAYS_A_YEAR = 365


class RateCap(Value):
    """One cap: `rate` of a year, a day, an effective year or the whole loan; or a multiple of a published rate."""

    id: str
    jurisdiction: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    name: BothNames
    rate: Rate | None = None
    multiple: int | None = None
    multiple_of: Literal["lpr_1y"] | None = None
    per: Literal["year", "day", "effective_year", "loan"] = "year"
    from_: Annotated[dt.date, Field(alias="from")]
    until: dt.date | None = None
    kinds: list[DebtKind]
    principal_from: Amount | None = None
    principal_below: Amount | None = None
    source: Source

    @model_validator(mode="after")
    def _consistent(self) -> RateCap:
        if (self.rate is None) == (self.multiple is None) or (self.multiple is None) != (self.multiple_of is None):
            raise ValueError(f"{self.id} needs either a rate, or a multiple of a published one")
        if self.until is not None and self.until < self.from_:
            raise ValueError(f"{self.id} ends before it begins")
        return self

    def applies(self, kind: DebtKind, principal: Decimal) -> bool:
        """True for a debt of that kind and principal."""
        least, below = self.principal_from or 0, self.principal_below
        return kind in self.kinds and principal >= least and (below is None or principal < below)


class CapOnDay(Value):
    """A cap as it stood on a day, as a simple annual rate.

    Attributes:
        id: which cap it is.
        name: what it is called.
        apr: the most that may be charged, as a simple annual rate.
        day: the day on which it stood so.
        source: where it is written.
    """

    id: str
    name: BothNames
    apr: Rate
    day: dt.date
    source: Source


class _DatedRate(Value):
    from_: Annotated[dt.date, Field(alias="from")]
    rate: Rate


@cache
def rate_caps() -> tuple[RateCap, ...]:
    """Every cap that is known, past ones too."""
    return tuple(RateCap.model_validate(entry) for entry in read_rules("rate_caps")["caps"])


@cache
def lpr_1y() -> tuple[_DatedRate, ...]:
    """China's one-year loan prime rate, from each day on which it changed."""
    return tuple(_DatedRate.model_validate(entry) for entry in read_rules("lpr_1y")["rates"])


def lpr_1y_on(day: dt.date) -> Decimal | None:
    """China's one-year loan prime rate in force on a day; None before the first was published.

    After the day as of which the file is known, its last rate is taken to hold.
    """
    known = [entry.rate for entry in lpr_1y() if entry.from_ <= day]
    return known[-1] if known else None


def caps_on(day: dt.date, jurisdiction: str) -> list[CapOnDay]:
    """The caps of a place that were in force on a day, the lowest first; caps of a loan's total cost aside."""
    return _on_day([cap for cap in rate_caps() if cap.jurisdiction == jurisdiction], day)


def caps_of(debt: Debt, currency: str, first_day: dt.date) -> list[CapOnDay]:
    """The caps that hold for a debt, the lowest first; none where its currency tells no place."""
    place = JURISDICTIONS.get(currency)
    holding = [cap for cap in rate_caps() if cap.jurisdiction == place and cap.applies(debt.kind, debt.balance)]
    # The law of the contract's day, where it is known: a later cap does not reach back.
    return _on_day(holding, debt.agreed or first_day)


def _on_day(caps: Sequence[RateCap], day: dt.date) -> list[CapOnDay]:
    in_force = [cap for cap in caps if cap.from_ <= day and (cap.until is None or day <= cap.until)]
    found = [
        CapOnDay(id=cap.id, name=cap.name, apr=apr, day=day, source=cap.source)
        for cap in in_force
        if (apr := _apr(cap, day)) is not None
    ]
    return sorted(found, key=lambda cap: cap.apr)


def _apr(cap: RateCap, day: dt.date) -> Decimal | None:
    """The cap as a simple annual rate; twelve months of an effective one compound to it."""
    if cap.multiple is not None:
        published = lpr_1y_on(day)
        return None if published is None else published * cap.multiple
    rate = cap.rate or Decimal(0)
    if cap.per == "effective_year":
        return 12 * ((1 + rate) ** (Decimal(1) / 12) - 1)
    return {"year": rate, "day": rate * DAYS_A_YEAR, "loan": None}[cap.per]
