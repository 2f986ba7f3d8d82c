"""The sentence over each chart: what it shows, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from dashboard.text import Words
from data.answers.health import Health, HealthWarning
from data.answers.plan import Comparison, Plan, PlanMonth, PlanStatus, Strategy
from data.wording.words import warning_words

MONTHS_OF_PAYMENT_36 = 36
SMALLEST_SHOWN = 0.000005


def of_balances(plan: Plan, words: Words) -> str:
    """When the debts are gone, or that they never are."""
    strategy = words.t(f"strategy.{plan.strategy}")
    if not plan.months:
        return words.t("finding.never_paid" if plan.months is None else "finding.nothing_owed", strategy=strategy)
    return words.t(
        "finding.debt_free", month=words.month(plan.debt_free), span=words.span(plan.months), strategy=strategy
    )


def of_interest(plans: Sequence[Plan], chosen: str, words: Words) -> str:
    """How much less the chosen strategy costs than the dearest that ends."""
    ending = [plan for plan in plans if plan.months is not None]
    own = next((plan for plan in ending if plan.strategy == chosen), None)
    if own is None:
        return words.t("finding.interest_never")
    dearest = max(ending, key=_cost)
    difference = _cost(dearest) - _cost(own)
    strategy = words.t(f"strategy.{chosen}")
    if difference <= 0:
        key = "finding.interest_same" if len({_cost(plan) for plan in ending}) == 1 else "finding.interest_most"
        return words.t(key, strategy=strategy, amount=words.money(_cost(own), own.currency))
    return words.t(
        "finding.interest_less",
        strategy=strategy,
        amount=words.money(difference, own.currency, whole=True),
        other=words.t(f"strategy.{dearest.strategy}"),
    )


def of_comparison(compared: Comparison, words: Words) -> str:
    """Which strategy is the cheapest; or that none ends, that all miss minimums, or that they do not differ."""
    best = next(plan for plan in compared.plans if plan.strategy == compared.best)
    if best.months is None:
        return words.t("plans.none_ends")
    if all(plan.status is PlanStatus.SHORTFALL for plan in compared.plans):
        return words.t("plans.none_covers")
    ends = {(plan.months, plan.total_paid) for plan in compared.plans if plan.months is not None}
    return words.t(
        "plans.best" if len(ends) > 1 or len(compared.plans) == 1 else "plans.all_same",
        strategy=words.t(f"strategy.{best.strategy}"),
        month=words.month(best.debt_free),
        amount=words.money(_cost(best), best.currency, whole=True),
    )


def of_bound(compared: Comparison, words: Words) -> str:
    """What no plan can pay less than, and how near the optimal plan is to that; nothing where none was sought."""
    optimal = next((plan for plan in compared.plans if plan.strategy == Strategy.OPTIMAL), None)
    if optimal is None or optimal.bound is None or optimal.months is None:
        return ""
    key = "plans.is_near_least" if optimal.proved else "plans.is_unproved"
    return words.t(
        "plans.is_least" if optimal.proved and not optimal.gap else key,
        paid=words.money(optimal.total_paid, optimal.currency),
        bound=words.money(optimal.bound, optimal.currency),
        gap=small_percent(optimal.gap or 0.0),
    )


def of_simple_order(compared: Comparison, words: Words) -> str:
    """That an order is as good as the optimal plan, and what more it costs; nothing where the cheapest is best."""
    simple = next((plan for plan in compared.plans if plan.strategy == compared.recommended), None)
    if simple is None or simple.strategy == compared.best or not simple.above_optimum:
        return ""
    return _simple("plans.simple", simple, words)


def _simple(key: str, plan: Plan, words: Words) -> str:
    more = words.money(plan.above_optimum or 0, plan.currency)
    return words.t(key, strategy=words.t(f"strategy.{plan.strategy}"), amount=more)


def of_choice(planned: Plan, compared: Comparison, words: Words) -> str:
    """By which strategy the page is planned, and why."""
    name = words.t(f"strategy.{planned.strategy}")
    if planned.strategy == compared.best and planned.months is not None:
        return words.t("overview.by_best", strategy=name)
    if planned.strategy == compared.recommended and planned.months is not None:
        own = next(plan for plan in compared.plans if plan.strategy == planned.strategy)
        return _simple("overview.by_simple" if own.above_optimum else "overview.by_best", own, words)
    return words.t("overview.by_chosen", strategy=name)


def small_percent(rate: float) -> str:
    """A small rate, told apart from nothing: 0.002%."""
    return "<0.001%" if 0 < rate < SMALLEST_SHOWN else f"{rate:.3%}"


def of_missing_money(plan: Plan, words: Words) -> str:
    """What falls short, or grows, in numbers of the plan's own schedule; nothing where all is paid."""
    sentences: list[str] = []
    short = [row for row in plan.schedule if row.payment < row.minimum]
    if short:
        month = _month_of(plan, min(row.month for row in short))
        due, paid = sum(row.minimum for row in month), sum(row.payment for row in month)
        sentences.append(_in_month("finding.short", month[0].month, plan.currency, words, due=due, paid=paid))
    if plan.months is None and plan.schedule:
        month = _month_of(plan, max(row.month for row in plan.schedule))
        cost, paid = sum(row.interest + row.fees for row in month), sum(row.payment for row in month)
        owed = sum(row.closing for row in month)
        sentences.append(
            _in_month("finding.grows", month[0].month, plan.currency, words, cost=cost, paid=paid, owed=owed)
        )
    return words.t("common.sentence_gap").join(sentences)


def _month_of(plan: Plan, month: str) -> list[PlanMonth]:
    return [row for row in plan.schedule if row.month == month]


def _in_month(key: str, month: str, currency: str, words: Words, **amounts: Decimal | int) -> str:
    written = {name: words.money(Decimal(amount), currency) for name, amount in amounts.items()}
    return words.t(key, month=words.month(month), **written)


def of_payoffs(plan: Plan, words: Words) -> str:
    """Which debt goes first and which last."""
    ended = sorted((debt for debt in plan.debts if debt.paid_off), key=lambda debt: debt.paid_off or "")
    if not ended:
        return words.t("finding.no_payoff")
    first, last = ended[0], ended[-1]
    if len(ended) < len(plan.debts):
        return words.t("finding.some_payoffs", count=len(ended), all=len(plan.debts))
    if len(ended) == 1:
        return words.t("finding.one_payoff", debt=first.name, month=words.month(first.paid_off))
    return words.t(
        "finding.payoffs",
        first=first.name,
        first_month=words.month(first.paid_off),
        last=last.name,
        last_month=words.month(last.paid_off),
    )


def of_minimums_only(measures: Health, words: Words) -> str:
    """What paying the minimums only comes to, and what clears all in three years where that is sooner."""
    if measures.payment_36 is None or not measures.total:
        return ""
    money = partial(words.money, currency=measures.currency)
    months, total = measures.minimum_months, measures.minimum_total
    if months is None or total is None:
        said = words.t("overview.minimums_never")
    else:
        said = words.t("overview.minimums_only", span=words.span(months), total=money(total))
    if months is not None and months <= MONTHS_OF_PAYMENT_36:
        return said
    sooner = words.t("overview.in_36", payment=money(measures.payment_36), span=words.span(MONTHS_OF_PAYMENT_36))
    return said + sooner


def of_warning(warning: HealthWarning, currency: str, words: Words) -> str:
    """A warning of the planner as a sentence, and what to do; one we have no words for shows its code."""
    said = warning_words(warning.code, warning.amounts, "zh" if words.language == "zh" else "en")
    if not said:
        return f"{warning.code}: {warning.debt or ''}"
    values = {name: words.money(amount, currency) for name, amount in warning.amounts.items()}
    values |= {name: words.percent(rate) for name, rate in warning.rates.items()}
    if warning.cap is not None:
        name = warning.cap.name
        values |= {"rule": name.zh if words.language == "zh" else name.en, "source": warning.cap.source.title}
    return said.format(debt=warning.debt or "", month=words.month(warning.month), months=warning.months, **values)


def _cost(plan: Plan) -> Decimal:
    return plan.total_interest + plan.total_fees
