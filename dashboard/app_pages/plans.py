"""Plans: every strategy side by side, what each costs over time, and the chosen one month by month."""

from __future__ import annotations

import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.holding.answers import comparison, plan
from dashboard.holding.session import md, namer, session, t, words
from dashboard.showing import charts, findings, tables
from dashboard.showing.show import card, chart, error_box, heading, note, nothing_owed, outage_note, table, title
from dashboard.text import escaped
from data.answers.plan import Comparison, Plan, PlanStatus


def page() -> None:
    """Draw the page."""
    heading(t("nav.plans"))
    shown = session().shown
    if shown is None:
        note(escaped(t("overview.empty")))
        return
    try:
        compared = comparison(shown.portfolio)
        plans = [plan(shown.portfolio, each.strategy) for each in tables.ranked(compared.value)]
    except ApiError as error:
        error_box(error, name="plans")
        return
    outage_note(compared, name="plans")
    if not any(each.value.schedule for each in plans):
        nothing_owed()
        return
    _compared(compared.value)
    chosen = _chosen(compared.value)
    own = next(each.value for each in plans if each.value.strategy == chosen)
    _what_falls_short(own)
    _offers(own)
    _charts(own, [each.value for each in plans])
    _schedule(own)


def _compared(compared: Comparison) -> None:
    with card("compared"):
        title(findings.of_comparison(compared, words()))
        table(tables.comparison_frame(compared, words()), name="strategies")
        known = findings.of_bound(compared, words())
        for said in (known, findings.of_simple_order(compared, words())):
            if said:
                st.markdown(escaped(said))
        note(escaped(t("plans.saved_note") + (t("plans.above_note") if tables.knows_optimum(compared) else "")))


def _chosen(compared: Comparison) -> str:
    """The strategy whose plan is shown below; the recommended one unless another is chosen."""
    names = [each.strategy for each in tables.ranked(compared)]
    state, usual = session(), tables.recommended(compared)
    held = state.strategy if state.strategy in names else usual
    named, best = namer("strategy"), tables.cheapest(compared)
    marks = {usual: f" · {t('column.recommended')}", best: f" · {t('column.best')}"} if best else {}
    picked = st.selectbox(
        t("plans.choose"),
        names,
        index=names.index(held),
        format_func=lambda name: named(name) + marks.get(name, ""),
        # The key names all that the choice depends on: Streamlit would otherwise keep an earlier choice.
        key=f"strategy_{state.language}_{usual}_{held}",
        width=420,
    )
    state.strategy = None if picked == usual else picked
    st.markdown(f":gray[{escaped(t(f'strategy.{picked}.how'))}]")
    return str(picked)


def _what_falls_short(own: Plan) -> None:
    """Say that the money does not do, and offer the smallest budget that does."""
    if own.status is PlanStatus.PAID_OFF:
        return
    missed = md("plans.missed", count=len(own.missed)) if own.missed else ""
    if own.missed_cost:
        missed += t("common.sentence_gap") + md(
            "plans.missed_cost", amount=words().money(own.missed_cost, own.currency)
        )
    numbers = escaped(findings.of_missing_money(own, words()))
    body = t("common.sentence_gap").join(part for part in (md(f"overview.{own.status}"), missed, numbers) if part)
    st.warning(body, title=t(f"status.{own.status}"))
    if own.required_budget is None:
        return
    amount = words().money(own.required_budget, own.currency)
    required = float(own.required_budget)
    st.button(
        md("plans.use_budget", amount=amount),
        key="use_budget",
        type="primary",
        on_click=lambda: session().change_budget(required),
    )


def _offers(own: Plan) -> None:
    """The offers that the plan takes up, where it takes any."""
    if not own.offers_taken:
        return
    with card("offers"):
        title(t("plans.offers_taken", count=len(own.offers_taken)))
        table(tables.offers_frame(own, words()), name="offers_taken")


def _charts(own: Plan, plans: list[Plan]) -> None:
    say = words()
    left, right = st.columns(2, gap="medium")
    with left:
        chart(
            charts.stacked_balance(own, say),
            tables.balances_frame(own, say),
            name="balances",
            heading=findings.of_balances(own, say),
            alt=t("chart.alt_balances"),
        )
    with right:
        chart(
            charts.cumulative_interest(plans, say, own.strategy),
            tables.interest_frame(plans, say),
            name="interest",
            heading=findings.of_interest(plans, own.strategy, say),
            alt=t("chart.alt_interest"),
        )
    chart(
        charts.payoff_timeline(own, say),
        tables.payoff_frame(own, say),
        name="payoffs",
        heading=findings.of_payoffs(own, say),
        alt=t("chart.alt_payoffs"),
    )


def _schedule(own: Plan) -> None:
    with card("schedule"):
        title(t("schedule.title", strategy=t(f"strategy.{own.strategy}")))
        views = ("payments", "details")
        view = st.segmented_control(
            t("schedule.view"),
            views,
            default="payments",
            required=True,
            format_func=namer("schedule"),
            key=f"schedule_view_{words().language}",
            label_visibility="collapsed",
        )
        make = tables.payments_frame if view == "payments" else tables.schedule_frame
        table(make(own, words()), name=f"{view}_{own.strategy}", height=440)


page()
