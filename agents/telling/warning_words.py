"""A health warning as a sentence: its language's words for the code, and for each amount that says what to do.

Computes nothing; knows no language.
"""

from collections.abc import Mapping

from agents.checking.grounding import escaped
from agents.telling.formats import Formats
from data.answers.health import HealthWarning


def warning_sentence(words: Mapping[str, str], warning: HealthWarning, format_: Formats) -> str:
    """The words of the code, then those of `code.amount` for each amount that has any; "" where the code has none."""
    if warning.code not in words:
        return ""
    values = {name: format_.money(amount) for name, amount in warning.amounts.items()}
    values |= {name: format_.rate(rate) for name, rate in warning.rates.items()}
    values["month"] = format_.month(warning.month) if warning.month else ""
    values["months"] = str(warning.months)
    if warning.cap is not None:
        values["rule"] = escaped(getattr(warning.cap.name, format_.language))
        values["source"] = escaped(warning.cap.source.title)
    more = [words[key] for name in warning.amounts if (key := f"{warning.code}.{name}") in words]
    return "".join([words[warning.code], *more]).format(**values)
