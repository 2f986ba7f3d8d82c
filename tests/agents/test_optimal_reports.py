"""The optimal plan in reports: recommended where it is worth its trouble, with what it saves and what is proved."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agents.case import case as cases
from agents.case import digest
from agents.case.case import Case
from agents.case.findings import Findings
from agents.case.first_payments import payments
from agents.planner.plans import planning
from agents.planner.plans import recommended as recommending
from agents.running.loop import AgentLoop
from agents.running.models import ModelSource
from agents.telling.report import voice
from data.answers.plan import Comparison, OfferTaken, Strategy
from data.files.portfolio_file import read_portfolio_json
from data.portfolio.portfolio import Portfolio
from data.wire.task import TaskType
from tests.agents.cases import DEFERRED, NEVER_PAID_OFF, NO_BUDGET, ONE_DEBT, SHORTFALL, SIX_DEBTS
from tests.agents.recorder import Recorder, task
from tests.sample_offers import YEAR_AT_NOTHING

pytestmark = pytest.mark.anyio

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "six-debts.json"


def about(values: Any, language: str = "en") -> Case:
    portfolio = values if isinstance(values, Portfolio) else Portfolio.model_validate(values)
    return Case(TaskType.REPAYMENT_PLAN, "zh" if language == "zh" else "en", "", portfolio)


def sample() -> Portfolio:
    return read_portfolio_json(SAMPLE.read_bytes()).starting("2026-12")


def paid(case: Case, strategy: str) -> Decimal:
    return next(one.total_paid for one in case.comparison().plans if one.strategy == strategy)


async def told(values: Any, language: str, question: str = "") -> tuple[str, dict[str, Any]]:
    recorder = Recorder()
    asked = task(values, language=language, question=question, type=TaskType.REPAYMENT_PLAN)
    result = (await AgentLoop(ModelSource(chunks_per_s=0))(recorder.run(asked))).model_dump(mode="json")
    assert result["grounding"]["unsupported"] == []
    return result["narrative"], result


def written(amount: Decimal) -> str:
    return f"{amount:,.2f}"


@pytest.mark.parametrize(("language", "proved"), [("en", "It is proved that no plan"), ("zh", "已经证明，任何方案")])
async def test_a_report_on_the_optimal_plan_says_what_it_saves_and_what_is_proved(language: str, proved: str) -> None:
    case = about(DEFERRED)
    text, result = await told(DEFERRED, language)
    assert result["facts"]["comparison"]["recommended"] == result["plan"]["strategy"] == "optimal"
    bound = case.comparison().bound
    assert bound is not None
    assert proved in text
    assert written(bound) in text
    assert written(paid(case, "optimal")) in text
    assert written(paid(case, "avalanche") - paid(case, "optimal")) in text
    assert ("schedule" if language == "en" else "还款表") in text
    assert result["recommendations"][0]["code"] == "pay_planned"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "this simple rule is as good"), ("zh", "按这个简单的顺序还就一样好")]
)
async def test_an_order_that_costs_hardly_more_is_as_good_and_the_difference_is_told(
    language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommending, "WORTHWHILE", Decimal("0.1"))
    case = about(sample())
    above = paid(case, "avalanche") - paid(case, "optimal")
    assert above > 0
    text, result = await told(sample(), language)
    assert result["facts"]["comparison"]["recommended"] == "avalanche"
    assert words in text
    assert written(above) in text
    assert result["recommendations"][0]["code"] == "pay_first"


@pytest.mark.parametrize(("language", "words"), [("en", "none costs less"), ("zh", "没有比它更省的")])
async def test_an_order_that_is_optimal_to_the_cent_is_simply_the_best(language: str, words: str) -> None:
    case = about(SIX_DEBTS)
    assert paid(case, "avalanche") == paid(case, "optimal")
    text, result = await told(SIX_DEBTS, language)
    assert result["plan"]["strategy"] == "avalanche"
    assert words in text
    assert ("as good" if language == "en" else "一样好") not in text


@pytest.mark.parametrize("values", [NEVER_PAID_OFF, SHORTFALL])
def test_nothing_is_sought_where_the_money_is_too_small(values: Any) -> None:
    case = about(values)
    assert Strategy.OPTIMAL not in case.strategies()
    assert case.comparison().bound is None
    assert case.recommended() is Strategy.AVALANCHE


def test_a_case_searches_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[Any] = []

    def counted(portfolio: Portfolio, strategies: Any = None, **options: Any) -> Comparison:
        searched.append("search" in options)
        return planning.compare(portfolio, strategies, **options)

    monkeypatch.setattr(cases, "compare", counted)
    monkeypatch.setattr(cases, "plan", None)
    case = about(DEFERRED)
    for _ in range(2):
        digest.comparison(case)
        chosen = case.plan(case.recommended())
    assert searched.count(True) == 1
    assert sum((row.payment for row in chosen.schedule), Decimal(0)) == chosen.total_paid


def test_only_the_optimal_plan_of_a_comparison_has_its_schedule() -> None:
    assert {one.strategy for one in about(DEFERRED).comparison().plans if one.schedule} == {"optimal"}
    everything = planning.compare(Portfolio.model_validate(ONE_DEBT), schedule=True)
    assert all(one.schedule for one in everything.plans)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_client_who_asks_for_the_optimal_plan_is_told_of_it(language: str) -> None:
    question = "And the optimal plan?" if language == "en" else "最优还款怎么样？"
    text, _ = await told(DEFERRED, language, question)
    assert ("The optimal plan is the cheapest" if language == "en" else "最优还款是比较过的策略中最省的") in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_offers_that_the_plan_takes_up_are_told(language: str) -> None:
    case = about(DEFERRED)
    taken = OfferTaken(
        name="0% card",
        type="balance_transfer",
        debt="Visa",
        amount=Decimal("2000.00"),
        fee=Decimal("60.00"),
        charge=Decimal("1.50"),
        month="2026-12",
    )
    plan = case.plan(Strategy.OPTIMAL).model_copy(update={"offers_taken": [taken]})
    facts = Findings(
        debts=digest.debts(case),
        health=digest.health(case),
        comparison=digest.comparison(case),
        plan=digest.details(case, plan),
        payments=payments(plan, 3),
        what_if=[],
    )
    said = voice("zh" if language == "zh" else "en", "USD").choice(facts)
    assert all(part in said for part in ("0% card", "Visa", "2,000.00", "61.50"))


OFFERED = {**SIX_DEBTS, "offers": [YEAR_AT_NOTHING]}


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_offers_worth_taking_come_first_among_the_steps(language: str) -> None:
    text, result = await told(OFFERED, language)
    taken = about(OFFERED).plan(Strategy.OPTIMAL).offers_taken
    steps = [step for step in result["recommendations"] if step["code"] == "take_offer"]
    assert taken
    assert steps == result["recommendations"][: len(steps)]
    assert [step["debt"] for step in steps] == [one.debt for one in taken][:3]
    assert all(step["text"] in text and "0% card" in step["text"] for step in steps)


def test_minimums_only_has_no_proof_to_tell() -> None:
    assert about(NO_BUDGET).recommended() is Strategy.AVALANCHE
