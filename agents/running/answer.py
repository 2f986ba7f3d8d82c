"""A task's result, put together when the model has told its answer: the facts, the advice, the plan, and the check.

Facts and plan come from the planner's functions whatever the model called: the planner computes, the model tells.
"""

from typing import Any

from pydantic import TypeAdapter

from agents import digest
from agents.case import Case
from agents.checking.grounding import Facts, ground
from agents.findings import Findings
from agents.recommend import recommend
from agents.running.checkpoint import Conversation
from agents.telling.report import voice
from data.answers.plan import Plan
from data.records.task import TaskType

FIRST_MONTHS = 3
MAX_ROWS = 6000  # of a schedule that goes with a result: some 80 years of six debts, or a megabyte
WITH_PLAN = frozenset({TaskType.REPAYMENT_PLAN, TaskType.DEBT_ANALYSIS})

Json = dict[str, Any]
_PLAIN: TypeAdapter[Any] = TypeAdapter(Any)


def answer(case: Case, talk: Conversation, narrative: str, model: str) -> Json:
    """The result of a task: {facts, narrative, recommendations, plan?, grounding, model, usage}."""
    facts = gather(case, talk)
    result: Json = {
        "facts": facts,
        "narrative": narrative,
        "recommendations": advice(case, facts),
        "grounding": check(case, talk, narrative, facts),
        "model": model,
        "usage": usage(talk),
    }
    if case.portfolio is not None and case.task in WITH_PLAN:
        result["plan"] = _bounded(case.plan(case.recommended())).model_dump(mode="json")
    return result


def gather(case: Case, talk: Conversation) -> Json:
    """Health, comparison, the recommended plan and its first payments, and what other budgets were asked about."""
    if case.portfolio is None:
        return {}
    plan = case.plan(case.recommended())
    asked = [part.content for part in talk.returns() if part.tool_name == "what_if_budget"]
    return {
        "debts": digest.debts(case),
        "health": case.health().model_dump(mode="json"),
        "comparison": digest.comparison(case),
        "plan": digest.details(plan),
        "payments": digest.payments(plan, FIRST_MONTHS),
        "what_if": _PLAIN.dump_python(asked, mode="json"),
    }


def advice(case: Case, facts: Json) -> list[Json]:
    """What to do next, each with its sentence in the client's language."""
    if case.portfolio is None:
        return []
    words = voice(case.language, case.portfolio.currency)
    return [one.wire(words.step(one)) for one in recommend(Findings.model_validate(facts))]


def check(case: Case, talk: Conversation, narrative: str, facts: Json) -> Json:
    """Every number of the narrative against the facts, the tools' answers, the portfolio and the question."""
    portfolio = None if case.portfolio is None else case.portfolio.model_dump(mode="json", exclude_none=True)
    names = [] if case.portfolio is None else [debt.name for debt in case.portfolio.debts]
    answers = [part.content for part in talk.returns()]
    return ground(narrative, Facts.of([facts, answers, portfolio, case.question]), names)


def usage(talk: Conversation) -> Json:
    """What the model used, over all attempts."""
    used = talk.usage()
    return {
        "requests": used.requests,
        "tool_calls": used.tool_calls,
        "input_tokens": used.input_tokens,
        "output_tokens": used.output_tokens,
    }


def _bounded(plan: Plan) -> Plan:
    """The plan with a schedule that can travel: whole months, as many as fit."""
    if len(plan.schedule) <= MAX_ROWS:
        return plan
    last = plan.schedule[MAX_ROWS].month
    return plan.model_copy(update={"schedule": [row for row in plan.schedule if row.month < last]})
