"""A report's shape: which sections, in which order, with which tables.

The words are a voice's, the figures the findings'. Same findings, question and language: the same text, byte for byte.
"""

from collections.abc import Iterable, Sequence

from agents.case.findings import Findings, Situation
from agents.case.recommend import recommend
from agents.checking.grounding import escaped
from agents.reading.question import monthly_amounts, owed, strategies, topics
from agents.telling.chinese import Chinese
from agents.telling.english import English
from agents.telling.voice import Voice
from data.wire.task import TaskType
from data.wording.words import Language

ORDER: dict[TaskType, tuple[str, ...]] = {
    TaskType.DEBT_ANALYSIS: ("answer", "standing", "costs", "choice", "payments", "warnings", "steps"),
    TaskType.REPAYMENT_PLAN: ("answer", "choice", "payments", "standing", "costs", "warnings", "steps"),
    TaskType.FINANCIAL_ADVICE: ("answer", "standing", "choice", "payments", "warnings", "steps"),
}
COLUMNS = {
    "debts": ("debt", "balance", "annual_rate", "interest_this_month", "minimum_due"),
    "strategies": ("strategy", "debt_free_month", "months", "interest_and_fees", "more_than_best"),
    "payments": ("month", "debt", "amount_paid"),
}
MAX_TABLE_ROWS = 40
MAX_WARNINGS = 10
MAX_TOPICS = 3


def voice(language: Language, currency: str = "USD") -> Voice:
    """The words of a language, with its forms for a currency."""
    return Chinese(currency) if language == "zh" else English(currency)


def report(task: TaskType, language: Language, question: str, facts: Findings) -> str:
    """The whole report as Markdown."""
    words = voice(language, facts.currency)
    body = sections(task, question, facts, words)
    parts = [f"# {words.title(task)}", *(_section(words, name, text) for name, text in body.items() if text)]
    closing = [] if facts.situation is Situation.NOTHING_OWED else [f"*{words.closing(facts)}*"]
    return "\n\n".join([*parts, *closing]) + "\n"


def advice_without_figures(language: Language, question: str) -> str:
    """The answer to a question that comes without a portfolio."""
    words = voice(language)
    text = words.without_figures(owed(question), topics(question))
    return f"# {words.title(TaskType.FINANCIAL_ADVICE)}\n\n{text}\n"


def sections(task: TaskType, question: str, facts: Findings, words: Voice) -> dict[str, str]:
    """The sections by name, in the task's order; one without anything to say is empty."""
    if facts.situation is Situation.NOTHING_OWED:
        return {"answer": words.lead(facts), "steps": _steps(facts, words)}
    made = {
        "answer": _join(words.lead(facts), *_replies(question, facts, words)),
        "standing": _join(words.standing(facts), _debts(facts, words)),
        "costs": words.costs(facts),
        "choice": _join(words.choice(facts), _strategies(facts, words), _order(facts, words)),
        "payments": _join(words.payments(facts), _payments(facts, words)),
        "warnings": _warnings(facts, words),
        "steps": _steps(facts, words),
    }
    return {name: made[name] for name in ORDER[task]}


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers_from: int) -> str:
    """A Markdown table; columns from `numbers_from` on are aligned to the right."""
    rule = [":--" if place < numbers_from else "--:" for place in range(len(columns))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [columns, rule, *rows])


def _heads(name: str, words: Voice) -> list[str]:
    return [words.column(column) for column in COLUMNS[name]]


def _section(words: Voice, name: str, text: str) -> str:
    return f"## {words.headings[name]}\n\n{text}"


def _join(*paragraphs: str) -> str:
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _replies(question: str, facts: Findings, words: Voice) -> list[str]:
    if not question:
        return []
    asked, named, wanted = topics(question), strategies(question), monthly_amounts(question, facts.meant_monthly)
    if not (asked or named or wanted):
        return [words.partly()]
    budgets = [facts.with_budget(amount) for amount in wanted]
    outcomes = [facts.outcome(name.value) for name in named]
    replies = [words.what_if(found) for found in budgets if found is not None]
    replies += [words.about(topic, facts) for topic in asked[:MAX_TOPICS]]
    replies += [words.versus(outcome, facts) for outcome in outcomes if outcome is not None]
    # Each reply once, though question and topic may both ask for it.
    return [text for text in dict.fromkeys(replies) if text]


def _debts(facts: Findings, words: Voice) -> str:
    form = words.format
    debts = sorted(facts.open_debts, key=lambda debt: debt.interest_this_month, reverse=True)[:MAX_TABLE_ROWS]
    rows = [
        (
            escaped(debt.name),
            form.money(debt.balance),
            words.rate_of(debt),
            form.money(debt.interest_this_month),
            form.money(debt.minimum_this_month),
        )
        for debt in debts
    ]
    return table(_heads("debts", words), rows, numbers_from=1)


def _strategies(facts: Findings, words: Voice) -> str:
    if len(facts.open_debts) == 1 or facts.plan.months is None or facts.is_indifferent:
        return ""
    form = words.format
    chosen = facts.outcome(facts.plan.strategy)
    rows = [
        (
            words.strategy(one.strategy) if one is not chosen else f"**{words.strategy(one.strategy)}**",
            form.month(one.debt_free) if one.debt_free else "–",
            str(one.months) if one.months is not None else "–",
            form.money(one.interest_and_fees) if one.months is not None else "–",
            form.money(one.more_than_best) if one.more_than_best is not None else "–",
        )
        for one in (*([chosen] if chosen else []), *facts.others)
    ]
    return table(_heads("strategies", words), rows, numbers_from=1)


def _order(facts: Findings, words: Voice) -> str:
    if len(facts.open_debts) == 1 or facts.plan.months is None:
        return ""
    lines = [f"{place}. {words.cleared(debt)}" for place, debt in enumerate(facts.order[:MAX_TABLE_ROWS], start=1)]
    return _join(words.order(facts), "\n".join(lines))


def _payments(facts: Findings, words: Voice) -> str:
    form = words.format
    rows: list[tuple[str, str, str]] = []
    for month in facts.payments.months:
        name = form.month(month.month)
        rows += [(name, escaped(one.debt), form.money(one.payment)) for one in month.payments]
        if len(facts.open_debts) > 1:
            rows.append((name, f"**{words.column('total')}**", words.total(month.total)))
    return table(_heads("payments", words), rows, numbers_from=2) if rows else ""


def _warnings(facts: Findings, words: Voice) -> str:
    found = [words.endless(facts)] if facts.situation is Situation.NEVER else []
    found += [words.missed(missed) for missed in facts.plan.missed[:MAX_TOPICS]]
    found += [words.warning(warning) for warning in facts.health.warnings]
    found += [words.deferred(debt) for debt in facts.open_debts if debt.promo and debt.promo.deferred_interest]
    found += [words.fee(debt) for debt in facts.open_debts if debt.flat_fee]
    lines = [f"- {text}" for text in found if text]
    return "\n".join(lines[:MAX_WARNINGS]) or words.no_warnings()


def _steps(facts: Findings, words: Voice) -> str:
    return "\n".join(f"{place}. {words.step(advice)}" for place, advice in enumerate(recommend(facts), start=1))
