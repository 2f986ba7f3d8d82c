"""What a client's question asks about, as far as words show it safely.

Answers nothing, and trusts no number but a clear one.
"""

import re
from decimal import Decimal
from enum import Enum

from agents.checking.numerals import Numeral, NumeralKind, numerals
from data.answers.plan import Strategy


class Topic(Enum):
    """What can be asked, in the order in which it is answered."""

    WHEN = r"\bwhen\b|how long|how many (?:months|years)|debt[- ]free|多久|什么时候|何时|几年|几个月|多长时间|还清"
    FIRST = r"which (?:debt|card|loan|one)|pay (?:off )?first|what order|priorit|先还|哪一?[笔张个]|顺序|优先"
    PROMOTION = (
        r"(?:0\s?%|zero[- ]percent|promo\w*|introductory|teaser|interest[- ]free)[^.?!]{0,40}"
        r"\b(?:end|ends|over|expire\w*|run\w* out|after)"
        r"|\b(?:after|when)\b[^.?!]{0,30}(?:0\s?%|promo\w*|introductory|teaser|interest[- ]free)"
        r"|(?:零利率|0\s?利率|免息|优惠)(?:期|利率)?[^。？！]{0,6}(?:到期|结束|之后|以后|过后|过了)"
    )
    COST = r"how much.*(?:interest|cost|pay in total)|interest|利息|总共要?还|多少钱"
    NEW_LOAN = r"consolidat|balance transfer|refinanc|new loan|another loan|借新还旧|整合|转贷|再贷|置换|以贷"
    OVERDUE = r"overdue|behind|missed|late payment|collect(?:or|ion)|逾期|催收|还不上|还不起|征信"
    LEGAL = r"bankrupt|lawyer|lawsuit|sued?\b|garnish|settle|破产|起诉|律师|仲裁|协商|停息|挂账"


STRATEGY_WORDS = {
    Strategy.SNOWBALL: r"snowball|雪球",
    Strategy.AVALANCHE: r"avalanche|雪崩",
    Strategy.CASH_FLOW_INDEX: r"cash[- ]flow|现金流",
    Strategy.OPTIMAL: r"\boptim(?:al|um)\b|最优",
    Strategy.MINIMUM_ONLY: r"minimums? only|only (?:the )?minimum|最低还款",
}
MONTHLY = re.compile(r"(?:/|a|per|each|every)\s*(?:month|mo)\b|monthly|每个?月|一个?月|月还|月供", re.IGNORECASE)
OWED = re.compile(r"(?:owe|debt of|in debt|欠[了款债着]*)\W*$", re.IGNORECASE)
MORE_AFTER = re.compile(r"^\W{0,2}(?:\w+\s)?(?:more|extra|additional|on top)\b", re.IGNORECASE)
MORE_BEFORE = re.compile(
    r"(?:\b(?:extra|another|additional)\s?|(?:再?多|额外|另外)(?:还|付|交|拿出|存)?了?)\W{0,2}$", re.IGNORECASE
)
LESS_AFTER = re.compile(r"^\W{0,2}(?:\w+\s)?less\b", re.IGNORECASE)
LESS_BEFORE = re.compile(r"少(?:还|付|交|拿出)?了?\W{0,2}$")
NEAR = 12  # characters between an amount and the words that say what it is


def topics(question: str) -> list[Topic]:
    """What the question asks about."""
    return [topic for topic in Topic if re.search(topic.value, question, re.IGNORECASE)]


def strategies(question: str) -> list[Strategy]:
    """The strategies it names."""
    return [name for name, words in STRATEGY_WORDS.items() if re.search(words, question, re.IGNORECASE)]


def monthly_amounts(question: str, paid: Decimal | None = None) -> list[Decimal]:
    """The amounts that stand beside words such as "a month" or 每月: budgets to plan with.

    One that is said to be more or less ("100 more a month", 每月多还500) is added to what is `paid` today, and left out
    where that is not known.
    """
    found = [one for one in numerals(question) if one.kind is NumeralKind.NUMBER]
    near = [one for one in found if _is_monthly(one, question)]
    budgets = [_budget(one, question, paid) for one in near if one.value >= 1]
    # Nobody plans with fractions of a cent.
    return [one for one in budgets if one is not None and one > 0 and one == round(one, 2)]


def _is_monthly(amount: Numeral, question: str) -> bool:
    around = question[max(0, amount.start - NEAR) : amount.end + NEAR]
    # "100 more a month" needs a longer look, up to the next amount.
    behind = re.split(r"\d", question[amount.end : amount.end + 2 * NEAR], maxsplit=1)[0]
    return bool(MONTHLY.search(around) or MONTHLY.search(behind))


def _budget(amount: Numeral, question: str, paid: Decimal | None) -> Decimal | None:
    before, after = question[max(0, amount.start - NEAR) : amount.start], question[amount.end : amount.end + NEAR]
    if MORE_AFTER.search(after) or MORE_BEFORE.search(before):
        return None if paid is None else paid + amount.value
    if LESS_AFTER.search(after) or LESS_BEFORE.search(before):
        return None if paid is None else paid - amount.value
    return amount.value


def owed(question: str) -> str | None:
    """The one amount that the question says is owed, as it was written; None unless it is clear."""
    found = [one for one in numerals(question) if one.kind is NumeralKind.NUMBER]
    said = [one for one in found if OWED.search(question[max(0, one.start - NEAR) : one.start])]
    # Only where it is the one amount of the question: of several, the words may mean another.
    return question[said[0].start : said[0].end].strip() if len(said) == 1 and len(found) == 1 else None
