"""What is said before anything else, by us and not by a model, to somebody who is in trouble beyond their debts."""

from babel import Locale

from agents.case.case import Case
from agents.prose import text
from agents.reading.despair import is_of_despair
from agents.reading.trouble import troubles
from agents.telling.care_words import care_words
from data.rules.crisis_line import CrisisLine, crisis_line_of, crisis_lines
from data.rules.help_line import help_of
from data.wording.words import Language

HOME: dict[Language, str] = {"zh": "CNY"}  # the currency of a language that is spoken where one country is
DESPAIR = "despair"


def care(case: Case) -> list[str]:
    """What calls for such words: despair first, then threats, loan sharks, being young, a guarantee."""
    despair = [DESPAIR] if is_of_despair(case.question) else []
    return [*despair, *(trouble.value for trouble in troubles(case.question))]


def first_words(case: Case) -> str:
    """The words, with the lines of the client's country; empty where nothing calls for them.

    The country is that of the portfolio's currency, else of the language; where it is not known, all lines for somebody
    in despair are named, and no others.
    """
    despair = [_to_despair(case)] if is_of_despair(case.question) else []
    country = help_of(_currency(case))
    return "\n\n".join([*despair, *(care_words(one, case.language, country) for one in troubles(case.question))])


def _currency(case: Case) -> str:
    return case.portfolio.currency if case.portfolio else HOME.get(case.language, "")


def _to_despair(case: Case) -> str:
    line = crisis_line_of(_currency(case))
    lines = [line] if line else list(crisis_lines())
    said = "; ".join(_told(one, case.language, is_alone=line is not None) for one in lines)
    emergency = getattr(line.emergency, case.language) if line else text(f"emergency_{case.language}")
    return text(f"despair_{case.language}").format(line=said, emergency=emergency)


def _told(line: CrisisLine, language: Language, *, is_alone: bool) -> str:
    call, name, when = (getattr(each, language) for each in (line.call, line.name, line.when))
    where = "" if is_alone else f"{Locale.parse(language).territories[line.jurisdiction]}: "
    return f"{where}{call}（{name}，{when}）" if language == "zh" else f"{where}{call} ({name}; {when})"
