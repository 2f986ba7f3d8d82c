"""The money that beats the end of a promotion, and a rate that does not hide behind one."""

from decimal import Decimal
from typing import Any

import pytest

from agents.case.case import Case, paying
from agents.case.promotions import beaten
from agents.planner.plans.planning import plan
from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from data.answers.plan import Strategy
from data.wire.task_result import TaskResult
from tests.agents.cases import ONE_DEBT, SHORTFALL, SIX_DEBTS, card, level, portfolio
from tests.agents.recorder import Recorder, task

pytestmark = pytest.mark.anyio

CLIFF = portfolio(
    card("Transfer card", "11000", 0.2999, promo={"apr": 0, "until": "2027-11"}),
    level("Car", "6000", 0.069, 36, "auto_loan"),
    income="3800",
    budget={"monthly": "800"},
)
TWO = portfolio(
    card("A", "6000", 0.2999, promo={"apr": 0.0199, "until": "2027-05"}),
    card("B", "9000", 0.2499, promo={"apr": 0, "until": "2027-09"}),
    card("Store", "1500", 0.2499),
    budget={"monthly": "700"},
)


def case(debts: dict[str, Any]) -> Case:
    return Case.of(task(debts))


async def told(debts: dict[str, Any], **more: Any) -> TaskResult:
    return await AgentLoop(ModelSource(chunks_per_s=0))(Recorder().run(task(debts, **more)))


@pytest.mark.parametrize("debts", [CLIFF, TWO])
def test_the_budget_clears_the_debts_in_time_and_the_next_round_one_below_does_not(debts: dict[str, Any]) -> None:
    about = case(debts)
    found = beaten(about)
    assert found
    today = about.plan(about.recommended())
    for place, one in enumerate(found):
        names = [each.debt for each in found[: place + 1]]
        rest = [debt.name for debt in sorted(about.debts.debts, key=lambda debt: -debt.apr) if debt.name not in names]
        ordered = about.debts.model_copy(update={"custom_order": [*names, *rest]})
        with_it, below = (
            plan(paying(ordered, monthly), Strategy.CUSTOM) for monthly in (one.monthly, one.monthly - 10)
        )
        paid_off = {debt.name: debt.paid_off for debt in with_it.debts}
        assert all((paid_off[each.debt] or "9") <= each.month for each in found[: place + 1])
        late = {debt.name: debt.paid_off or "9" for debt in below.debts}
        assert any(late[each.debt] > each.month for each in found[: place + 1])
        assert one.interest_less == today.total_interest - with_it.total_interest > 0


@pytest.mark.parametrize("debts", [ONE_DEBT, SHORTFALL])
def test_without_a_promotion_or_with_too_little_money_there_is_none(debts: dict[str, Any]) -> None:
    assert beaten(case(debts)) == []


def test_a_plan_that_clears_it_in_time_needs_no_more_money() -> None:
    assert beaten(case({**CLIFF, "budget": {"monthly": "1200"}})) == []


@pytest.mark.parametrize(
    ("language", "words", "rate"),
    [
        ("en", "Try to find $1,110.00 a month in all", "**Transfer card** costs 29.99% after November 2027"),
        ("zh", "尽量每月一共拿出 US$1,110.00", "2027年11月之后，“Transfer card”的年利率为 29.99%"),
    ],
)
async def test_the_report_names_the_money_and_the_rate_behind_the_promotion(
    language: str, words: str, rate: str
) -> None:
    result = await told(CLIFF, language=language)
    codes = [one.code for one in result.recommendations]
    assert "beat_promo" in codes
    assert "watch_promo" not in codes
    assert "pay_more" not in codes
    assert words in result.narrative
    assert rate in result.narrative
    assert result.grounding.unsupported == []


async def test_money_that_the_income_does_not_bear_is_not_advised() -> None:
    result = await told({**CLIFF, "income": "2000"})
    codes = [one.code for one in result.recommendations]
    assert "beat_promo" not in codes
    assert "watch_promo" in codes


@pytest.mark.parametrize(
    ("question", "monthly"),
    [
        ("What if I pay 100 more a month?", 1600),
        ("What if I paid an extra $100 per month?", 1600),
        ("and another 250 each month?", 1750),
        ("Could I pay $200 less a month?", 1300),
        ("What if I pay 1800 a month?", 1800),
        ("如果每月多还500元呢？", 2000),
        ("每个月再多还300，会怎样？", 1800),
        ("每月额外还200可以吗", 1700),
        ("每月少还400行不行", 1100),
        ("每月还1800呢", 1800),
    ],
)
async def test_more_or_less_a_month_is_meant_on_top_of_what_is_paid(question: str, monthly: int) -> None:
    result = await told(SIX_DEBTS, question=question)
    tried = result.model_dump(mode="json")["facts"]["what_if"]
    assert Decimal(tried[0]["monthly"]) == monthly
    assert result.grounding.unsupported == []


@pytest.mark.parametrize(
    "question",
    [
        "What happens when the 0% ends?",
        "What happens after the promotional rate is over?",
        "The introductory rate runs out soon, what then?",
        "My 0 % expires next year. And then?",
        "零利率到期以后会怎样？",
        "免息期结束之后怎么办？",
        "优惠利率到期会怎么样",
    ],
)
async def test_what_comes_after_a_promotion_is_answered_first(question: str) -> None:
    language = "zh" if question[0] > "z" else "en"
    result = await told(CLIFF, question=question, language=language)
    answer = result.narrative.split("## ")[1]
    for words in ("0%", "29.99%", "1,110.00", "471.58", "2028"):
        assert words in answer
    assert result.grounding.unsupported == []


async def test_without_a_promotion_that_is_said() -> None:
    result = await told(ONE_DEBT, question="What happens when the 0% ends?")
    assert "None of your debts has a promotional rate" in result.narrative


async def test_the_yardstick_for_a_new_loan_names_the_rate_behind_the_promotion() -> None:
    result = await told(CLIFF, question="Should I take a consolidation loan?")
    assert "29.99% once its promotional rate is over" in result.narrative.split("## ")[1]
    assert result.grounding.unsupported == []
