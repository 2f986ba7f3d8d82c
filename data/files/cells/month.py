"""Months as people write them: 2027-05, 2027/5, May 2027, 2027年5月, or a whole date."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache

from dateutil.parser import ParserError, parse

from data.files.cells.text import BadCell, plain_value, shortened, visible_text
from data.month import parse_month
from data.wording.sentence import say

LONGEST_MONTH = 40  # characters
NUMERIC = re.compile(r"([0-9]{4})(?:[-/]|年)([0-9]{1,2})(?:月|[-/]([0-9]{1,2})|月([0-9]{1,2})[日号])?")
TIME_OF_DAY = re.compile(r"[T ]?[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9:]+)?$")
MONTH_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{4})")
# 05/06/2027 is a day in May to some and in June to others: refused, never guessed.
UNCLEAR = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}")
NAME = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
DAY = r"[0-9]{1,2}(?:st|nd|rd|th)?"
SPELLED = re.compile(
    rf"(?:{DAY}[ \-]+)?{NAME}[ ,\-]*[0-9]{{4}}|{NAME} *{DAY},? +[0-9]{{4}}|[0-9]{{4}}[ \-]+{NAME}", re.IGNORECASE
)
FIRST_OF_MONTH = datetime(2000, 1, 1, tzinfo=UTC)  # what dateutil fills in where no day is given


# A column holds few different months, and dateutil is slow.
@lru_cache(maxsize=5_000)
def parse_month_cell(cell: str) -> str:
    """The month a cell says, as `"2027-05"`; of a whole date, its month.

    Raises:
        BadCell: it is no month, or does not tell the day from the month (05/06/2027).

    >>> parse_month_cell("31 May 2027"), parse_month_cell("2027年5月")
    ('2027-05', '2027-05')
    """
    text = " ".join(visible_text(cell).split())
    if len(text) > LONGEST_MONTH:
        raise BadCell(say("not_a_month", value=shortened(cell)))
    value = plain_value(TIME_OF_DAY.sub("", text))
    try:
        return parse_month(_numeric(value) or _spelled(text, cell))
    except ValueError as error:
        if isinstance(error, BadCell):
            raise
        raise BadCell(say("not_a_month", value=shortened(cell))) from None


def _numeric(value: str) -> str | None:
    found = NUMERIC.fullmatch(value)
    if found:
        year, month, day = int(found[1]), int(found[2]), int(found[3] or found[4] or 1)
        return date(year, month, day).isoformat()[:7]
    found = MONTH_FIRST.fullmatch(value)
    return f"{found[2]}-{int(found[1]):02d}" if found else None


def _spelled(text: str, cell: str) -> str:
    if UNCLEAR.fullmatch(text):
        raise BadCell(say("unclear_month", value=shortened(cell)))
    if not SPELLED.fullmatch(text):
        raise BadCell(say("not_a_month", value=shortened(cell)))
    try:
        found = parse(text, default=FIRST_OF_MONTH)
    except (ParserError, OverflowError):
        raise BadCell(say("not_a_month", value=shortened(cell))) from None
    return f"{found.year:04d}-{found.month:02d}"
