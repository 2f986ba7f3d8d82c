"""The question for a card's interest on the whole statement and its answer, as they go over the wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from data.answers.plan import Cash
from data.portfolio.field_findings import Finding, raise_findings
from data.portfolio.value import Amount, Day, Rate, Value
from data.wording.described import Described
from data.wording.sentence import say

DailyRate = Annotated[Rate, Field(le=1)]
MOST_DAYS = 36_600


class DatedAmount(Value):
    """An amount on the day on which it is posted or paid.

    Attributes:
        date: the day on which it is posted or paid.
        amount: how much it is, in whole cents.
    """

    date: Day
    amount: Amount


class CardInterestQuestion(Value):
    """A statement's postings, what was paid on it, and until when interest runs (全额计息).

    Attributes:
        daily_rate: a fraction of the balance a day; 日息万五 is 0.0005.
        postings: what was charged to the card, each from the day on which it was posted.
        payments: what was paid on the statement, and when.
        until: the day up to which interest runs.
        include_end_day: whether the day `until` bears interest too.
        due: the day on which the statement is due: where it is given and all that was posted has been paid by it, there
            is no interest.

    Raises:
        ValidationError: naming every field that is out of range or contradicts another.
    """

    daily_rate: DailyRate
    postings: Annotated[list[DatedAmount], Field(min_length=1, max_length=10_000)]
    payments: Annotated[list[DatedAmount], Field(max_length=10_000)] = Field(default_factory=list[DatedAmount])
    until: Day
    include_end_day: StrictBool = False
    due: Day | None = None

    @model_validator(mode="after")
    def _consistent(self) -> CardInterestQuestion:
        raise_findings("CardInterestQuestion", _contradictions(self))
        return self


class CardInterest(Described, BaseModel):
    """The interest, rounded once, half-up, to the cent.

    Attributes:
        interest: the interest in the card's currency, rounded once, half-up, to the cent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    interest: Cash


def _contradictions(question: CardInterestQuestion) -> list[Finding]:
    found: list[Finding] = []
    for place, posting in enumerate(question.postings):
        shown = posting.date.isoformat()
        if posting.date > question.until:
            found.append((("postings", place, "date"), say("posted_after_end", until=question.until), shown))
        elif (question.until - posting.date).days > MOST_DAYS:
            found.append((("postings", place, "date"), say("posted_too_early", days=MOST_DAYS), shown))
    for name, entries in (("postings", question.postings), ("payments", question.payments)):
        for place, entry in enumerate(entries):
            if entry.amount != entry.amount.quantize(Decimal("0.01")):
                said = say("finer_than_a_cent", amount=str(entry.amount))
                found.append(((name, place, "amount"), said, str(entry.amount)))
    return found
