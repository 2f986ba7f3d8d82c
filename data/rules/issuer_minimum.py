"""Minimum payments as well-known issuers compute them, each as of a date; they stand in `data/rules/`.

Issuers change their formulas: the card's own agreement decides.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Annotated

from pydantic import Field

from data.errors import NotFound
from data.portfolio.minimum_rule import MinimumRule
from data.portfolio.value import Value
from data.rules.rule_file import Source, read_rules
from data.wording.sentence import say


class IssuerMinimum(Value):
    """One issuer's rule, in its currency, `as_of` the date of its document or, where that has none, of its reading."""

    id: str
    issuer: str
    also: list[str]
    jurisdiction: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    as_of: dt.date
    minimum: MinimumRule
    note: str
    source: Source


@cache
def issuer_minimums() -> tuple[IssuerMinimum, ...]:
    """Every issuer's rule that is known."""
    return tuple(IssuerMinimum.model_validate(entry) for entry in read_rules("issuer_minimums")["minimums"])


def issuers(place: str | None = None, day: dt.date | None = None) -> list[IssuerMinimum]:
    """The issuers whose rule is known: of one place, and as far as the rules were known on a day.

    >>> [rule.id for rule in issuers("CN")]
    ['cn_cmb']
    """
    return [
        rule for rule in issuer_minimums() if place in (None, rule.jurisdiction) and (day is None or rule.as_of <= day)
    ]


def minimum_of_issuer(name: str) -> IssuerMinimum:
    """The rule of an issuer, by its name, one of its other names, or its id; case and spaces aside.

    Raises:
        NotFound: no rule of that issuer is known.
    """
    wanted = _plainly(name)
    for rule in issuer_minimums():
        if wanted in {_plainly(each) for each in (rule.id, rule.issuer, *rule.also)}:
            return rule
    raise NotFound(say("no_such_issuer", name=name, issuers=[rule.issuer for rule in issuer_minimums()]))


def _plainly(name: str) -> str:
    return "".join(name.casefold().split())
