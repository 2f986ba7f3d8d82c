"""Agent: put a question, watch the answer arrive, and find it again, whole and once, after any click or reload."""

from __future__ import annotations

import streamlit as st

from dashboard.asking.client import ApiError
from dashboard.holding.answers import client
from dashboard.holding.session import session, t
from dashboard.panels import answer_panel, question_panel, task_list, watch_panel
from dashboard.showing.show import card, error_box, heading, note, title
from dashboard.text import escaped


def page() -> None:
    """Draw the page."""
    heading(t("nav.agent"))
    state = session()
    left, right = st.columns([2, 3], gap="medium")
    with left:
        question_panel.draw()
        task_list.draw()
    with right:
        if state.task is None:
            with card("no_task"):
                title(t("agent.answer"))
                note(escaped(t("agent.no_task")))
        else:
            _task(state.task)


def _task(task_id: str) -> None:
    """The task on screen: while it runs its text as it arrives, after that the stored answer and nothing else."""
    try:
        task = client().task(task_id)
    except ApiError as error:
        error_box(error, name="task")
        if error.kind == "missing":
            session().task = None
        return
    with card("answer"):
        if task.is_finished:
            # The record is final: what was read of the stream is not needed any more.
            session().readings.pop(task_id, None)
            answer_panel.draw(task)
        else:
            watch_panel.draw(task)


page()
