"""A card's interest on the whole statement (全额计息): each amount from the day it was posted.

    interest = daily rate · Σ over the days max(0, posted so far - paid so far)

It runs from the day of posting, that day included, to `until`, that day excluded unless `include_end_day`; a payment
lessens the balance from its own day on. So what was posted bears interest in full until it is paid, and only the rest
from then on; a card that is paid in full by its due date bears none. What was paid too much earns nothing.

Source: 银行卡业务管理办法 (银发〔1999〕17号), articles 20 to 22, as card agreements read it: who does not pay the
whole statement by its due date loses the interest-free period, and owes interest from the day of posting.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from data.answers.card_interest import CardInterest, CardInterestQuestion

CENT = Decimal("0.01")


def card_interest(question: CardInterestQuestion) -> CardInterest:
    """The interest, computed in exact decimals and rounded once, half-up, to the cent."""
    if _is_paid_by_due(question):
        return CardInterest(interest=Decimal("0.00"))
    money_days = sum((balance * days for balance, days in _balances(question)), Decimal(0))
    return CardInterest(interest=(money_days * question.daily_rate).quantize(CENT, ROUND_HALF_UP))


def _is_paid_by_due(question: CardInterestQuestion) -> bool:
    if question.due is None:
        return False
    posted = sum(posting.amount for posting in question.postings)
    return sum(payment.amount for payment in question.payments if payment.date <= question.due) >= posted


def _balances(question: CardInterestQuestion) -> Iterator[tuple[Decimal, int]]:
    """What is owed between one day on which it changes and the next, with the days between them."""
    changes: defaultdict[date, Decimal] = defaultdict(Decimal)
    for posting in question.postings:
        changes[posting.date] += posting.amount
    for payment in question.payments:
        changes[payment.date] -= payment.amount
    # The last stretch ends here even if nothing is posted or paid on that day.
    changes[question.until] += 0
    days = sorted(day for day in changes if day <= question.until)
    balance = Decimal(0)
    for day, following in pairwise(days):
        balance += changes[day]
        yield max(balance, Decimal(0)), (following - day).days
    if question.include_end_day:
        yield max(balance + changes[question.until], Decimal(0)), 1
