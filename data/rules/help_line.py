"""Whom somebody in trouble with debts can call, by country; the lines, and where each was read, in `data/rules/`."""

from functools import cache

from data.portfolio.value import Value
from data.rules.rate_cap import JURISDICTIONS
from data.rules.rule_file import BothNames, Source, read_rules


class HelpLine(Value):
    """One line.

    Attributes:
        name: whose it is.
        call: its number.
    """

    name: BothNames
    call: str
    source: Source


class CountryHelp(Value):
    """What one country has.

    Attributes:
        jurisdiction: the country, by its ISO 3166 code.
        police: how the police is called.
        counselling: free advice on debts. complaints: on lenders and their collectors. loan_sharks: on those without a
            licence. Each is left out where none is held.
    """

    jurisdiction: str
    police: BothNames
    counselling: HelpLine | None = None
    complaints: HelpLine | None = None
    loan_sharks: HelpLine | None = None


@cache
def help_of(currency: str) -> CountryHelp | None:
    """What the country has whose currency it is; None where nothing is held, or the currency is of many countries."""
    countries = [CountryHelp.model_validate(one) for one in read_rules("help_lines")["countries"]]
    return next((one for one in countries if one.jurisdiction == JURISDICTIONS.get(currency)), None)
