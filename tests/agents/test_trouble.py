"""Who is threatened, owes a loan shark, is young or stands surety is told what holds, before any plan."""

from typing import Any

import pytest

from agents.case.case import Case
from agents.checking.facts import Facts
from agents.checking.grounding import ground
from agents.reading.trouble import Trouble, troubles
from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from agents.telling.care_words import HARD_TO_PAY
from agents.telling.first_words import first_words
from data.portfolio.portfolio import Portfolio
from data.wire.task import TaskType
from data.wording.words import Language
from tests.agents.cases import SHORTFALL, SIX_DEBTS, YUAN
from tests.agents.recorder import Recorder, task

TOLD: dict[Trouble, str] = {
    Trouble.VIOLENCE: """
The collector threatened me|They threaten to hurt my family|They are threatening to come to my house
I get threats every day|He said he would beat me|A debt collector harasses me at work|They keep harassing my mother
I am afraid of the collectors|The collectors use violence|They broke my window|He follows me home
They stalk me
催收威胁我|他们暴力催收|恐吓我的家人|催收上门闹|他们泼油漆|爆通讯录了怎么办|天天骚扰我父母|说要打断我的腿|我担心人身安全|他们堵门
""",
    Trouble.LOAN_SHARK: """
I borrowed from a loan shark|He is a loanshark|an unlicensed lender took my passport|The lender keeps my bank card
I think it is an illegal money lender|我借了高利贷|遇到套路贷|有砍头息|714高炮|地下钱庄的钱|被扣了身份证|裸贷怎么办
""",
    Trouble.YOUNG: """
I am 17 and I owe 2,000|I'm only sixteen|I'm 16 years old with a card|I was underage when I signed|I am still a student
I'm a college student with a card|我未成年|我今年17岁，欠了五千|我才十六岁|我是大学生，借了网贷
我还是在校学生|校园贷还不上
""",
    Trouble.GUARANTOR: """
I am the guarantor of my brother's loan|I co-signed a car loan|I cosigned for her|I guaranteed my sister's mortgage
我是担保人|我给朋友做了担保|我替他担保了贷款|要我承担连带责任|我帮亲戚担保
""",
}
NOTHING = """
Which debt first?|They threaten to sue me|The bank threatens legal action|a threat to my credit score
I am 15 months behind|I am 12 payments in|I am 10 years into my mortgage|I'm 17 % over my limit|I have a student loan
My son is 15
I'm 16,000 in debt|guaranteed approval cards|a guaranteed rate of 5 %|The bill hit me hard|Please follow up with me
Is a secured loan cheaper?|My rate beats theirs|I follow my budget|the market attacked my savings plan slowly
对现金流的威胁|他们威胁要起诉我|有担保的贷款利率低吗|我儿子15岁要上学|助学贷款怎么还|打人民币折扣|先还哪一笔？|学生贷款利率
"""


def phrases(text: str) -> list[str]:
    return [phrase.strip() for phrase in text.replace("\n", "|").split("|") if phrase.strip()]


@pytest.mark.parametrize(
    ("trouble", "said"), [(trouble, one) for trouble, text in TOLD.items() for one in phrases(text)]
)
def test_it_is_heard(trouble: Trouble, said: str) -> None:
    assert trouble in troubles(said)


@pytest.mark.parametrize("said", phrases(NOTHING))
def test_what_sounds_alike_is_not_taken_for_it(said: str) -> None:
    assert troubles(said) == []


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize(
    ("language", "currency", "numbers"),
    [
        ("en", "USD", {"violence": ["911", "855-411-2372"], "loan_shark": ["855-411-2372"], "young": ["800-388-2227"]}),
        ("en", "GBP", {"violence": ["999"], "loan_shark": ["0300 555 2222"], "guarantor": ["0800 138 1111"]}),
        ("en", "AUD", {"violence": ["000"], "young": ["1800 007 007"]}),
        ("zh", "CNY", {"violence": ["110", "12378"], "loan_shark": ["12378"]}),
        ("en", "EUR", {}),
        ("zh", None, {"violence": ["110"]}),
    ],
)
def test_the_words_hold_the_countrys_numbers_and_no_other(
    trouble: Trouble, language: Language, currency: str | None, numbers: dict[str, list[str]]
) -> None:
    debts = YUAN if currency == "CNY" else {**SIX_DEBTS, "currency": currency}
    portfolio = Portfolio.model_validate(debts) if currency else None
    said = phrases(TOLD[trouble])[-1 if language == "zh" else 0]
    words = first_words(Case(TaskType.FINANCIAL_ADVICE, language, said, portfolio))
    assert words
    assert all(number in words for number in numbers.get(trouble, []))
    assert "{" not in words
    assert ground(words, Facts.of([words])).unsupported == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("question", "care"),
    [
        ("The collector threatened to hurt me. I want to die.", ["despair", "violence"]),
        ("I am 17 and owe a loan shark", ["loan_shark", "young"]),
        ("我替朋友做了担保，先还哪个？", ["guarantor"]),
    ],
)
async def test_the_answer_begins_with_them_and_its_record_says_so(question: str, care: list[str]) -> None:
    request = task(SIX_DEBTS, question=question)
    result = await AgentLoop(ModelSource(chunks_per_s=0))(Recorder().run(request))
    assert result.narrative.startswith(first_words(Case.of(request)))
    assert result.care == care
    assert result.grounding.unsupported == []


@pytest.mark.anyio
async def test_nobody_else_is_told_so() -> None:
    result: Any = await AgentLoop(ModelSource(chunks_per_s=0))(Recorder().run(task(SIX_DEBTS, question="Which first?")))
    assert "care" not in result.model_dump(mode="json")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("currency", "language", "number"),
    [("USD", "en", "800-388-2227"), ("USD", "zh", "800-388-2227"), ("GBP", "en", "0800 138 1111"), ("JPY", "en", "")],
)
async def test_where_the_money_is_too_little_free_advice_is_named(currency: str, language: str, number: str) -> None:
    request = task({**SHORTFALL, "currency": currency}, language=language)
    result = await AgentLoop(ModelSource(chunks_per_s=0))(Recorder().run(request))
    step = next(one for one in result.recommendations if one.code in HARD_TO_PAY)
    assert number in step.text
    assert ("Advice on debts is free" in step.text or "免费的债务咨询" in step.text) == bool(number)
    assert result.grounding.unsupported == []
