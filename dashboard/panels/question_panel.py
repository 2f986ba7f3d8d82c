"""The question to an agent: what is asked, in which language, and exactly what will be sent."""

from __future__ import annotations

import streamlit as st

from dashboard.asking.client import ApiError, key
from dashboard.holding.answers import client, forget, now_and_then
from dashboard.holding.session import Session, namer, session, t
from dashboard.showing.show import card, error_box, note, title
from dashboard.showing.strip import is_offline
from dashboard.text import LANGUAGES, escaped
from data.wire.task import TaskType
from data.wire.task_result import Json

TASK_TYPES = tuple(kind.value for kind in TaskType)
SUGGESTIONS = ("suggest.overwhelmed", "suggest.first", "suggest.faster")


def draw() -> None:
    """Draw the panel."""
    state = session()
    with card("question"):
        title(t("agent.ask"))
        _suggestions(state)
        kind = _kind(state)
        question = _question(state, str(kind))
        language = st.segmented_control(
            t("agent.language"),
            LANGUAGES,
            default=state.language,
            required=True,
            format_func=namer("language"),
            key=f"answer_language_{state.language}",
        )
        has_portfolio = state.shown is not None and st.checkbox(
            t("agent.with_portfolio", title=state.shown.title), value=True, key="with_portfolio"
        )
        request = _request(state, str(kind), question, str(language), with_portfolio=has_portfolio)
        _preview(request)
        can_run = has_portfolio or (kind == "financial_advice" and bool(question))
        if st.button(t("agent.run"), type="primary", key="run_task", disabled=not can_run, width="stretch"):
            _start(state, request)
        if not can_run:
            note(escaped(t("agent.needs")))
    if state.action_error is not None:
        error_box(state.action_error, name="start_task", retry=False)
        state.action_error = None


def _suggestions(state: Session) -> None:
    with st.container(horizontal=True, gap="small", key="chips"):
        for name in SUGGESTIONS:
            if st.button(escaped(t(name)), key=f"ask_{name}"):
                state.question = t(name)
                state.once["task_type"] = "financial_advice"
                # Widgets with another key: Streamlit would keep what the earlier ones held.
                st.session_state["question_stamp"] = st.session_state.get("question_stamp", 0) + 1
                st.rerun()


def _kind(state: Session) -> str:
    held = state.once.get("task_type", "financial_advice" if state.question else "repayment_plan")
    kind = st.selectbox(
        t("agent.type"),
        TASK_TYPES,
        index=TASK_TYPES.index(held),
        format_func=namer("task"),
        key=f"task_type_{state.language}_{st.session_state.get('question_stamp', 0)}",
    )
    state.once["task_type"] = str(kind)
    note(escaped(t(f"task.{kind}.what")))
    return str(kind)


def _question(state: Session, kind: str) -> str:
    needs = "agent.question" if kind == "financial_advice" else "agent.question_optional"
    question = st.text_area(
        t(needs),
        state.question,
        key=f"question_{state.language}_{st.session_state.get('question_stamp', 0)}",
        placeholder=t("suggest.overwhelmed"),
        max_chars=4000,
        height=96,
    )
    state.question = (question or "").strip()
    return state.question


def _request(state: Session, kind: str, question: str, language: str, *, with_portfolio: bool) -> Json:
    """What will be sent: nothing is added to it later."""
    request: Json = {"type": kind, "language": language}
    if question:
        request["question"] = question
    if with_portfolio and state.shown is not None:
        request["portfolio"] = state.shown.portfolio.model_dump(mode="json", exclude_none=True)
    return request


def _preview(request: Json) -> None:
    with st.expander(t("agent.preview"), key="preview"):
        try:
            models = now_and_then("models", client().models, every_s=60)
            where = "agent.stays" if is_offline(models) else "agent.goes"
            note(escaped(t(where)))
        except ApiError:
            note(escaped(t("agent.unknown_model")))
        st.json(request, expanded=2)


def _start(state: Session, request: Json) -> None:
    """Send the question; sent again after a failure it is still one task."""
    stamp = state.once.setdefault(f"task {request}", key())
    try:
        state.task = client().start_task(request, idempotency_key=stamp)
    except ApiError as error:
        state.action_error = error
        return
    # Sent: the same question once more is another task.
    state.once.pop(f"task {request}", None)
    forget("tasks")
    st.rerun()
