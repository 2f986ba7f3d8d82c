"""Somebody who does not want to live is met first, with their country's line; what debts are called is not that."""

import json
from typing import Any

import pytest

from agents.case.case import Case
from agents.checking.facts import Facts
from agents.checking.grounding import ground
from agents.reading.despair import is_of_despair
from agents.running.analyst import prompt
from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from agents.telling.first_words import first_words
from data.portfolio.portfolio import Portfolio
from data.wire.task import TaskType
from data.wording.words import Language
from tests.agents.cases import SIX_DEBTS
from tests.agents.recorder import Killed, Recorder, task

DESPAIR = """
I want to die|I just want to die|I wanna die|I want to kill myself|I am going to kill myself
I keep thinking about suicide
I feel suicidal because of my debts|I'd like to end it all|I am thinking of ending my life|I will take my own life
There is no point in living|There is no reason to live|I have nothing to live for|I don't want to live any more
I don't want to be alive|I don't want to wake up|I can't go on|I can't go on like this|I cannot take it anymore
My family would be better off without me|I'd be better off dead|life is not worth living|I am tired of living
I want to hurt myself|I have been cutting myself|I thought of jumping off a bridge|My husband says he wants to die
My wife talks about suicide|I wish I were dead|I wish I was dead|My son wants to kill himself|I wrote a goodbye letter
I no longer want to live|I don’t want to be here anymore|He took his own life|I can’t take this any longer
我不想活了|我真的不想活了|活不下去了|我想死|真想死|我要去死|想自杀|我有轻生的念头|我想跳楼|真想从这里跳河|我想一死了之
死了算了|生不如死|活着没意思|活着真的太累|活着没有意义
我想结束自己的生命|撑不下去了|实在熬不下去了|没有活路了|我写了遗书
我想离开这个世界|老公说他不想活了|我女儿割腕了|准备烧炭|我想上吊|不如死了|不想再活|想 死|我想了结自己|没活路了
I took a bottle of pills because of the debt|I have been thinking about overdosing
I will slit my wrists|life isn't worth living
I thought of jumping in front of a train|I'd rather be dead
I want to kill my self|I have nothing left to live for|worth more dead
I hope to sleep and never wake up|My life insurance would pay off my debts if I died|I see no way out but death
I'm not suicidal but I wish I would just not wake up|吃了安眠药|想喝药
我想从楼上跳下去|想一了百了|没脸活下去|没勇气活下去
活着还有什么意思|不想再醒来|我想解脱|我死了债怎么办|我想自殺|想輕生
"""
NO_DESPAIR = """
This debt is killing me|I am dying to pay it off|How do I kill this debt?|I want to kill the credit card balance
The deadline is in May|What happens to my debts when I die?|If I die, who pays the loan?|I want to leave debt behind
Who inherits the mortgage after death?|I am dead tired of this card
The rate is suicide clause material
I am not suicidal, just tired
I can't take another loan|I don't want to live with my parents|I want to be done with this
End the card contract|I'd love to end this loan
Does life insurance have a suicide clause?|I can't go to the bank on Monday
I took out a life policy|I want to jump to a better rate
My battery died|Should I cut my card in half?|My car is dead and I need a loan
Take all the money I have|I don't want to be late
Which debt first?|I wish I had paid earlier|It is worth paying early|I am tired of paying fees|I want to die debt-free
还款期限死板吗？|电脑死机了|跳楼价的分期|累死我了，怎么还？
这利息要死人的贵|死期是哪天|哪笔先还？|死账怎么处理？|我不想死在债务上
保险的自杀条款是什么？|我活期有两万|生活费不够|生活压力大
我想活用资金|要死磕这笔债|银行的人很死板|死守预算|我人死后债务谁还？
活动期间利率是多少？|父亲去世后债务怎么办？|我想把卡注销|要不要结束这张卡？
还不起了怎么办？|每月撑得住三千|借新还旧行吗？|不想逾期
死守最低还款好不好？|我想还清后好好生活|别把话说死|I want to live in a cheaper flat
Should I take my life savings and pay the card?
She is ending her life insurance policy|I can't go on paying the car loan
I can't live with this rate|I don't want to live paycheck to paycheck
I want to end it all in one payment|it is financial suicide
I should cut myself some slack|I want a dead simple plan|自杀式降价
公司撑不下去了|现金流撑不下去了|撑不住这个月供|店撑不住了
烧炭烤肉店的贷款|跳江大桥边的房贷|别要死要活的|死扛到底|我没有想死|I can't live on 900 a month
"""
SIX = {"currency": "USD", "start": "2026-12", "debts": [{"name": "Visa", "balance": "5000.00", "apr": 0.25}]}


def phrases(block: str) -> list[str]:
    return [phrase for line in block.strip().splitlines() for phrase in line.split("|")]


@pytest.mark.parametrize("said", phrases(DESPAIR))
def test_despair_is_heard(said: str) -> None:
    assert is_of_despair(said)


@pytest.mark.parametrize("said", phrases(NO_DESPAIR))
def test_what_debts_are_called_is_no_despair(said: str) -> None:
    assert not is_of_despair(said)


def test_there_are_sixty_phrases_each_way() -> None:
    assert len(phrases(DESPAIR)) >= 60
    assert len(phrases(NO_DESPAIR)) >= 60


@pytest.mark.parametrize(
    ("language", "currency", "numbers"),
    [
        ("en", "USD", ["988", "911"]),
        ("en", "GBP", ["116 123", "999"]),
        ("en", "AUD", ["13 11 14", "000"]),
        ("zh", "CNY", ["12356", "110", "120"]),
        ("zh", "USD", ["988", "911"]),
        ("en", "EUR", ["988", "116 123", "13 11 14", "12356"]),
        ("en", None, ["988", "116 123"]),
        ("zh", None, ["12356"]),
    ],
)
def test_the_line_of_the_country_stands_in_the_first_two_sentences(
    language: Language, currency: str | None, numbers: list[str]
) -> None:
    portfolio = Portfolio.model_validate({**SIX, "currency": currency}) if currency else None
    case = Case(TaskType.FINANCIAL_ADVICE, language, "I want to die. 我不想活了。", portfolio)
    words = first_words(case)
    first = words.split("\n")[0]
    assert numbers[0] in first
    assert all(number in words for number in numbers)
    assert ground(words, Facts.of([words])).unsupported == []


def test_nobody_else_is_met_so() -> None:
    case = Case(TaskType.FINANCIAL_ADVICE, "en", "Which debt first?", None)
    assert first_words(case) == ""


@pytest.mark.anyio
@pytest.mark.parametrize("portfolio", [None, SIX_DEBTS], ids=["no portfolio", "six debts"])
async def test_the_answer_begins_with_them_once_also_where_its_worker_dies(portfolio: Any) -> None:
    loop, asked = AgentLoop(ModelSource(chunks_per_s=0)), "I can't go on. Which debt first?"
    request = task(portfolio, question=asked, type="financial_advice")
    whole = await loop(Recorder().run(request))
    words = first_words(Case.of(request))
    assert whole.narrative.startswith(f"{words}\n\n")
    assert whole.narrative.count(words) == 1
    assert whole.grounding.unsupported == []
    killed = Recorder(dies_after_saves=1)
    with pytest.raises(Killed):
        await loop(killed.run(request))
    assert await loop(Recorder().run(request, killed.checkpoints[-1])) == whole
    assert json.loads(prompt(Case.of(request)))["already_told"] == words
