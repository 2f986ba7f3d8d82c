"""Whom somebody in despair can call, by country; the lines stand in `data/rules/`, each with where it was read."""

from functools import cache

from data.portfolio.value import Value
from data.rules.rate_cap import JURISDICTIONS
from data.rules.rule_file import BothNames, Source, read_rules


class CrisisLine(Value):
    """One country's line, and what to do where life is in danger now.

    Attributes:
        jurisdiction: the country, by its ISO 3166 code.
        name: whose line it is.
        call: how it is reached.
        when: at what times, and whether it costs.
        emergency: how help is called that comes.
    """

    jurisdiction: str
    name: BothNames
    call: BothNames
    when: BothNames
    emergency: BothNames
    source: Source


@cache
def crisis_lines() -> tuple[CrisisLine, ...]:
    """All that are held."""
    return tuple(CrisisLine.model_validate(line) for line in read_rules("crisis_lines")["lines"])


def crisis_line_of(currency: str) -> CrisisLine | None:
    """The line of the country whose currency it is; None where none is held, or the currency is of many countries."""
    country = JURISDICTIONS.get(currency)
    return next((line for line in crisis_lines() if line.jurisdiction == country), None)
