"""Calendar months as they go over the wire: `"2027-05"`. Strings of this form sort as the months do."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from data.wording.sentence import Refused, say

MONTH_PATTERN = re.compile(r"(19|20|21)[0-9][0-9]-(0[1-9]|1[0-2])")


def parse_month(text: str) -> str:
    """The month itself, once it is known to be one.

    Raises:
        Refused: it is not of the form YYYY-MM, or outside 1900 to 2199.
    """
    if not MONTH_PATTERN.fullmatch(text):
        raise Refused(say("not_a_month", value=text))
    return text


def month_index(month: str) -> int:
    """Months since year 0: a whole number to count with.

    >>> month_index("2027-05") - month_index("2026-12")
    5
    """
    return int(month[:4]) * 12 + int(month[5:]) - 1


def month_at(index: int) -> str:
    """The month of an index; the inverse of `month_index`."""
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def shift_month(month: str, by: int) -> str:
    """The month `by` months later (earlier if negative)."""
    return month_at(month_index(month) + by)


# A bound also refuses half a character.
Month = Annotated[
    str,
    Field(
        max_length=80,
        description="Written YYYY-MM.",
        json_schema_extra={"pattern": f"^{MONTH_PATTERN.pattern}$", "examples": ["2027-05"]},
    ),
    AfterValidator(parse_month),
]
