"""What to do next, from the facts alone: a code and its amounts; each language has its sentence.

The same for every model, so that a recommendation never rests on what a model made up.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from agents.case.findings import Findings, Situation
from data.wire.case_facts import DebtFact, PromotionBeaten
from data.wire.task_result import Advice

MAX_OF_ONE_CODE = 3
HIGH_RATE = Decimal("0.12")  # below it, asking for less seldom helps
TO_LIVE_ON = Decimal("0.5")  # of an income: where less would be left, nobody is told to find the money for minimums


def recommend(facts: Findings) -> list[Advice]:
    """What to do, most urgent first."""
    return [advice for rule in RULES[facts.situation] for advice in rule(facts)]


def _keep_it_so(_: Findings) -> Iterator[Advice]:
    yield Advice(code="keep_it_so")


def _cover_minimums(facts: Findings) -> Iterator[Advice]:
    required, monthly, income = facts.plan.required_budget, facts.monthly, facts.debts.income
    if required is not None and income is not None and required > income:
        yield Advice(code="beyond_income", amounts={"required": required, "income": income})
    elif required is not None and income is not None and income - required < income * TO_LIVE_ON:
        amounts = {"required": required, "income": income, "left": income - required}
        yield Advice(code="little_to_live_on", amounts=amounts)
    elif required is not None:
        paid = {} if monthly is None else {"monthly": monthly}
        yield Advice(code="cover_minimums", amounts={"required": required, **paid})


def _call_lenders(facts: Findings) -> Iterator[Advice]:
    for missed in facts.plan.missed[:1]:
        yield Advice(code="call_lender", debt=missed.debt, month=missed.month)


def _pay_more_than_interest(facts: Findings) -> Iterator[Advice]:
    for warning in facts.warnings("minimum_below_interest")[:MAX_OF_ONE_CODE]:
        yield Advice(code="pay_above_interest", debt=warning.debt, amounts=dict(warning.amounts))


def _take_offers(facts: Findings) -> Iterator[Advice]:
    for one in facts.plan.offers_taken[:MAX_OF_ONE_CODE]:
        amounts = {"amount": one.amount, "cost": one.cost}
        yield Advice(code="take_offer", debt=one.debt, offer=one.offer, month=one.month, amounts=amounts)


def _pay_first(facts: Findings) -> Iterator[Advice]:
    if facts.target is not None and facts.monthly is not None:
        code = "pay_only_debt" if len(facts.open_debts) == 1 else "pay_planned" if facts.is_optimal else "pay_first"
        yield Advice(code=code, debt=facts.target, strategy=facts.plan.strategy, amounts={"monthly": facts.monthly})


def _automate(facts: Findings) -> Iterator[Advice]:
    if facts.health.monthly_minimums > 0:
        yield Advice(code="automate_minimums", amounts={"minimums": facts.health.monthly_minimums})


def _promo(facts: Findings) -> Iterator[Advice]:
    for warning in facts.warnings("promo_ends")[:MAX_OF_ONE_CODE]:
        cleared = next((debt.paid_off for debt in facts.plan.debts if debt.name == warning.debt), None)
        # Nothing to watch where the plan clears the debt in time.
        if warning.month is None or (cleared is not None and cleared <= warning.month):
            continue
        beaten = next((one for one in _within_means(facts) if one.debt == warning.debt), None)
        if beaten is not None:
            amounts = {"monthly": beaten.monthly, "interest_less": beaten.interest_less}
            yield Advice(
                code="beat_promo", debt=beaten.debt, month=beaten.month, amounts=amounts, rates=dict(warning.rates)
            )
        else:
            yield Advice(code="watch_promo", debt=warning.debt, month=warning.month, rates=dict(warning.rates))


def _within_means(facts: Findings) -> list[PromotionBeaten]:
    """The budgets that beat a promotion and leave enough to live on, as far as an income is known."""
    income = facts.debts.income
    return [one for one in facts.plan.promotions if income is None or one.monthly <= income * (1 - TO_LIVE_ON)]


def _balloon(facts: Findings) -> Iterator[Advice]:
    for warning in facts.warnings("balloon_ahead")[:MAX_OF_ONE_CODE]:
        yield Advice(code="set_aside", debt=warning.debt, month=warning.month, amounts=dict(warning.amounts))


def _above_cap(facts: Findings) -> Iterator[Advice]:
    for warning in facts.warnings("rate_above_cap")[:MAX_OF_ONE_CODE]:
        yield Advice(code="challenge_rate", debt=warning.debt, rates=dict(warning.rates))


def _pay_more(facts: Findings) -> Iterator[Advice]:
    helpful = facts.helpful
    # What beats a promotion saves more, and one such budget is enough to think about.
    if helpful is not None and not _within_means(facts):
        less = helpful.difference.interest_less
        saved = {} if less is None or less <= 0 else {"interest_less": less}
        yield Advice(
            code="pay_more",
            month=helpful.after.debt_free,
            months=helpful.difference.months_sooner,
            amounts={"monthly": helpful.monthly, **saved},
        )


def _lower_rate(facts: Findings) -> Iterator[Advice]:
    dearest: DebtFact = facts.dearest_rate
    if dearest.apr >= HIGH_RATE:
        yield Advice(code="ask_lower_rate", debt=dearest.name, rates={"apr": float(dearest.apr)})


def _utilisation(facts: Findings) -> Iterator[Advice]:
    for warning in facts.warnings("high_utilisation")[:1]:
        yield Advice(code="stop_using", debt=warning.debt, rates=dict(warning.rates))


def _set_budget(_: Findings) -> Iterator[Advice]:
    yield Advice(code="set_budget")


def _no_new_debt(_: Findings) -> Iterator[Advice]:
    yield Advice(code="no_new_debt")


Rule = Callable[[Findings], Iterator[Advice]]
RULES: dict[Situation, tuple[Rule, ...]] = {
    Situation.NOTHING_OWED: (_keep_it_so,),
    Situation.SHORTFALL: (
        _cover_minimums,
        _call_lenders,
        _above_cap,
        _balloon,
        _promo,
        _utilisation,
        _lower_rate,
        _no_new_debt,
    ),
    Situation.NEVER: (
        _pay_more_than_interest,
        _above_cap,
        _balloon,
        _pay_more,
        _set_budget,
        _lower_rate,
        _utilisation,
        _no_new_debt,
    ),
    Situation.MINIMUMS_ONLY: (
        _set_budget,
        _above_cap,
        _balloon,
        _pay_more,
        _automate,
        _promo,
        _lower_rate,
        _no_new_debt,
    ),
    Situation.PAID_OFF: (
        _take_offers,
        _pay_first,
        _automate,
        _above_cap,
        _balloon,
        _promo,
        _pay_more,
        _utilisation,
        _lower_rate,
        _no_new_debt,
    ),
}
