"""Whether somebody writes of what needs a held word before any plan: threats, loan sharks, being young, a guarantee.

In doubt it is: a word too many does little harm.
"""

import re
from enum import StrEnum


class Trouble(StrEnum):
    """What it is; the most urgent first."""

    VIOLENCE = "violence"
    LOAN_SHARK = "loan_shark"
    YOUNG = "young"
    GUARANTOR = "guarantor"


_WORDS: dict[Trouble, "re.Pattern[str]"] = {
    Trouble.VIOLENCE: re.compile(
        r"""
        \bthreat(?:s|en(?:s|ed|ing)?)?\b
            (?!\s+(?:me\s+|us\s+)?(?:to\s+(?:sue|go\s+to\s+court|take\s+(?:me|us|it)\s+to\s+court|close|cut|raise|report
                |(?:my|our|the)\s+(?:credit|budget|plan|score|savings))
            |(?:with\s+|of\s+)?(?:an?\s+|the\s+)?(?:legal|law|court|lower|higher)))
        | \b(?:physical|with|use|used|using|of)\s+violence\b | \bviolent(?:ly)?\b | \bharass(?:es|ed|ing|ment)?\b
        | \b(?:beat|beats|beaten|hit|hurt|hurts|attack(?:ed|s)?|kidnap(?:ped)?|stalk(?:ed|s|ing)?)
            \s+(?:me|us|him|her|my\s+(?:family|wife|husband|partner|mother|father|mum|mom|dad|son|daughter|kids?
                |child(?:ren)?|parents?|brother|sister))\b(?!\s+hard)
        | \bfollow(?:s|ed|ing)\s+(?:me|us)\b(?!\s+up)
        | \b(?:smash|broke|break)\w*\s+(?:down\s+)?(?:my|our)\s+(?:door|window|car)
        | \b(?:afraid|scared|terrified)\s+of\s+(?:the\s+)?(?:collectors?|lenders?|men|them)\b
        | 暴力|恐吓|殴打|绑架|跟踪我|人身安全|(?:打|砍|揍)(?:了)?(?:我|人(?!民)|伤)|打断(?:我的?)?[手腿]|骚扰
        | 爆(?:了)?(?:我的?)?通讯录|通讯录轰炸|泼(?:了)?油漆|堵(?:了)?门
        | (?<!的)威胁(?!.{0,6}(?:起诉|法院|法律|律师|征信))|上门(?:闹|堵|打|砸|逼)
        """,
        re.VERBOSE | re.IGNORECASE,
    ),
    Trouble.LOAN_SHARK: re.compile(
        r"\bloan[\s-]?sharks?\b|\b(?:illegal|unlicen[sc]ed|unregistered)\s+(?:money\s*)?lend(?:er|ers|ing)\b"
        r"|\b(?:took|keeps?|holds?|has)\s+my\s+(?:bank\s+card|passport|id(?:\s+card)?)\b"
        r"|高利贷|地下钱庄|套路贷|砍头息|714\s*高炮|黑网贷|裸[条贷]|扣(?:着|了|押)?(?:我的?)?身份证",
        re.IGNORECASE,
    ),
    Trouble.YOUNG: re.compile(
        r"""
        \b(?:i\s*am|i['’]m)\s+(?:only\s+|just\s+|still\s+)?
            (?:1[0-7]|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)\b
            (?!\s*(?:[%$]|[,.]\d|percent|k\b|months?|weeks?|days?|years?\b(?!\s+old)|payments?|debts?|cards?|loans?
                |hundred|thousand|times|instal))
        | \bunder[\s-]?age\b | \bunder\s+18\b | \bin\s+high[\s-]school\b
        | \b(?:i\s*am|i['’]m)\s+(?:still\s+)?an?\s+(?:\w+\s+)?student\b(?!\s+loan)
        | 未成年|我(?:今年|现在|才|只有|刚满|还是)*\s*1[0-7]\s*岁|我(?:今年|现在|才|只有)*十[一二三四五六七]岁
        | 我(?:还|只)?是.{0,4}(?:(?:高|初)中生|(?:大|在校|中专|大专)学生)|在校(?:大)?学生|校园贷
        """,
        re.VERBOSE | re.IGNORECASE,
    ),
    Trouble.GUARANTOR: re.compile(
        r"\bguarantors?\b|\bco-?sign(?:ed|er|ers|ing)?\b"
        r"|\bguaranteed?\s+(?:(?:a|an|the|my|his|her|their|our)\s+)(?:\w+['’]?s?\s+){0,3}(?:loan|debt|mortgage|lease)\b"
        r"|担保人|(?:做|当|给|替|为|帮)[^，。,.]{0,8}担保|保证人|连带责任",
        re.IGNORECASE,
    ),
}


def troubles(text: str) -> list[Trouble]:
    """What is said of these."""
    said = " ".join(text.split())
    return [trouble for trouble, words in _WORDS.items() if words.search(said)]
