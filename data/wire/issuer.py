"""An issuer's minimum payment as it goes over the wire."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from data.portfolio.minimum_rule import MinimumRule
from data.rules.issuer_minimum import IssuerMinimum
from data.rules.rule_file import Source
from data.wording.described import Described


class IssuerName(Described, BaseModel):
    """What an issuer is called in English and in Chinese, where a name is known.

    Attributes:
        en: the name in English; null where none is known.
        zh: the name in Chinese; null where none is known.
    """

    en: str | None
    zh: str | None


class IssuerView(Described, BaseModel):
    """How an issuer computes the minimum payment of its cards, on which day that was so, and who says it.

    `minimum` is a rule as a debt has it, with amounts in `currency`; `place` is a country's two letters.

    Attributes:
        id: which issuer's rule it is.
        name: what the issuer is called.
        place: the country's two letters (ISO 3166).
        currency: the currency of the rule's amounts, by its ISO 4217 code.
        as_of: the day of its document, or, where that has none, of its reading, as YYYY-MM-DD.
        minimum: the rule as a debt has it.
        note: the rule in words, and where it needs care.
        source: where it is written.
    """

    id: str
    name: IssuerName
    place: str
    currency: str
    as_of: dt.date
    minimum: MinimumRule
    note: str
    source: Source

    @classmethod
    def of(cls, rule: IssuerMinimum) -> IssuerView:
        """The rule under its issuer's names in English and Chinese."""
        names = (rule.issuer, *rule.also)
        return cls(
            id=rule.id,
            name=IssuerName(
                en=next((name for name in names if name.isascii()), None),
                zh=next((name for name in names if not name.isascii()), None),
            ),
            place=rule.jurisdiction,
            currency=rule.currency,
            as_of=rule.as_of,
            minimum=rule.minimum,
            note=rule.note,
            source=rule.source,
        )
