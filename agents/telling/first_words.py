"""What is said before anything else, by us and not by a model, to somebody who writes of not wanting to live."""

from babel import Locale

from agents.case.case import Case
from agents.prose import text
from agents.reading.despair import is_of_despair
from data.rules.crisis_line import CrisisLine, crisis_line_of, crisis_lines
from data.wording.words import Language

HOME: dict[Language, str] = {"zh": "CNY"}  # the currency of a language that is spoken where one country is


def first_words(case: Case) -> str:
    """The words, with the line of the client's country; empty where nothing calls for them.

    The country is that of the portfolio's currency, else of the language; where it is not known, all lines are named.
    """
    if not is_of_despair(case.question):
        return ""
    currency = case.portfolio.currency if case.portfolio else HOME.get(case.language, "")
    line = crisis_line_of(currency)
    lines = [line] if line else list(crisis_lines())
    said = "; ".join(_told(one, case.language, is_alone=line is not None) for one in lines)
    emergency = getattr(line.emergency, case.language) if line else text(f"emergency_{case.language}")
    return text(f"despair_{case.language}").format(line=said, emergency=emergency)


def _told(line: CrisisLine, language: Language, *, is_alone: bool) -> str:
    call, name, when = (getattr(each, language) for each in (line.call, line.name, line.when))
    where = "" if is_alone else f"{Locale.parse(language).territories[line.jurisdiction]}: "
    return f"{where}{call}（{name}，{when}）" if language == "zh" else f"{where}{call} ({name}; {when})"
