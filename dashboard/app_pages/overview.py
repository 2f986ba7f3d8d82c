"""Overview: what is owed, when it ends, what it costs, what is due next, and what to watch."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.holding.answers import comparison, health, plan
from dashboard.holding.session import Shown, md, session, t, words
from dashboard.showing import charts, findings, tables
from dashboard.showing.show import card, chart, error_box, facts, heading, note, nothing_owed, outage_note, title
from dashboard.text import escaped
from data.answers.health import Health
from data.answers.plan import Comparison, Plan

SUGGESTIONS = ("suggest.overwhelmed", "suggest.first", "suggest.faster")


def page() -> None:
    """Draw the page."""
    heading(t("nav.overview"))
    shown = session().shown
    if shown is None:
        note(escaped(t("overview.empty")))
        return
    _ways_to_begin(shown)
    try:
        measures, compared = health(shown.portfolio), comparison(shown.portfolio)
        chosen = session().strategy or tables.recommended(compared.value)
        planned = plan(shown.portfolio, chosen)
    except ApiError as error:
        error_box(error, name="overview")
        return
    outage_note(planned, name="overview")
    _measures(measures.value, compared.value, planned.value)
    _shortfall_hint(planned.value)
    left, right = st.columns([5, 3], gap="medium")
    with left:
        _balances(planned.value)
    with right:
        _next_payments(shown, planned.value)
        _alerts(measures.value)
    _suggestions()


def _balances(planned: Plan) -> None:
    if not planned.schedule:
        nothing_owed()
        return
    chart(
        charts.stacked_balance(planned, words()).update_layout(height=470),
        tables.balances_frame(planned, words()),
        name="overview_balances",
        heading=findings.of_balances(planned, words()),
        alt=t("chart.alt_balances"),
    )


def _ways_to_begin(shown: Shown) -> None:
    """Where the debts on screen come from, and how to bring one's own."""
    with st.container(horizontal=True, vertical_alignment="center", key="begin"):
        st.markdown(escaped(t(f"begin.{shown.source}", title=shown.title)))
        if st.button(t("begin.do_upload"), key="begin_upload"):
            st.switch_page("app_pages/portfolios.py")
        if st.button(t("begin.do_type"), key="begin_type"):
            session().once["portfolios_tab"] = "type"
            st.switch_page("app_pages/portfolios.py")


def _measures(measures: Health, compared: Comparison, planned: Plan) -> None:
    say, currency = words(), measures.currency
    dash = t("common.none")
    saved = planned.saved_vs_minimum
    ratio = measures.debt_to_income
    facts(
        [
            (t("measure.total"), say.money(measures.total, currency), None),
            (t("measure.rate"), say.percent(measures.weighted_apr), t("measure.rate_help")),
            (t("measure.minimums"), say.money(measures.monthly_minimums, currency), t("measure.minimums_help")),
            (t("measure.ratio"), dash if ratio is None else say.percent(ratio, 1), t("measure.ratio_help")),
            (t("measure.debt_free"), say.month(planned.debt_free, short=True), say.span(planned.months)),
            (
                t("measure.interest"),
                dash if planned.months is None else say.money(planned.total_interest, currency),
                t("measure.interest_help"),
            ),
            (
                t("measure.saved"),
                dash if saved is None else say.money(saved, currency),
                t("measure.saved_help" if saved is not None else "measure.saved_never"),
            ),
        ],
        name="measures",
    )
    if planned.schedule and (planned.months is not None or planned.strategy != tables.recommended(compared)):
        note(escaped(findings.of_choice(planned, compared, say)))
    minimums_only = findings.of_minimums_only(measures, say)
    if minimums_only:
        note(escaped(minimums_only))


def _shortfall_hint(planned: Plan) -> None:
    if planned.status == "paid_off":
        return
    numbers = escaped(findings.of_missing_money(planned, words()))
    body = t("common.sentence_gap").join((md(f"overview.{planned.status}"), numbers))
    st.warning(body, title=t(f"status.{planned.status}"))
    if st.button(t("overview.see_plans"), key="see_plans"):
        st.switch_page("app_pages/plans.py")


def _next_payments(shown: Shown, planned: Plan) -> None:
    say = words()
    today = datetime.now(UTC).astimezone().date()
    with card("next"):
        title(t("next.title"))
        payments = tables.next_payments(planned, shown.portfolio.debts, today)
        if not payments:
            note(escaped(t("next.none")))
        for place, payment in enumerate(payments):
            with st.container(horizontal=True, horizontal_alignment="distribute", gap="small", key=f"next_{place}"):
                st.markdown(f"**{escaped(payment.debt)}**  \n:gray[{escaped(say.day(payment.day))}]", width="content")
                st.markdown(f"**{escaped(say.money(payment.amount, planned.currency))}**", width="content")


def _alerts(measures: Health) -> None:
    with card("alerts"):
        title(t("alert.title"))
        if not measures.warnings:
            st.markdown(f":green[●] {escaped(t('alert.none'))}")
        for warning in measures.warnings:
            st.markdown(f":orange[●] {escaped(findings.of_warning(warning, measures.currency, words()))}")


def _suggestions() -> None:
    """Questions to begin with; one click carries them to the agent."""
    with card("suggest"):
        title(t("suggest.title"))
        with st.container(horizontal=True):
            for key in SUGGESTIONS:
                if st.button(escaped(t(key)), key=key):
                    state = session()
                    state.question, state.task = t(key), None
                    st.switch_page("app_pages/agent.py")


page()
