"""A task's result, put together when the model has finished its answer: the facts, the advice, the plan, and the check.

Facts and plan come from the planner's functions whatever the model called: the planner computes, the model tells.
"""

from agents.case import digest
from agents.case.case import Case
from agents.case.findings import Findings
from agents.case.first_payments import payments
from agents.case.recommend import recommend
from agents.checking.facts import Facts
from agents.checking.grounding import ground
from agents.running.checkpoint import Conversation
from agents.telling.care_words import held_numbers
from agents.telling.first_words import care, first_words
from agents.telling.report import voice
from data.answers.plan import Plan
from data.wire.case_facts import BudgetTried
from data.wire.task import TaskType
from data.wire.task_result import Grounding, Recommendation, TaskResult, Usage

FIRST_MONTHS = 3
MAX_ROWS = 6000  # of a schedule that goes with a result: some 80 years of six debts, or a megabyte
WITH_PLAN = frozenset({TaskType.REPAYMENT_PLAN, TaskType.DEBT_ANALYSIS})


def answer(case: Case, talk: Conversation, narrative: str, model: str) -> TaskResult:
    """The result of a task; facts only of a case with a portfolio, and a plan where the task asks for one."""
    facts = None if case.portfolio is None else gather(case, talk)
    result = TaskResult(
        facts=facts or {},
        narrative=narrative,
        recommendations=[] if facts is None else advice(case, facts),
        grounding=check(case, talk, narrative, facts),
        model=model,
        usage=usage(talk),
    )
    if told := care(case):
        result = result.model_copy(update={"care": told})
    if facts is None or case.task not in WITH_PLAN:
        return result
    return result.model_copy(update={"plan": _bounded(case.plan(case.recommended()))})


def gather(case: Case, talk: Conversation) -> Findings:
    """Health, comparison, the recommended plan and its first payments, and what other budgets were asked about."""
    plan = case.plan(case.recommended())
    # Other budgets that the model asked about are facts too: its text may speak of them.
    asked = [part.content for part in talk.returns() if part.tool_name == "what_if_budget"]
    return Findings(
        debts=digest.debts(case),
        health=case.health(),
        comparison=digest.comparison(case),
        plan=digest.details(case, plan),
        payments=payments(plan, FIRST_MONTHS),
        # A checkpoint of another version may hold more fields.
        what_if=[BudgetTried.model_validate(answered, extra="ignore") for answered in asked],
    )


def advice(case: Case, facts: Findings) -> list[Recommendation]:
    """What to do next, each with its sentence in the client's language."""
    words = voice(case.language, case.debts.currency)
    return [Recommendation.of(one, words.step(one)) for one in recommend(facts)]


def check(case: Case, talk: Conversation, narrative: str, facts: Findings | None) -> Grounding:
    """Every number of the narrative against the facts, the tools' answers, the portfolio and the question."""
    portfolio = None if case.portfolio is None else case.portfolio.model_dump(mode="json", exclude_none=True)
    names = [] if case.portfolio is None else [debt.name for debt in case.portfolio.debts]
    told = {} if facts is None else facts.model_dump(mode="json")
    answers = [part.content for part in talk.returns()]
    numbers = [] if case.portfolio is None else held_numbers(case.portfolio.currency)
    return ground(narrative, Facts.of([told, answers, portfolio, case.question, first_words(case), numbers]), names)


def usage(talk: Conversation) -> Usage:
    """What the model used, over all attempts."""
    used = talk.usage()
    return Usage(
        requests=used.requests,
        tool_calls=used.tool_calls,
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
    )


def _bounded(plan: Plan) -> Plan:
    """The plan with a schedule that can travel: whole months, as many as fit."""
    if len(plan.schedule) <= MAX_ROWS:
        return plan
    # Cut at a month's border, so that every month shown is whole.
    last = plan.schedule[MAX_ROWS].month
    return plan.model_copy(update={"schedule": [row for row in plan.schedule if row.month < last]})
