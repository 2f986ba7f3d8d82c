"""The sentence over each chart: what it shows, in the reader's words. Knows nothing of Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dashboard.text import Words
from data.health import HealthWarning
from data.plan import Plan


def of_balances(plan: Plan, words: Words) -> str:
    """When the debts are gone, or that they never are."""
    strategy = words.t(f"strategy.{plan.strategy}")
    if plan.months is None:
        return words.t("finding.never_paid", strategy=strategy)
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
        return words.t("finding.interest_same", strategy=strategy, amount=words.money(_cost(own), own.currency))
    return words.t(
        "finding.interest_less",
        strategy=strategy,
        amount=words.money(difference, own.currency, whole=True),
        other=words.t(f"strategy.{dearest.strategy}"),
    )


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


def of_warning(warning: HealthWarning, currency: str, words: Words) -> str:
    """A warning of the planner as a sentence; one we have no words for shows its code."""
    key = f"alert.{warning.code}"
    amounts = {name: words.money(amount, currency) for name, amount in warning.amounts.items()}
    rates = {f"rate_{name}": words.percent(rate) for name, rate in warning.rates.items()}
    known = words.known(key, "")
    if not known:
        return f"{warning.code}: {warning.debt or ''}"
    return known.format(debt=warning.debt or "", month=words.month(warning.month), **amounts, **rates)


def _cost(plan: Plan) -> Decimal:
    return plan.total_interest + plan.total_fees
